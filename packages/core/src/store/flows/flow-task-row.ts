import type { FlowTask } from "../../domain/flow.ts";
import type { FlowTaskSpec } from "../../domain/flow-plan.ts";
import type { Json } from "../../domain/json.ts";
import type { TaskFacts } from "../../flow/settle/facts.ts";
import { all, type Operation, one } from "../statement.ts";

export const flowTaskColumns =
  'flow_id as "flowId", id, position, spec, state, reason, summary, queue_task_id as "queueTaskId", round, attempts, ' +
  'lost, result, feedback, attempt_folder as "attemptFolder", started_at as "startedAt", finished_at as "finishedAt"';

export type FlowTaskRow = Omit<FlowTask, "spec" | "result"> & { readonly spec: string; readonly result: string };

export const flowTaskFrom = (row: FlowTaskRow): FlowTask => ({
  ...row,
  spec: JSON.parse(row.spec) as FlowTaskSpec,
  result: JSON.parse(row.result) as Json,
});

export function* readFlowTask(flowId: string, taskId: string): Operation<FlowTask | null> {
  const row = yield* one<FlowTaskRow>(
    `select ${flowTaskColumns} from flow_tasks where flow_id = @flowId and id = @taskId`,
    { flowId, taskId },
  );
  return row ? flowTaskFrom(row) : null;
}

export const factColumns =
  'id, state, on_fail as "onFail", judges, judge, rounds, round, unmet, is_tolerated as "isTolerated", ' +
  'is_judged as "isJudged", ask';

export type FactRow = Omit<TaskFacts, "isTolerated" | "isJudged" | "ask"> & {
  readonly isTolerated: 0 | 1;
  readonly isJudged: 0 | 1;
  readonly ask: string | null;
};

export const factsFrom = (row: FactRow): TaskFacts => ({
  ...row,
  isTolerated: row.isTolerated === 1,
  isJudged: row.isJudged === 1,
  ask: row.ask === null ? null : (JSON.parse(row.ask) as TaskFacts["ask"]),
});

export function* readFacts(flowId: string, ids: readonly string[]): Operation<readonly TaskFacts[]> {
  const rows = yield* all<FactRow>(
    `select ${factColumns} from flow_tasks
      where rowid in (select t.rowid from json_each(@ids) w
                        cross join flow_tasks t on t.flow_id = @flowId and t.id = w.value)
      order by +position`,
    { flowId, ids: JSON.stringify(ids) },
  );
  return rows.map(factsFrom);
}

/** A task as it is inserted: its specification, and what queries ask for of it. */
export const specColumns = (spec: FlowTaskSpec) => ({
  spec: JSON.stringify(spec),
  worker: spec.worker,
  group: spec.group ?? "",
  priority: spec.priority,
  onFail: spec.onFail,
  judges: spec.judges,
  rounds: spec.rounds,
  ask: spec.ask === null ? null : JSON.stringify(spec.ask),
});
