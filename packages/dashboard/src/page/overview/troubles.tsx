import type { HostDocument } from "../../documents/index.ts";
import { type AnyProfile, type Board, isBroken } from "../board.ts";
import { Many } from "../parts/many.tsx";
import { Section } from "../parts/section.tsx";
import { Shown } from "../parts/shown.tsx";
import { At, Since } from "../parts/times.tsx";
import { WhatToDo } from "../parts/what-to-do.tsx";
import { hashOf } from "../routes.ts";
import { standingOf } from "../standing.ts";

/** Profiles that cannot work: those that cannot be read, those whose runtime died. The others go on beside them. */
export function Troubles({ board }: { readonly board: Board }) {
  const troubled = board.profiles.filter((profile) => troubleOf(profile, board.host) !== null);
  const problems = board.host?.hostRules?.problems ?? [];
  return (
    <>
      {problems.length > 0 && (
        <section class="card bad trouble" aria-label="host.yaml">
          <h2>host.yaml is not followed as it stands</h2>
          {problems.slice(0, 5).map((problem) => (
            <p key={problem}>
              <Shown text={problem} />
            </p>
          ))}
        </section>
      )}
      {troubled.length > 0 && (
        <Section id="troubles" title="Profiles that do not work" count={troubled.length} tone="bad">
          <Many of={troubled} what="profiles" first={8}>
            {(profile) => (
              <li class="row slim trouble" key={profile.profileId}>
                <div class="row-main">
                  <a class="profile-name" data-row href={hashOf({ page: "profile", profileId: profile.profileId })}>
                    {profile.profileId}
                  </a>
                  {troubleOf(profile, board.host)}
                </div>
              </li>
            )}
          </Many>
        </Section>
      )}
    </>
  );
}

/** Null: none. */
export function troubleOf(profile: AnyProfile, host: HostDocument | null) {
  const standing = standingOf(profile, host);
  if (isBroken(profile))
    return (
      <p>
        This profile cannot be read. <Shown text={profile.error} most={1_000} />
      </p>
    );
  if (standing.kind !== "gone") return null;
  return (
    <p>
      Not running since <At at={standing.since} /> (<Since at={standing.since} />
      ): its runtime, process {standing.pid}, is gone.{" "}
      <WhatToDo
        text={`"acp runtime start --profile-id ${profile.profileId}" starts another, which goes on where it was.`}
      />
    </p>
  );
}
