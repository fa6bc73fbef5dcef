import type { Lease, Task } from "../domain/task.ts";
import type { Instant, Millis } from "../domain/time.ts";
import { recordFailedTry } from "./attempts.ts";
import { all, count, must, type Operation } from "./statement.ts";
import type { StaleRecovery } from "./store.ts";
import { logTask, type TaskRow, taskColumns, taskFrom } from "./task-row.ts";

export interface StaleRequest {
  readonly actor: string;
  readonly missingHeartbeatMs: Millis;
  readonly limit?: number;
}

type StaleLease = Pick<Lease, "taskId" | "owner" | "claimedAt" | "heartbeatAt">;

/** One transaction's worth: other processes wait for the lock meanwhile. */
const defaultLimit = 1000;

/**
 * A lease must have expired *and* its heartbeat be missing: a long lease alone does not prove a dead holder, nor does
 * a slow heartbeat. A task with a session that nobody concluded is left alone, because something of that session may
 * still run or its work may be unsaved; reconcile ends the session, adopts the lease and releases it.
 */
export function* recoverStale(request: StaleRequest, now: Instant): Operation<StaleRecovery> {
  const stale = yield* all<StaleLease>(
    `select l.task_id as "taskId", l.owner, l.claimed_at as "claimedAt", l.heartbeat_at as "heartbeatAt" from leases l
      where l.expires_at <= @now and l.heartbeat_at <= @silentSince
        and not exists (select 1 from sessions s
                         where s.task_id = l.task_id and s.state in ('intended', 'running', 'ended'))
      order by l.expires_at limit @limit`,
    { now, silentSince: now - request.missingHeartbeatMs, limit: request.limit ?? defaultLimit },
  );
  const requeued: Task[] = [];
  const dead: Task[] = [];
  const cancelled: Task[] = [];
  for (const lease of stale) {
    const task = yield* putBack(lease, request.actor, now);
    (task.state === "dead" ? dead : task.state === "cancelled" ? cancelled : requeued).push(task);
  }
  return { requeued, dead, cancelled };
}

function* putBack(lease: StaleLease, actor: string, now: Instant): Operation<Task> {
  const { taskId, claimedAt } = lease;
  yield* count(`delete from leases where task_id = @taskId`, { taskId });
  // "cancel" first: a task that somebody asked to stop does not start again because its holder died.
  const row = yield* must<TaskRow>(
    `update tasks set
        state = case when cancel_requested_at is not null then 'cancelled'
                     when attempts >= max_attempts then 'dead' else 'queued' end,
        finished_at = case when cancel_requested_at is not null or attempts >= max_attempts then @now end,
        run_at = case when cancel_requested_at is null and attempts < max_attempts then @now else run_at end,
        reason = case when cancel_requested_at is null then 'lease-expired' else reason end,
        cancel_requested_at = null, updated_at = @now
      where id = @taskId returning ${taskColumns}`,
    { taskId, now },
  );
  const task = taskFrom(row);
  const summary = `${lease.owner || "its holder"} stopped sending heartbeats`;
  yield* recordFailedTry(task, { startedAt: claimedAt, exitReason: "lost", reason: "lease-expired", summary }, now);
  yield* logTask(task, "task.recovered", actor, now, {
    state: task.state,
    attempts: task.attempts,
    runAt: task.runAt,
    reason: task.reason,
    lostOwner: lease.owner,
    heartbeatAt: lease.heartbeatAt,
  });
  if (task.state === "dead") yield* logTask(task, "task.dead", actor, now, { reason: "lease-expired" });
  if (task.state === "cancelled") yield* logTask(task, "task.cancelled", actor, now, { reason: task.reason });
  return task;
}
