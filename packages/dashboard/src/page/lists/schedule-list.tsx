import type { ProfileDocument } from "../../documents/index.ts";
import { Many } from "../parts/many.tsx";
import { Shown } from "../parts/shown.tsx";
import { SubjectLink } from "../parts/subject.tsx";
import { Ago } from "../parts/times.tsx";
import { durationText } from "../said-time.ts";

/** Issues that come round. */
export function ScheduleList({ profile: { profileId, schedule, titles } }: { readonly profile: ProfileDocument }) {
  return (
    <Many of={schedule} what="schedules" first={8} class="moments">
      {({ subject, line, everyMs, lastAt, dueAt }) => (
        <li key={subject}>
          <span class="moment-what">
            <SubjectLink {...{ profileId, subject }} title={titles[subject]} />
            <span class="hint">
              {everyMs === null ? <Shown text={line} most={80} /> : `every ${durationText(everyMs)}`}
              {lastAt === null ? (
                ", not worked yet"
              ) : (
                <>
                  , last <Ago at={lastAt} />
                </>
              )}
            </span>
          </span>
          <span class="moment-when">
            <Ago at={dueAt} />
          </span>
        </li>
      )}
    </Many>
  );
}
