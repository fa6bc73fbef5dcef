import type { Json } from "../../domain/json.ts";
import type { NewOutboxRow } from "../../domain/outbox.ts";
import type { ExitReason } from "../../domain/session.ts";
import type { Claim, Lease, LeaseKey, NewTask, Release, RenewedLease, Task, TaskState } from "../../domain/task.ts";
import type { Instant, Millis } from "../../domain/time.ts";
import type { Lost } from "./lost.ts";

export interface TaskStore {
  enqueue(task: NewTask, actor: string): Promise<{ readonly task: Task; readonly created: boolean }>;
  /**
   * Claims one task: the named one, or the first by priority and age in the queues. In one transaction the task turns
   * `running`, its term grows by one, its attempts grow by one, the lease row is written, and `outbox` rows are saved.
   * `null` when there is nothing to claim, when another task of the same queue and (non-empty) subject is running, and
   * when a slot of `within` is full.
   */
  claim(request: ClaimRequest): Promise<Claim | null>;
  /** What the items of these tasks were called when they were made; of those that say so. */
  titles(
    taskIds: readonly number[],
  ): Promise<readonly { readonly taskId: number; readonly title: string; readonly url: string | null }[]>;
  /** Extends the lease to now + leaseMs. `lost` when the term is stale or the lease expired and was recovered. */
  heartbeat(lease: LeaseKey, leaseMs: Millis): Promise<RenewedLease | Lost>;
  /**
   * Takes a lease over from its own past: the work's session ended, its holder is gone, and reconcile goes on under a
   * new term. Applied only when the task is running at exactly `term` and the lease is handed over (see
   * `SessionStore.end`) or expired.
   */
  adopt(lease: LeaseKey, owner: string, leaseMs: Millis): Promise<Lease | Lost>;
  /**
   * The holder goes, and what runs under the lease goes on: anybody may adopt it from now on. Until somebody does it can
   * still be renewed and released.
   */
  letGo(lease: LeaseKey): Promise<void>;
  /** Ends the lease and moves the task on; conclusions of sessions and outbox rows go with it, in one transaction. */
  release(lease: LeaseKey, release: Release, extras: ReleaseExtras): Promise<Task | Lost>;
  /**
   * Puts back (or dead-letters past its attempts) every running task whose lease expired *and* whose last heartbeat is
   * older than `missingHeartbeatMs`. Tasks with a session that is not concluded are left to reconcile.
   */
  recoverStale(request: {
    readonly actor: string;
    readonly missingHeartbeatMs: Millis;
    readonly limit?: number;
  }): Promise<StaleRecovery>;
  /**
   * Queued: cancelled at once. Running: asks its holder to stop (heartbeat says so). Finished: unchanged. Of a flow: as
   * `flows.cancelTask`.
   */
  cancel(taskId: number, actor: string, reason: string): Promise<Task | null>;
  /** Changes what a task that has not started will do; `null` when it is not scheduled or queued any more. */
  update(
    taskId: number,
    change: { readonly priority?: number; readonly payload?: Json; readonly runAt?: Instant },
    actor: string,
  ): Promise<Task | null>;
  get(taskId: number): Promise<Task | null>;
  lease(taskId: number): Promise<Lease | null>;
  /** The tries so far, oldest first: one per session, and one per failed or lost try without a session. */
  attempts(taskId: number): Promise<readonly Attempt[]>;
  /** Oldest first; a limit keeps the newest. */
  list(filter: {
    readonly ids?: readonly number[];
    readonly queue?: string;
    readonly states?: readonly TaskState[];
    readonly subject?: string;
    readonly limit?: number;
  }): Promise<readonly Task[]>;
  /** Of each key, the newest task ever made for it, whatever became of it. */
  latestByDedupeKeys(keys: readonly string[]): Promise<readonly Task[]>;
  /** Of each subject and lane, the newest ended task. */
  history(queue: string, subjects: readonly string[]): Promise<readonly SubjectHistory[]>;
  /** How many running tasks hold each slot. */
  slotsHeld(): Promise<ReadonlyMap<string, number>>;
  /** Those of flows left out: a flow's task is retried by its flow. */
  deadLetters(filter?: { readonly queue?: string; readonly limit?: number }): Promise<readonly Task[]>;
  /** Back to queued with its attempts at zero; `null` when it is not a dead letter (or a live task has its key). */
  replayDeadLetter(taskId: number, actor: string): Promise<Task | null>;
}

export interface ClaimRequest {
  /** Queues to look in, in no order; ignored with `taskId`. */
  readonly queues: readonly string[];
  readonly owner: string;
  readonly leaseMs: Millis;
  readonly taskId?: number;
  readonly outbox?: readonly NewOutboxRow[];
  /** What the task holds one of for as long as it runs, for example `host`, `profile:demo`, `provider:claude`. */
  readonly slots?: readonly string[];
  /** Counted in the claim's own transaction, so that no number of runtimes together goes over a limit. */
  readonly within?: readonly SlotLimit[];
}

/** Refused while `max` or more running tasks hold this slot. */
export interface SlotLimit {
  readonly slot: string;
  readonly max: number;
}

export interface ReleaseExtras {
  readonly actor: string;
  readonly outbox?: readonly NewOutboxRow[];
  /** Ended sessions of this task that this release concludes. */
  readonly concludes?: readonly { readonly sessionId: string; readonly outcome: string; readonly evidence: Json }[];
}

export interface SubjectHistory {
  readonly subject: string;
  readonly lane: string;
  readonly newest: Task;
}

export interface StaleRecovery {
  readonly requeued: readonly Task[];
  readonly dead: readonly Task[];
  /** Somebody had asked them to stop. */
  readonly cancelled: readonly Task[];
}

export interface Attempt {
  readonly taskId: number;
  readonly attempt: number;
  readonly term: number;
  readonly sessionId: string | null;
  readonly startedAt: Instant;
  readonly endedAt: Instant | null;
  readonly exitReason: ExitReason | null;
  /** Reason code of the release that concluded it; null when it succeeded. */
  readonly reason: string | null;
  readonly summary: string | null;
}
