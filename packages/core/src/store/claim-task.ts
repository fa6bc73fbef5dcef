import type { Claim, Lease } from "../domain/task.ts";
import type { Instant } from "../domain/time.ts";
import { isAnyFull, takeSlots } from "./held-slots.ts";
import { giveLease } from "./leases.ts";
import { saveOutboxRows } from "./outbox-rows.ts";
import { count, type Operation, one } from "./statement.ts";
import type { ClaimRequest } from "./store.ts";
import { logTask, type TaskRow, taskColumns, taskFrom } from "./task-row.ts";

/** How many due tasks one claim makes claimable; bounds its cost when very many come due at once. */
const promotedPerClaim = 64;

/** Said of a task in a statement over `tasks`: none of its queue and subject runs. Free tasks have no subject. */
const subjectIsFree = `not exists (select 1 from tasks twin where twin.queue = tasks.queue
  and twin.subject = tasks.subject and twin.state = 'running' and twin.subject <> '')`;

/**
 * Claiming costs the same at any length of the queue: waiting tasks are `scheduled` until a claim finds them due
 * (index tasks_due), and the next one is the first entry of a partial index that holds queued tasks only. Only tasks
 * that wait for another one of their subject are stepped over, one by one.
 */
export function* claimTask(request: ClaimRequest, now: Instant): Operation<Claim | null> {
  const { slots = [], within = [] } = request;
  if (within.length > 0 && (yield* isAnyFull(within))) return null;
  const taskId =
    request.taskId === undefined ? yield* pickNext(request.queues, now) : yield* named(request.taskId, now);
  if (taskId === null) return null;
  const row = yield* one<TaskRow>(
    `update tasks set state = 'running', attempts = attempts + 1, term = term + 1, claimed_term = term + 1,
        updated_at = @now
      where id = @taskId and state = 'queued' and ${subjectIsFree} returning ${taskColumns}`,
    { taskId, now },
  );
  if (!row) return null;
  const task = taskFrom(row);
  const lease: Lease = {
    taskId: task.id,
    term: task.term,
    owner: request.owner,
    claimedAt: now,
    heartbeatAt: now,
    expiresAt: now + request.leaseMs,
  };
  yield* giveLease(lease);
  if (slots.length > 0) yield* takeSlots(task.id, slots);
  yield* logTask(task, "task.claimed", request.owner, now, {
    owner: request.owner,
    attempts: task.attempts,
    expiresAt: lease.expiresAt,
    ...(slots.length > 0 ? { slots } : {}),
  });
  yield* saveOutboxRows(request.outbox, { actor: request.owner, taskId: task.id, term: task.term }, now);
  return { task, lease };
}

function* pickNext(queues: readonly string[], now: Instant): Operation<number | null> {
  yield* promoteDue(now);
  let best: { readonly id: number; readonly priority: number } | undefined;
  for (const queue of queues) {
    const first = yield* one<{ readonly id: number; readonly priority: number }>(
      `select id, priority from tasks where state = 'queued' and queue = @queue and ${subjectIsFree}
        order by priority desc, id limit 1`,
      { queue },
    );
    if (
      first &&
      (!best || first.priority > best.priority || (first.priority === best.priority && first.id < best.id))
    ) {
      best = first;
    }
  }
  return best?.id ?? null;
}

function* promoteDue(now: Instant): Operation<void> {
  yield* count(
    `update tasks set state = 'queued' where id in
       (select id from tasks where state = 'scheduled' and run_at <= @now order by run_at limit ${promotedPerClaim})`,
    { now },
  );
}

function* named(taskId: number, now: Instant): Operation<number> {
  yield* count(`update tasks set state = 'queued' where id = @taskId and state = 'scheduled' and run_at <= @now`, {
    taskId,
    now,
  });
  return taskId;
}
