import { useState } from "preact/hooks";
import type { FlowDocument } from "../../documents/index.ts";
import { ActButton } from "../acts/act-button.tsx";
import type { Board } from "../board.ts";
import { useJson } from "../fetch-json.ts";
import { Badge } from "../parts/badge.tsx";
import { Section } from "../parts/section.tsx";
import { Shown, shownText } from "../parts/shown.tsx";
import { Ago } from "../parts/times.tsx";
import { Command } from "../parts/what-to-do.tsx";
import { Asked } from "./asked.tsx";
import "./detail.css";
import { Facts } from "./facts.tsx";
import { FlowGraph } from "./flow-graph.tsx";
import { FlowTasks } from "./flow-tasks.tsx";
import { flowTone } from "./flow-words.ts";
import { useTicks } from "./use-ticks.ts";

interface FlowPageProps {
  readonly flowId: string;
  readonly board: Board;
}

/** One flow: its questions, its graph, its tasks. */
export function FlowPage({ flowId, board }: FlowPageProps) {
  const shown = board.host?.flows.find(({ id }) => id === flowId);
  const looks = useTicks(3_000, shown !== undefined);
  const version = `${looks} ${shown ? JSON.stringify(shown) : "over"}`;
  const fetched = useJson<FlowDocument>(`/api/v1/flows/${encodeURIComponent(flowId)}`, version);
  return (
    <div class="page detail">
      <Asked fetched={fetched} title={`Flow ${flowId}`}>
        {(flow) => <Flow flow={flow} />}
      </Asked>
    </div>
  );
}

function Flow({ flow }: { readonly flow: FlowDocument }) {
  const { id, name, state, goal, shownTasks, tasks, ended, running, startedAt, endedAt, reason, decisions } = flow;
  const [selected, select] = useState<string | null>(null);
  return (
    <>
      <header class="detail-head">
        <p class="crumbs">
          Flow <span class="mono">{shownText(id, 80)}</span>
        </p>
        <h1>
          <Shown text={name} most={200} /> <Badge tone={flowTone(state)}>{shownText(state, 40)}</Badge>
        </h1>
        {goal && (
          <p>
            <Shown text={goal} most={1_000} />
          </p>
        )}
      </header>
      {decisions.length > 0 && <Questions decisions={decisions} />}
      <Section id="flow-facts" title="How far it is">
        <Facts
          of={[
            ["Ended", `${ended} of ${tasks} tasks`],
            ["Running", running > 0 && running],
            ["Began", startedAt !== null && <Ago key="began" at={startedAt} />],
            ["Over", endedAt !== null && <Ago key="over" at={endedAt} />],
            ["Why", reason && <Shown key="why" text={reason} />],
          ]}
        />
      </Section>
      <Section id="flow-graph" title="Graph" hint="What stands further right waits for what stands left of it.">
        <FlowGraph tasks={shownTasks} selected={selected} onSelect={select} />
      </Section>
      <Section id="flow-tasks" title="Tasks" count={tasks}>
        {shownTasks.length < tasks && (
          <p class="hint">The first {shownTasks.length}; what failed or asks is among them.</p>
        )}
        <FlowTasks tasks={shownTasks} selected={selected} onSelect={select} />
      </Section>
    </>
  );
}

function Questions({ decisions }: Pick<FlowDocument, "decisions">) {
  return (
    <Section id="flow-questions" title="A person decides" count={decisions.length} tone="person">
      <ul class="questions">
        {decisions.map(({ ref, question, options }) => (
          <li key={ref}>
            <p>
              <Shown text={question} most={2_000} />
            </p>
            <ul class="answers">
              {options.map((option) => (
                <li key={option}>
                  <ActButton name="decide" body={{ ref, answer: option }} about={`question ${ref}`} label={option} />{" "}
                  <Command text={`acp flow decide ${quoted(ref)} --answer ${quoted(option)}`} />
                </li>
              ))}
              {options.length === 0 && (
                <li>
                  <Command text={`acp flow decide ${quoted(ref)} --answer "..."`} />
                </li>
              )}
            </ul>
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** For a shell: what an agent wrote there as an option must not become another command. */
const quoted = (option: string): string => (/^[\w.-]+$/.test(option) ? option : `'${option.replaceAll("'", "'\\''")}'`);
