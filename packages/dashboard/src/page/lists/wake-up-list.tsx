import type { WakeUp } from "../../documents/index.ts";
import { Many } from "../parts/many.tsx";
import { Shown } from "../parts/shown.tsx";
import { SubjectLink } from "../parts/subject.tsx";
import { Ago } from "../parts/times.tsx";

export interface Waking extends WakeUp {
  readonly profileId: string;
  readonly title: string;
}

/** What will happen by itself, the soonest first. */
export function WakeUpList({ of, withProfile }: { readonly of: readonly Waking[]; readonly withProfile: boolean }) {
  return (
    <Many of={merged(of)} what="wake-ups" first={6} class="moments">
      {({ at, what, profileId, subject, title, text }) => (
        <li key={`${profileId} ${what} ${subject} ${at}`}>
          <span class="moment-what">
            {subject === null && withProfile && <span class="of-profile">{profileId}</span>}
            {subject !== null && <SubjectLink {...{ profileId, subject, title, withProfile }} />}
            <span class="hint">
              <Shown text={text === "" ? what : text} />
            </span>
          </span>
          <span class="moment-when">
            <Ago at={at} />
          </span>
        </li>
      )}
    </Many>
  );
}

/** What is awaited by several profiles stands there once, with all their names. */
function merged(all: readonly Waking[]): readonly Waking[] {
  const once = new Map<string, Waking>();
  for (const one of all) {
    const key =
      one.subject === null ? `${one.what} ${one.text} ${one.at}` : `${one.profileId} ${one.subject} ${one.at}`;
    const known = once.get(key);
    once.set(key, known ? { ...known, profileId: `${known.profileId}, ${one.profileId}` } : one);
  }
  return [...once.values()];
}
