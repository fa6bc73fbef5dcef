import type { LiveSession } from "../../documents/index.ts";
import { Badge } from "../parts/badge.tsx";
import { Section } from "../parts/section.tsx";
import { Shown, shownText } from "../parts/shown.tsx";
import { Ago, Since } from "../parts/times.tsx";

/** What a session that runs does at this moment. */
export function SessionNow({ activity }: Pick<LiveSession, "activity">) {
  return (
    <Section id="session-now" title="Now">
      {activity === null && <p class="hint">It has said nothing yet.</p>}
      {activity?.tool && (
        <p class="doing">
          <Badge tone="run">{shownText(activity.tool.name, 60)}</Badge>{" "}
          <span class="mono">
            <Shown text={activity.tool.detail} />
          </span>{" "}
          <span class="hint">
            for <Since at={activity.tool.since} />
          </span>
        </p>
      )}
      {activity?.text && (
        <blockquote>
          <Shown text={activity.text} />
        </blockquote>
      )}
      {activity && (
        <p class="hint">
          last sign <Ago at={activity.at} />
        </p>
      )}
    </Section>
  );
}
