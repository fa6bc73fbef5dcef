import type { Flow, FlowTask } from "../../domain/flow.ts";
import type { Amount } from "../../domain/spend.ts";
import type { Instant } from "../../domain/time.ts";
import { ListQuery } from "../list-query.ts";
import type { FlowStore, FlowTaskFilter } from "../ports/flows.ts";
import { usdOf } from "../spend-of-session.ts";
import { all, must, type Operation, one } from "../statement.ts";
import { type FlowRow, flowColumns, flowFrom, flowKeeperQueue } from "./flow-row.ts";
import { type FlowTaskRow, flowTaskColumns, flowTaskFrom } from "./flow-task-row.ts";

export function* listFlows(filter: Parameters<FlowStore["list"]>[0]): Operation<readonly Flow[]> {
  const query = new ListQuery().whenOneOf("state", filter.states);
  // The index's own condition, see listTasks.
  if (filter.states?.every((state) => state === "running" || state === "paused")) query.and("finished_at is null");
  const from = { columns: flowColumns, table: "flows", order: ["created_at", "id"], keep: "newest" } as const;
  return (yield* query.rows<FlowRow>({ ...from, limit: filter.limit })).map(flowFrom);
}

export function* listFlowTasks(flowId: string, filter: FlowTaskFilter = {}): Operation<readonly FlowTask[]> {
  const query = new ListQuery()
    .when("flow_id = @flowId", "flowId", flowId)
    .when("id in (select value from json_each(@ids))", "ids", filter.ids && JSON.stringify(filter.ids))
    .when("position > @afterPosition", "afterPosition", filter.afterPosition)
    .whenOneOf("state", filter.states);
  const from = { columns: flowTaskColumns, table: "flow_tasks", order: ["position"], keep: "oldest" } as const;
  return (yield* query.rows<FlowTaskRow>({ ...from, limit: filter.limit })).map(flowTaskFrom);
}

export function* listEnded(flowId: string, limit: number): Operation<Awaited<ReturnType<FlowStore["ended"]>>> {
  return yield* all(
    `select id, state, reason, summary from flow_tasks where flow_id = @flowId and finished_at is not null
      order by finished_at desc, position desc limit @limit`,
    { flowId, limit },
  );
}

export function* flowTaskOfQueue(queueTaskId: number): Operation<FlowTask | null> {
  const row = yield* one<FlowTaskRow>(`select ${flowTaskColumns} from flow_tasks where queue_task_id = @queueTaskId`, {
    queueTaskId,
  });
  return row ? flowTaskFrom(row) : null;
}

export function* listNeeds(flowId: string): Operation<Awaited<ReturnType<FlowStore["needs"]>>> {
  return yield* all(
    `select task_id as "taskId", needs_id as "needsId" from flow_needs where flow_id = @flowId
      order by task_id, needs_id`,
    { flowId },
  );
}

export function* spendOfFlow(flowId: string): Operation<Amount & { readonly attempts: number }> {
  const row = yield* one<{ readonly attempts: number; readonly tokens: number; readonly micros: number }>(
    `select attempts, spent_tokens as tokens, spent_micros as micros from flows where id = @flowId`,
    { flowId },
  );
  return { attempts: row?.attempts ?? 0, tokens: row?.tokens ?? 0, usd: usdOf(row?.micros ?? 0) };
}

/** Two looks into indices that hold nothing while nothing is under way. */
export function* isUnderWay(): Operation<boolean> {
  const { found } = yield* must<{ readonly found: 0 | 1 }>(
    `select exists (select 1 from flows where finished_at is null)
        or exists (select 1 from tasks where queue = '${flowKeeperQueue}' and state in ('scheduled', 'queued', 'running'))
        as found`,
    {},
  );
  return found === 1;
}

export function* startable(
  limit: number,
  now: Instant,
): Operation<{ readonly flowIds: readonly string[]; readonly nextAt: Instant | null }> {
  const rows = yield* all<{ readonly id: string }>(
    `select id from flows f where finished_at is null and state = 'running' and ending is null
        and (exists (select 1 from flow_tasks where flow_id = f.id and state = 'queued' and due_at is null)
          or exists (select 1 from flow_tasks where flow_id = f.id and state = 'queued' and due_at <= @now))
      order by created_at, id limit @limit`,
    { now, limit },
  );
  const { nextAt } = yield* must<{ readonly nextAt: Instant | null }>(
    `select min((select min(due_at) from flow_tasks where flow_id = f.id and state = 'queued' and due_at > @now))
        as "nextAt" from flows f where finished_at is null and state = 'running' and ending is null`,
    { now },
  );
  return { flowIds: rows.map(({ id }) => id), nextAt };
}
