import type { ExitReason, Session } from "../domain/session.ts";
import type { Task } from "../domain/task.ts";
import type { Instant } from "../domain/time.ts";
import { all, count, type Operation } from "./statement.ts";
import type { Attempt } from "./store.ts";

export function* recordStartedTry(session: Session): Operation<void> {
  yield* count(
    `insert into attempts (task_id, attempt, term, session_id, started_at)
     values (@taskId, @attempt, @term, @sessionId, @startedAt)`,
    {
      taskId: session.taskId,
      attempt: session.attempt,
      term: session.term,
      sessionId: session.id,
      startedAt: session.intendedAt,
    },
  );
}

export function* recordEndedTry(
  sessionId: string,
  end: { readonly endedAt: Instant; readonly exitReason: ExitReason; readonly summary: string },
): Operation<void> {
  yield* count(
    `update attempts set ended_at = @endedAt, exit_reason = @exitReason, summary = @summary
      where session_id = @sessionId`,
    { sessionId, endedAt: end.endedAt, exitReason: end.exitReason, summary: end.summary },
  );
}

export function* recordReasonOfTry(sessionId: string, reason: string | null): Operation<void> {
  yield* count(`update attempts set reason = @reason where session_id = @sessionId`, { sessionId, reason });
}

/** A try without a session of its own to tell about it; it started with its claim. */
export function* recordFailedTry(
  task: Task,
  failure: Pick<Attempt, "startedAt" | "exitReason" | "reason" | "summary">,
  now: Instant,
): Operation<void> {
  yield* count(
    `insert into attempts (task_id, attempt, term, started_at, ended_at, exit_reason, reason, summary)
     values (@taskId, @attempt, @term, @startedAt, @now, @exitReason, @reason, @summary)`,
    { taskId: task.id, attempt: task.attempts, term: task.term, now, ...failure },
  );
}

export function* listAttempts(taskId: number): Operation<readonly Attempt[]> {
  return yield* all<Attempt>(
    `select task_id as "taskId", attempt, term, session_id as "sessionId", started_at as "startedAt", ended_at as "endedAt",
        exit_reason as "exitReason", reason, summary
       from attempts where task_id = @taskId order by id`,
    { taskId },
  );
}
