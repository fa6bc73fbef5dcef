import type { Task } from "../../domain/task.ts";
import type { Instant } from "../../domain/time.ts";
import { all, type Operation } from "../statement.ts";
import { type TaskRow, taskColumns, taskFrom } from "../task-row.ts";
import { type FlowChange, flowTaskLane, queueOf } from "./flow-row.ts";
import { logFlow } from "./log-flow.ts";

/** New tasks of the queue for these tasks of the flow, any number at once. Answers the queue's numbers by task. */
export function* enqueueFlowTasks(
  { flow, actor, now }: FlowChange,
  wanted: readonly { readonly taskId: string; readonly round: number | null; readonly runAt: Instant }[],
): Operation<ReadonlyMap<string, number>> {
  if (wanted.length === 0) return new Map();
  const rows = yield* all<TaskRow>(
    `insert into tasks (queue, subject, lane, state, priority, run_at, max_attempts, payload, created_at, updated_at)
      select @queue, t.id, '${flowTaskLane}', case when w.value ->> 'runAt' > @now then 'scheduled' else 'queued' end,
          t.priority, w.value ->> 'runAt', (t.spec ->> '$.retry.count') + 1,
          json_object('flow', t.flow_id, 'task', t.id, 'round', coalesce(w.value ->> 'round', t.round)), @now, @now
        from json_each(@wanted) w cross join flow_tasks t on t.flow_id = @flowId and t.id = w.value ->> 'taskId'
        order by t.position
     returning ${taskColumns}`,
    { queue: queueOf(flow.id), flowId: flow.id, wanted: JSON.stringify(wanted), now },
  );
  const tasks = rows.map(taskFrom);
  yield* logQueue(flow.id, "task.enqueued", tasks, actor, now, (task) => ({
    queue: task.queue,
    subject: task.subject,
    lane: task.lane,
    dedupeKey: task.dedupeKey,
    state: task.state,
    priority: task.priority,
    runAt: task.runAt,
    maxAttempts: task.maxAttempts,
    payload: task.payload,
  }));
  return new Map(tasks.map((task) => [task.subject, task.id]));
}

/** Their tasks of the queue, which have not begun, are over. */
export function* dequeueFlowTasks(
  { flow, actor, now }: FlowChange,
  taskIds: readonly string[],
  reason: string,
): Operation<void> {
  if (taskIds.length === 0) return;
  const rows = yield* all<TaskRow>(
    `update tasks set state = 'cancelled', reason = @reason, updated_at = @now, finished_at = @now
      where state in ('scheduled', 'queued') and id in (
        select t.queue_task_id from json_each(@taskIds) w
          cross join flow_tasks t on t.flow_id = @flowId and t.id = w.value)
     returning ${taskColumns}`,
    { flowId: flow.id, taskIds: JSON.stringify(taskIds), reason, now },
  );
  yield* logQueue(flow.id, "task.cancelled", rows.map(taskFrom), actor, now, ({ state }) => ({ state, reason }));
}

/** Who runs them learns it with the next heartbeat. */
export function* stopFlowTasks(
  { flow, actor, now }: FlowChange,
  taskIds: readonly string[],
  reason: string,
): Operation<void> {
  if (taskIds.length === 0) return;
  const rows = yield* all<TaskRow>(
    `update tasks set cancel_requested_at = @now, reason = @reason, updated_at = @now
      where state = 'running' and cancel_requested_at is null and id in (
        select t.queue_task_id from json_each(@taskIds) w
          cross join flow_tasks t on t.flow_id = @flowId and t.id = w.value)
     returning ${taskColumns}`,
    { flowId: flow.id, taskIds: JSON.stringify(taskIds), reason, now },
  );
  yield* logQueue(flow.id, "task.cancel-requested", rows.map(taskFrom), actor, now, () => ({ reason }));
}

function* logQueue(
  flowId: string,
  kind: string,
  tasks: readonly Task[],
  actor: string,
  now: Instant,
  body: (task: Task) => Parameters<typeof logFlow>[1][number]["body"],
): Operation<void> {
  yield* logFlow(
    flowId,
    tasks.map((task) => ({ kind, taskId: task.subject, queueTaskId: task.id, term: task.term, body: body(task) })),
    actor,
    now,
  );
}
