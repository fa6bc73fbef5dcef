import type { ProfileDocument } from "../../documents/index.ts";
import { Many } from "../parts/many.tsx";
import { SubjectLink } from "../parts/subject.tsx";
import { Ago } from "../parts/times.tsx";
import { reasonText } from "../reasons.ts";

/** What failed and is tried again by itself. */
export function RetryList({ profile: { profileId, retries, titles } }: { readonly profile: ProfileDocument }) {
  return (
    <Many of={retries} what="retries" first={8} class="moments">
      {({ subject, lane, attempts, maxAttempts, runAt, reason }) => (
        <li key={`${subject} ${lane}`}>
          <span class="moment-what">
            <SubjectLink {...{ profileId, subject }} title={titles[subject]} />
            <span class="hint">
              after {attempts} of {maxAttempts} tries{reason !== null && `: ${reasonText(reason)}`}
            </span>
          </span>
          <span class="moment-when">
            <Ago at={runAt} />
          </span>
        </li>
      )}
    </Many>
  );
}
