import type { ShownFlow } from "../../documents/index.ts";
import { Badge, type Tone } from "../parts/badge.tsx";
import { Many } from "../parts/many.tsx";
import { Meter } from "../parts/meter.tsx";
import { Shown, shownText } from "../parts/shown.tsx";
import { hashOf } from "../routes.ts";

const tones: Readonly<Record<string, Tone>> = { running: "run", paused: "wait", failed: "bad", succeeded: "good" };

/** Flows under way, and how far they are. */
export function FlowList({ of }: { readonly of: readonly ShownFlow[] }) {
  return (
    <Many of={of} what="flows" first={8} class="flows">
      {({ id, name, state, tasks, ended, running, asking }) => (
        <li key={id}>
          <p class="flow-head">
            <a data-row href={hashOf({ page: "flow", flowId: id })}>
              <Shown text={name === "" ? id : name} most={120} />
            </a>
            <Badge tone={tones[state] ?? "off"}>{state}</Badge>
          </p>
          <Meter label={`${shownText(name, 80)}: tasks that have ended`} value={ended} most={tasks} warn={2} bad={2} />
          <p class="hint">
            {ended} of {tasks} tasks
            {running > 0 && `, ${running} running`}
            {asking > 0 && <span class="asks">, {asking === 1 ? "1 question" : `${asking} questions`} open</span>}
          </p>
        </li>
      )}
    </Many>
  );
}
