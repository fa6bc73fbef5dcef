import type { LeaseKey, Release, Task, TaskState } from "../domain/task.ts";
import type { Instant } from "../domain/time.ts";
import { jsonWithoutTokens, withoutTokens } from "../profile/redaction.ts";
import { recordFailedTry } from "./attempts.ts";
import { endHeldLease } from "./leases.ts";
import { saveOutboxRows } from "./outbox-rows.ts";
import { concludeSession } from "./session-steps.ts";
import { must, type Operation, one } from "./statement.ts";
import type { Lost, ReleaseExtras } from "./store.ts";
import { logTask, readTask, type TaskRow, taskColumns, taskFrom } from "./task-row.ts";

export function* releaseTask(
  lease: LeaseKey,
  release: Release,
  extras: ReleaseExtras,
  now: Instant,
): Operation<Task | Lost> {
  const ended = yield* endHeldLease(lease);
  if (!ended) return "lost";
  const running = yield* readTask(lease.taskId);
  if (!running) throw new Error(`Lease of task ${lease.taskId} has no task`);
  const next = nextState(running, release, now);
  // Who asked it to stop is the reason of a cancelled task, whatever its holder says.
  const isStopped = next.state === "cancelled" && running.cancelRequestedAt !== null;
  const reason = isStopped ? running.reason : (release.reason ?? null);
  const row = yield* must<TaskRow>(
    `update tasks set state = @state, attempts = @attempts, run_at = @runAt, result = @result, reason = @reason,
        cancel_requested_at = null, updated_at = @now, finished_at = @finishedAt
      where id = @taskId returning ${taskColumns}`,
    {
      ...next,
      taskId: running.id,
      result: JSON.stringify(jsonWithoutTokens(release.result ?? null)),
      reason,
      now,
      finishedAt: isEnd(next.state) ? now : null,
    },
  );
  const task = taskFrom(row);
  const concluded = extras.concludes ?? [];
  for (const conclusion of concluded) yield* concludeSession(task, conclusion, reason, extras.actor, now);
  // Free tasks have no sessions.
  if (task.lane !== "") yield* refuseOpenSessions(task);
  if (concluded.length === 0) yield* recordFailure(running, release, ended.claimedAt, now);
  yield* saveOutboxRows(extras.outbox, { actor: extras.actor, taskId: task.id, term: lease.term }, now);
  yield* logTask(task, "task.released", extras.actor, now, {
    release: release.kind,
    state: task.state,
    attempts: task.attempts,
    runAt: task.runAt,
    reason,
    result: task.result,
  });
  if (task.state === "dead") yield* logTask(task, "task.dead", extras.actor, now, { reason });
  return task;
}

/** A session that outlived its task's release would never be concluded, nor its worktree swept. */
function* refuseOpenSessions(task: Task): Operation<void> {
  const open = yield* one<{ readonly id: string }>(
    `select id from sessions where task_id = @taskId and state in ('intended', 'running', 'ended') limit 1`,
    { taskId: task.id },
  );
  if (open)
    throw new Error(
      `Task ${task.id} cannot be released: its session ${open.id} is not concluded. Conclude it with it.`,
    );
}

/** A person's wish to stop wins over a holder's wish to go on: what would run again is cancelled instead. */
function nextState(
  task: Task,
  release: Release,
  now: Instant,
): { readonly state: TaskState; readonly attempts: number; readonly runAt: Instant } {
  const same = { attempts: task.attempts, runAt: task.runAt };
  switch (release.kind) {
    case "succeeded":
    case "dead":
    case "cancelled":
      return { ...same, state: release.kind };
    case "retry":
      if (task.cancelRequestedAt !== null) return { ...same, state: "cancelled" };
      if (task.attempts >= task.maxAttempts) return { ...same, state: "dead" };
      return { ...same, state: waiting(release.runAt, now), runAt: release.runAt };
    case "snooze":
      if (task.cancelRequestedAt !== null) return { ...same, state: "cancelled" };
      return { state: waiting(release.runAt, now), attempts: Math.max(0, task.attempts - 1), runAt: release.runAt };
    default:
      throw new Error(`Unknown kind of release: ${JSON.stringify(release satisfies never)}`);
  }
}

function waiting(runAt: Instant, now: Instant): TaskState {
  return runAt > now ? "scheduled" : "queued";
}

function isEnd(state: TaskState): boolean {
  return state === "succeeded" || state === "cancelled" || state === "dead";
}

function* recordFailure(task: Task, release: Release, startedAt: Instant, now: Instant): Operation<void> {
  if (release.kind !== "retry" && release.kind !== "dead") return;
  const summary = typeof release.result === "string" ? withoutTokens(release.result) : null;
  yield* recordFailedTry(task, { startedAt, exitReason: "failed", reason: release.reason, summary }, now);
}
