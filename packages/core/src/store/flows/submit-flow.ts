import type { Flow } from "../../domain/flow.ts";
import type { FlowPlan, FlowTaskSpec } from "../../domain/flow-plan.ts";
import type { Instant } from "../../domain/time.ts";
import { graphProblem } from "../../flow/settle/check-graph.ts";
import { enqueueTask } from "../enqueue-task.ts";
import type { FlowSubmission } from "../ports/flows.ts";
import { count, must, type Operation } from "../statement.ts";
import { addMessages } from "./flow-messages.ts";
import {
  type FlowChange,
  type FlowRow,
  flowColumns,
  flowFrom,
  flowKeeperLane,
  flowKeeperQueue,
  readFlow,
} from "./flow-row.ts";
import { specColumns } from "./flow-task-row.ts";
import { logFlow } from "./log-flow.ts";
import { saveSteps } from "./settle-flow.ts";

/** The number of statements is the same for any number of tasks. */
export function* submitFlow(
  { tasks, ...plan }: FlowPlan,
  { id, folder, submittedBy }: FlowSubmission,
  now: Instant,
): Operation<{ readonly flow: Flow; readonly created: boolean }> {
  const known = yield* readFlow(id);
  if (known) return { flow: known, created: false };
  const problem = tasks.length === 0 ? { summary: "It has no tasks." } : graphProblem(tasks);
  if (problem) throw new Error(`Flow ${id} cannot be submitted: ${problem.summary} Check its plan first.`);
  const row = yield* must<FlowRow>(
    `insert into flows (id, name, state, plan, folder, submitted_by, created_at, deadline_at)
     values (@id, @name, 'running', @plan, @folder, @submittedBy, @now, @deadlineAt) returning ${flowColumns}`,
    {
      ...{ id, folder, submittedBy, now, name: plan.name, plan: JSON.stringify(plan) },
      deadlineAt: plan.deadlineMs === null ? null : now + plan.deadlineMs,
    },
  );
  const flow = flowFrom(row);
  const change: FlowChange = { flow, actor: submittedBy, now };
  // The log alone tells how the tables came to be.
  const body = { ...{ name: flow.name, folder, deadlineAt: flow.deadlineAt }, plan: { ...plan }, tasks: [...tasks] };
  yield* logFlow(id, [{ kind: "flow.submitted", body: JSON.parse(JSON.stringify(body)) }], submittedBy, now);
  yield* insertTasks(change, tasks, tasks.map(unmetOf), 1);
  const first = tasks.filter((task) => unmetOf(task) === 0);
  yield* saveSteps(
    change,
    first.map((task) => ({ taskId: task.id, from: "waiting", state: "queued", reason: null })),
    new Map(),
  );
  yield* keepFlow(change);
  yield* addMessages(change, []);
  return { flow: (yield* readFlow(id)) ?? flow, created: true };
}

const unmetOf = ({ dependsOn }: FlowTaskSpec): number => new Set(dependsOn).size;

/** As waiting; the caller moves on what may begin. */
export function* insertTasks(
  { flow }: FlowChange,
  tasks: readonly FlowTaskSpec[],
  unmet: readonly number[],
  position: number,
): Operation<void> {
  const judges = new Map(tasks.flatMap((task) => (task.judges === null ? [] : [[task.judges, task.id] as const])));
  yield* count(
    `insert into flow_tasks (flow_id, id, position, spec, state, unmet, judge, worker, group_name, priority, on_fail,
        judges, rounds, ask)
      select @flowId, value ->> 'id', @position + key, value ->> 'spec', 'waiting', value ->> 'unmet', value ->> 'judge',
          value ->> 'worker', value ->> 'group', value ->> 'priority', value ->> 'onFail', value ->> 'judges',
          value ->> 'rounds', value ->> 'ask'
        from json_each(@tasks)`,
    {
      ...{ flowId: flow.id, position },
      tasks: JSON.stringify(
        tasks.map((task, index) => ({
          ...specColumns(task),
          ...{ id: task.id, unmet: unmet[index] ?? 0, judge: judges.get(task.id) ?? null },
        })),
      ),
    },
  );
  const needs = tasks.flatMap(({ id, dependsOn }) => [...new Set(dependsOn)].map((needsId) => [id, needsId]));
  if (needs.length === 0) return;
  yield* count(
    `insert into flow_needs (flow_id, task_id, needs_id)
      select @flowId, value ->> 0, value ->> 1 from json_each(@needs)`,
    { flowId: flow.id, needs: JSON.stringify(needs) },
  );
}

/** Whoever holds this task reads the inbox and writes the outbox, until the flow is over and all was told. */
export function* keepFlow({ flow, actor, now }: FlowChange): Operation<void> {
  const { task } = yield* enqueueTask(
    {
      ...{ queue: flowKeeperQueue, subject: flow.id, lane: flowKeeperLane, dedupeKey: `flow-keeper/${flow.id}` },
      // It fails with its runtime and not by its own doing, as often as that may be.
      maxAttempts: 1_000_000_000,
      payload: { flow: flow.id },
    },
    actor,
    now,
  );
  yield* count(`update flows set keeper_task_id = @taskId where id = @flowId`, { flowId: flow.id, taskId: task.id });
}
