import type { Json } from "../domain/json.ts";
import type { Task } from "../domain/task.ts";
import type { Instant } from "../domain/time.ts";
import { cancelFlowTask, flowTaskOf } from "./flows/change-task.ts";
import { flowKeeperLane, flowTaskLane } from "./flows/flow-row.ts";
import { must, type Operation, one } from "./statement.ts";
import { logTask, readTask, type TaskRow, taskColumns, taskFrom } from "./task-row.ts";

/**
 * Waiting: over at once. Running: its holder learns it with the next heartbeat. Ended: nothing changes. What follows in
 * the flow of a flow's task is settled with it; a flow's keeper ends with its flow and not before.
 */
export function* cancelTask(taskId: number, actor: string, reason: string, now: Instant): Operation<Task | null> {
  const task = yield* readTask(taskId);
  if (task?.lane === flowKeeperLane) return task;
  const ofFlow = task?.lane === flowTaskLane ? yield* flowTaskOf(taskId) : undefined;
  if (ofFlow) {
    yield* cancelFlowTask(ofFlow.flowId, ofFlow.taskId, actor, reason, now);
    return yield* readTask(taskId);
  }
  if (task?.state === "running") return yield* askToStop(task, actor, reason, now);
  if (task?.state !== "scheduled" && task?.state !== "queued") return task;
  const row = yield* must<TaskRow>(
    `update tasks set state = 'cancelled', reason = @reason, updated_at = @now, finished_at = @now
      where id = @taskId returning ${taskColumns}`,
    { taskId, reason, now },
  );
  const cancelled = taskFrom(row);
  yield* logTask(cancelled, "task.cancelled", actor, now, { state: cancelled.state, reason });
  return cancelled;
}

function* askToStop(task: Task, actor: string, reason: string, now: Instant): Operation<Task> {
  if (task.cancelRequestedAt !== null) return task;
  const row = yield* must<TaskRow>(
    `update tasks set cancel_requested_at = @now, reason = @reason, updated_at = @now
      where id = @taskId returning ${taskColumns}`,
    { taskId: task.id, reason, now },
  );
  const asked = taskFrom(row);
  yield* logTask(asked, "task.cancel-requested", actor, now, { reason });
  return asked;
}

export interface TaskChange {
  readonly priority?: number;
  readonly payload?: Json;
  readonly runAt?: Instant;
}

export function* updateTask(taskId: number, change: TaskChange, actor: string, now: Instant): Operation<Task | null> {
  const task = yield* readTask(taskId);
  if (task?.state !== "scheduled" && task?.state !== "queued") return null;
  const runAt = change.runAt ?? task.runAt;
  const row = yield* must<TaskRow>(
    `update tasks set priority = @priority, payload = @payload, run_at = @runAt, state = @state, updated_at = @now
      where id = @taskId returning ${taskColumns}`,
    {
      taskId,
      priority: change.priority ?? task.priority,
      payload: JSON.stringify(change.payload === undefined ? task.payload : change.payload),
      runAt,
      state: runAt > now ? "scheduled" : "queued",
      now,
    },
  );
  const updated = taskFrom(row);
  yield* logTask(updated, "task.updated", actor, now, {
    state: updated.state,
    priority: updated.priority,
    runAt,
    payload: updated.payload,
  });
  return updated;
}

/**
 * A dead letter goes back to the queue as if it had never been tried; its term and its history stay. A flow's task is
 * retried by its flow, with all that was skipped because of it.
 */
export function* replayDeadLetter(taskId: number, actor: string, now: Instant): Operation<Task | null> {
  const row = yield* one<TaskRow>(
    `update tasks set state = 'queued', attempts = 0, run_at = @now, updated_at = @now, finished_at = null
      where id = @taskId and state = 'dead' and lane <> '${flowTaskLane}'
        and not exists (select 1 from tasks twin where twin.dedupe_key = tasks.dedupe_key
                           and twin.state in ('scheduled', 'queued', 'running'))
     returning ${taskColumns}`,
    { taskId, now },
  );
  if (!row) return null;
  const task = taskFrom(row);
  yield* logTask(task, "task.replayed", actor, now, { state: task.state, runAt: now });
  return task;
}
