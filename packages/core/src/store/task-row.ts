import type { Json } from "../domain/json.ts";
import type { Task } from "../domain/task.ts";
import type { Instant } from "../domain/time.ts";
import { logEvent } from "./events.ts";
import { type Operation, one } from "./statement.ts";

export const taskColumns =
  'id, queue, subject, lane, dedupe_key as "dedupeKey", state, priority, run_at as "runAt", attempts, ' +
  'max_attempts as "maxAttempts", term, cancel_requested_at as "cancelRequestedAt", payload, result, reason, ' +
  'created_at as "createdAt", updated_at as "updatedAt", finished_at as "finishedAt"';

export type TaskRow = Omit<Task, "payload" | "result"> & { readonly payload: string; readonly result: string };

export function taskFrom(row: TaskRow): Task {
  // The row is nobody else's: a tick reads thousands, and each copy is one more for the collector.
  return Object.assign(row, { payload: JSON.parse(row.payload) as Json, result: JSON.parse(row.result) as Json });
}

export function* readTask(taskId: number): Operation<Task | null> {
  const row = yield* one<TaskRow>(`select ${taskColumns} from tasks where id = @taskId`, { taskId });
  return row ? taskFrom(row) : null;
}

/** The event of a task's transition; a task's queue is its profile. */
export function* logTask(task: Task, kind: string, actor: string, now: Instant, body: Json = null): Operation<void> {
  yield* logEvent(
    { kind, actor, profileId: task.queue, subject: task.subject, taskId: task.id, term: task.term, body },
    now,
  );
}
