import type { FlowTaskSpec } from "../../domain/flow-plan.ts";
import type { Instant } from "../../domain/time.ts";
import { type GraphProblem, graphProblem } from "../../flow/settle/check-graph.ts";
import { isOver, lets, type TaskFacts } from "../../flow/settle/facts.ts";
import type { Consequence } from "../../flow/settle/policy.ts";
import type { FlowAnswer } from "../ports/flows.ts";
import { all, must, type Operation } from "../statement.ts";
import type { FlowChange } from "./flow-row.ts";
import { readFacts } from "./flow-task-row.ts";
import { logFlow } from "./log-flow.ts";
import { applied, growingFlow, refused } from "./refuse.ts";
import { settleFlow } from "./settle-flow.ts";
import { insertTasks } from "./submit-flow.ts";

/** Nothing that is there needs a new task, so that a circle can only be among the new ones. */
export function* addFlowTasks(
  flowId: string,
  tasks: readonly FlowTaskSpec[],
  actor: string,
  now: Instant,
): Operation<FlowAnswer> {
  const flow = yield* growingFlow(flowId);
  if ("kind" in flow) return flow;
  if (tasks.length === 0) return applied;
  const fresh = new Set(tasks.map(({ id }) => id));
  const outside = [...new Set(tasks.flatMap(({ dependsOn }) => dependsOn))].filter((id) => !fresh.has(id));
  const needed = new Map((yield* readFacts(flowId, outside)).map((task) => [task.id, task]));
  const problem = problemOf(tasks, fresh, needed) ?? (yield* repeated(flowId, tasks));
  if (problem) return refused("bad-task", problem.summary);
  const change: FlowChange = { flow, actor, now };
  const unmet = tasks.map((task) => {
    const waits = [...new Set(task.dependsOn)].filter((id) => {
      const need = needed.get(id);
      return need === undefined || !lets(need);
    });
    return waits.length;
  });
  const { position } = yield* must<{ readonly position: number }>(
    `select coalesce(max(position), 0) + 1 as position from flow_tasks where flow_id = @flowId`,
    { flowId },
  );
  yield* insertTasks(change, tasks, unmet, position);
  const events = tasks.map((task, index) => ({
    kind: "flow.task-added",
    taskId: task.id,
    body: JSON.parse(JSON.stringify({ spec: task, position: position + index })),
  }));
  yield* logFlow(flowId, events, actor, now);
  const facts = yield* readFacts(flowId, [...fresh]);
  const first = facts.flatMap((task) => movesOf(task, tasks, needed));
  yield* settleFlow(change, { first, tasks: facts });
  return applied;
}

function problemOf(
  tasks: readonly FlowTaskSpec[],
  fresh: ReadonlySet<string>,
  needed: ReadonlyMap<string, TaskFacts>,
): Pick<GraphProblem, "summary"> | null {
  for (const { id, dependsOn, judges } of tasks) {
    const unknown = dependsOn.find((need) => !fresh.has(need) && !needed.has(need));
    if (unknown !== undefined) return { summary: `Task ${id} needs ${unknown}, which is not in the flow.` };
    if (judges !== null && !fresh.has(judges)) {
      return { summary: `Task ${id} judges ${judges}, which was there before: a new judge judges a new task.` };
    }
  }
  return graphProblem(tasks.map((task) => ({ ...task, dependsOn: task.dependsOn.filter((id) => fresh.has(id)) })));
}

function* repeated(flowId: string, tasks: readonly FlowTaskSpec[]): Operation<Pick<GraphProblem, "summary"> | null> {
  const [known] = yield* all<{ readonly id: string }>(
    `select id from flow_tasks where flow_id = @flowId and lower(id) in (select lower(value) from json_each(@ids)) limit 1`,
    { flowId, ids: JSON.stringify(tasks.map(({ id }) => id)) },
  );
  return known ? { summary: `Task ${known.id} is in the flow already (letter case aside).` } : null;
}

/** What needs a task that ended badly is skipped at once, as it would have been then. */
function movesOf(
  task: TaskFacts,
  specs: readonly FlowTaskSpec[],
  needed: ReadonlyMap<string, TaskFacts>,
): readonly Consequence[] {
  const at = { taskId: task.id, from: task.state };
  const needs = specs.find(({ id }) => id === task.id)?.dependsOn ?? [];
  const bad = needs.map((id) => needed.get(id)).find((need) => need && isOver(need) && !lets(need));
  if (bad) return [{ step: { ...at, state: "skipped", reason: `needs-${bad.state}` } }];
  return task.unmet === 0 ? [{ step: { ...at, state: "queued", reason: null } }] : [];
}
