import type { NeedsPerson } from "../../documents/index.ts";
import { ActButton } from "../acts/act-button.tsx";
import { Many } from "../parts/many.tsx";
import { Shown } from "../parts/shown.tsx";
import { SubjectLink } from "../parts/subject.tsx";
import { Since } from "../parts/times.tsx";
import { WhatToDo } from "../parts/what-to-do.tsx";
import { hashOf } from "../routes.ts";

export interface Asking extends NeedsPerson {
  readonly profileId: string;
  readonly title: string;
}

/** What goes on only when somebody acts: what it is, why, and what to do. */
export function NeedsPersonList({
  of,
  withProfile,
}: {
  readonly of: readonly Asking[];
  readonly withProfile: boolean;
}) {
  return (
    <Many of={of} what="things" first={12}>
      {(one) => (
        <li class="row" key={`${one.profileId} ${one.subject} ${one.code}`}>
          <div class="row-main">
            <Head {...{ one, withProfile }} />
            <p class="row-sub">
              <Shown text={one.text} />
            </p>
            <p class="row-act">
              <WhatToDo text={one.act} />
            </p>
          </div>
          <p class="row-side">
            <span class="hint">
              for <Since at={one.since} />
            </span>{" "}
            {one.does && <ActButton {...one.does} about={`${one.profileId} ${one.subject ?? ""}`} />}
          </p>
        </li>
      )}
    </Many>
  );
}

function Head({ one, withProfile }: { readonly one: Asking; readonly withProfile: boolean }) {
  const { profileId, subject, title } = one;
  if (subject !== null) return <SubjectLink {...{ profileId, subject, title, withProfile }} />;
  return (
    <a class="subject-link" data-row href={hashOf({ page: "profile", profileId })}>
      {withProfile && <span class="of-profile">{profileId}</span>}
      <span class="subject-title">The profile as a whole</span>
    </a>
  );
}
