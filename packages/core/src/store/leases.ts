import type { Lease, LeaseKey, RenewedLease } from "../domain/task.ts";
import type { Instant, Millis } from "../domain/time.ts";
import { count, type Operation, one } from "./statement.ts";
import type { Lost } from "./store.ts";
import { logTask, type TaskRow, taskColumns, taskFrom } from "./task-row.ts";

/**
 * A lease row is there exactly while its task is `running`, and its term is the task's term: the guard
 * `task_id = @taskId and term = @term` therefore says "running, and still mine". An empty owner means handed over: the
 * session under it ended, so its past holder may no longer write, and any runtime may adopt it.
 *
 * An expired lease that nobody took is still its holder's: renewing it is right, because as long as the row has this
 * term no second holder can exist.
 */
const leaseColumns =
  'task_id as "taskId", term, owner, claimed_at as "claimedAt", heartbeat_at as "heartbeatAt", expires_at as "expiresAt"';
export const heldGuard = "task_id = @taskId and term = @term and owner <> ''";

export function* giveLease(lease: Lease): Operation<void> {
  yield* count(
    `insert into leases (task_id, term, owner, claimed_at, heartbeat_at, expires_at)
     values (@taskId, @term, @owner, @claimedAt, @heartbeatAt, @expiresAt)`,
    { ...lease },
  );
}

export function* readLease(taskId: number): Operation<Lease | null> {
  return (yield* one<Lease>(`select ${leaseColumns} from leases where task_id = @taskId`, { taskId })) ?? null;
}

/** The owner under this term; undefined when the term is stale or the lease was handed over. */
export function* holderOf(lease: LeaseKey): Operation<string | undefined> {
  const row = yield* one<Pick<Lease, "owner">>(`select owner from leases where ${heldGuard}`, key(lease));
  return row?.owner;
}

/** Answers the lease as it was, or nothing when it was not held under this term. */
export function* endHeldLease(lease: LeaseKey): Operation<Lease | undefined> {
  return yield* one<Lease>(`delete from leases where ${heldGuard} returning ${leaseColumns}`, key(lease));
}

export function* renewLease(lease: LeaseKey, leaseMs: Millis, now: Instant): Operation<RenewedLease | Lost> {
  const row = yield* one<Lease & { readonly cancelRequestedAt: Instant | null }>(
    `update leases set heartbeat_at = @now, expires_at = @expiresAt where ${heldGuard}
     returning ${leaseColumns},
       (select cancel_requested_at from tasks where tasks.id = leases.task_id) as "cancelRequestedAt"`,
    { ...key(lease), now, expiresAt: now + leaseMs },
  );
  if (!row) return "lost";
  const { cancelRequestedAt, ...renewed } = row;
  return { ...renewed, cancelRequested: cancelRequestedAt !== null };
}

/** The work of this term is over: its lease ends now and waits for adoption. Nothing when the term moved on. */
export function* handOverLease(lease: LeaseKey, now: Instant): Operation<void> {
  yield* count(
    `update leases set owner = '', expires_at = @now where ${heldGuard}
       and not exists (select 1 from sessions s where s.task_id = leases.task_id and s.term = leases.term
                          and s.state in ('intended', 'running'))`,
    { ...key(lease), now },
  );
}

export function* letLeaseGo(lease: LeaseKey, now: Instant): Operation<void> {
  yield* count(`update leases set expires_at = @now where ${heldGuard} and expires_at > @now`, { ...key(lease), now });
}

export function* adoptLease(lease: LeaseKey, owner: string, leaseMs: Millis, now: Instant): Operation<Lease | Lost> {
  const adopted = yield* one<Lease>(
    `update leases set term = term + 1, owner = @owner, claimed_at = @now, heartbeat_at = @now, expires_at = @expiresAt
      where task_id = @taskId and term = @term and (owner = '' or expires_at <= @now)
     returning ${leaseColumns}`,
    { ...key(lease), owner, now, expiresAt: now + leaseMs },
  );
  if (!adopted) return "lost";
  const task = yield* one<TaskRow>(
    `update tasks set term = @term, updated_at = @now where id = @taskId returning ${taskColumns}`,
    { ...key(adopted), now },
  );
  if (!task) throw new Error(`Lease of task ${lease.taskId} has no task`);
  yield* logTask(taskFrom(task), "task.adopted", owner, now, { owner, expiresAt: adopted.expiresAt });
  return adopted;
}

function key(lease: LeaseKey): { readonly taskId: number; readonly term: number } {
  return { taskId: lease.taskId, term: lease.term };
}
