import type { Json } from "./json.ts";
import type { Instant } from "./time.ts";

/**
 * Where a task is. `queued` may be claimed now; `scheduled` waits for `runAt` (backoff, snooze, a start date);
 * `running` has exactly one live lease; the other three are ends. `dead` is a dead letter: it used up its attempts
 * and waits for a person (`replayDeadLetter`).
 *
 *     scheduled -> queued -> running -> succeeded | cancelled | dead
 *                    ^          |
 *                    +----------+  retry, snooze, stale recovery (through scheduled when runAt is ahead)
 *
 * The other steps are a person's: cancelling what waits, moving its `runAt`, replaying a dead letter.
 */
export const taskStates = ["scheduled", "queued", "running", "succeeded", "cancelled", "dead"] as const;
export type TaskState = (typeof taskStates)[number];

/** Every legal step; the store makes no other, and docs/state-machine.md is checked against this table. */
export const taskSteps: { readonly [from in TaskState]: readonly TaskState[] } = {
  scheduled: ["queued", "cancelled"],
  queued: ["scheduled", "running", "cancelled"],
  running: ["scheduled", "queued", "succeeded", "cancelled", "dead"],
  succeeded: [],
  cancelled: [],
  dead: ["queued"],
};

/** States in which a task still wants something; at most one such task exists per `dedupeKey`. */
export const liveTaskStates = ["scheduled", "queued", "running"] as const satisfies readonly TaskState[];

export const isLive = ({ state }: { readonly state: TaskState }): boolean =>
  (liveTaskStates as readonly TaskState[]).includes(state);

export interface Task {
  readonly id: number;
  /** Whose task it is: a profile id for lanes, any name for users of the task API. Claims name a queue. */
  readonly queue: string;
  /** What it is about, for example `issue:12`; empty for free tasks. */
  readonly subject: string;
  /** A named kind of work, for example `issue-implementation`; empty for free tasks. */
  readonly lane: string;
  /** At most one live task per key: `<profile>/<subject>/<lane>/<revision>` for lanes. */
  readonly dedupeKey: string | null;
  readonly state: TaskState;
  /** Higher is claimed first; equal priorities go oldest first. */
  readonly priority: number;
  readonly runAt: Instant;
  /** Claims so far that counted. A snooze gives its claim back. */
  readonly attempts: number;
  readonly maxAttempts: number;
  /** The number of the last lease; only grows. Each write of a lease holder names it. */
  readonly term: number;
  readonly cancelRequestedAt: Instant | null;
  readonly payload: Json;
  /** What the last release left behind: the result, or the summary of the last failure. */
  readonly result: Json;
  /** Reason code of the last transition that was not a plain success, for example `verification-failed`. */
  readonly reason: string | null;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  readonly finishedAt: Instant | null;
}

export interface NewTask {
  readonly queue: string;
  readonly subject?: string;
  readonly lane?: string;
  /** Enqueueing a key that is live returns the task that is there and changes nothing. */
  readonly dedupeKey?: string;
  /** Enqueueing a key that was ever used returns the task it made, whatever became of it. */
  readonly idempotencyKey?: string;
  readonly priority?: number;
  readonly runAt?: Instant;
  /** Default 5. */
  readonly maxAttempts?: number;
  readonly payload?: Json;
}

/** The right to work on a task until `expiresAt`, unless another lease with a higher term was given out. */
export interface Lease {
  readonly taskId: number;
  readonly term: number;
  readonly owner: string;
  readonly claimedAt: Instant;
  readonly heartbeatAt: Instant;
  readonly expiresAt: Instant;
}

/** What a holder must name in each write; a write that names a stale term answers `lost`. */
export type LeaseKey = Pick<Lease, "taskId" | "term">;

export interface Claim {
  readonly task: Task;
  readonly lease: Lease;
}

/** A heartbeat's answer: the longer lease, and whether somebody asked the task to stop. */
export interface RenewedLease extends Lease {
  readonly cancelRequested: boolean;
}

/**
 * How a holder gives a task back.
 * - `succeeded`: done.
 * - `retry`: failed; tried again at `runAt`, or a dead letter when the attempts are used up.
 * - `snooze`: not now and not a failure; the attempt is given back.
 * - `dead`: failed for good; a dead letter at once.
 * - `cancelled`: stopped on request.
 */
export type Release =
  | { readonly kind: "succeeded"; readonly result?: Json; readonly reason?: string }
  | { readonly kind: "retry"; readonly runAt: Instant; readonly reason: string; readonly result?: Json }
  | { readonly kind: "snooze"; readonly runAt: Instant; readonly reason: string; readonly result?: Json }
  | { readonly kind: "dead"; readonly reason: string; readonly result?: Json }
  | { readonly kind: "cancelled"; readonly reason: string; readonly result?: Json };
