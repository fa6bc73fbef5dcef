import type { NewTask, Task } from "../domain/task.ts";
import type { Instant } from "../domain/time.ts";
import { logEvent } from "./events.ts";
import { must, type Operation, one } from "./statement.ts";
import { type TaskRow, taskColumns, taskFrom } from "./task-row.ts";

const defaultMaxAttempts = 5;

/** Looking and inserting are in one transaction with the write lock: two racing processes make one task. */
export function* enqueueTask(
  wanted: NewTask,
  actor: string,
  now: Instant,
): Operation<{ readonly task: Task; readonly created: boolean }> {
  const known = yield* findTwin(wanted);
  if (known) return { task: taskFrom(known), created: false };
  const runAt = wanted.runAt ?? now;
  const row = yield* must<TaskRow>(
    `insert into tasks (queue, subject, lane, dedupe_key, idempotency_key, state, priority, run_at, max_attempts,
        payload, created_at, updated_at)
     values (@queue, @subject, @lane, @dedupeKey, @idempotencyKey, @state, @priority, @runAt, @maxAttempts,
        @payload, @now, @now)
     returning ${taskColumns}`,
    {
      queue: wanted.queue,
      subject: wanted.subject ?? "",
      lane: wanted.lane ?? "",
      dedupeKey: wanted.dedupeKey ?? null,
      idempotencyKey: wanted.idempotencyKey ?? null,
      state: runAt > now ? "scheduled" : "queued",
      priority: wanted.priority ?? 0,
      runAt,
      maxAttempts: wanted.maxAttempts ?? defaultMaxAttempts,
      payload: JSON.stringify(wanted.payload ?? null),
      now,
    },
  );
  const task = taskFrom(row);
  yield* logEnqueued(task, wanted.idempotencyKey ?? null, actor, now);
  return { task, created: true };
}

function* findTwin(wanted: NewTask): Operation<TaskRow | undefined> {
  if (wanted.idempotencyKey !== undefined) {
    const ever = yield* one<TaskRow>(`select ${taskColumns} from tasks where idempotency_key = @key`, {
      key: wanted.idempotencyKey,
    });
    if (ever) return ever;
  }
  if (wanted.dedupeKey === undefined) return undefined;
  return yield* one<TaskRow>(
    `select ${taskColumns} from tasks where dedupe_key = @key and state in ('scheduled', 'queued', 'running')`,
    { key: wanted.dedupeKey },
  );
}

/** Holds all a task starts with, so that the log alone can rebuild it. */
function* logEnqueued(task: Task, idempotencyKey: string | null, actor: string, now: Instant): Operation<void> {
  yield* logEvent(
    {
      kind: "task.enqueued",
      actor,
      profileId: task.queue,
      subject: task.subject,
      taskId: task.id,
      term: task.term,
      idempotencyKey: idempotencyKey === null ? null : `task.enqueued:${idempotencyKey}`,
      body: {
        queue: task.queue,
        subject: task.subject,
        lane: task.lane,
        dedupeKey: task.dedupeKey,
        state: task.state,
        priority: task.priority,
        runAt: task.runAt,
        maxAttempts: task.maxAttempts,
        payload: task.payload,
      },
    },
    now,
  );
}
