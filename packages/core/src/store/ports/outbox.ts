import type { Json } from "../../domain/json.ts";
import type { NewOutboxRow, OutboxRow, OutboxState } from "../../domain/outbox.ts";
import type { Instant, Millis } from "../../domain/time.ts";
import type { Lost } from "./lost.ts";

export interface OutboxStore {
  /**
   * Rows outside a task transition, for example a person's command. An idempotency key that is there is skipped. What a
   * new label row says again or takes back of rows that wait before it in its stream is left to it: they are dropped,
   * `overtaken by row N`.
   */
  enqueue(rows: readonly NewOutboxRow[], actor: string, taskId?: number): Promise<readonly OutboxRow[]>;
  /**
   * The next row to deliver, claimed until now + claimMs: pending, due, first of its stream, its needed row sent. Fails
   * rows whose turn it is and whose needed row failed, or which are stale. `null` when nothing is due. Counts as a try. A row whose claim ran out without
   * a verdict comes again, with its `sendStartedAt` when it may have been applied.
   */
  claim(request: {
    readonly owner: string;
    readonly claimMs: Millis;
    readonly profileIds: readonly string[];
  }): Promise<OutboxRow | null>;
  /**
   * Saved before the request leaves; from here on a missing verdict means "maybe applied". `refused`: the row became
   * stale (see `termBoundKinds`) and is failed.
   */
  sendStarts(id: number, owner: string): Promise<"applied" | "refused" | Lost>;
  sent(id: number, owner: string, result: Json): Promise<"applied" | Lost>;
  /** A definite no that may pass: tried again at `nextAt`; `maybeApplied` keeps the row in need of settling. */
  retryLater(
    id: number,
    owner: string,
    error: string,
    nextAt: Instant,
    maybeApplied: boolean,
  ): Promise<"applied" | Lost>;
  /** It has to wait for its turn until `nextAt`, and this was no try. `why` begins with one word, such as `pace`. */
  waits(id: number, owner: string, why: string, nextAt: Instant, maybeApplied: boolean): Promise<"applied" | Lost>;
  /** `maybeApplied` false: nothing of it is on the forge, so it counts as not begun; default true. */
  failed(id: number, owner: string, error: string, maybeApplied?: boolean): Promise<"applied" | Lost>;
  /**
   * A person's words: failed or pending -> due now with its tries at zero, and with it what failed only because it needs
   * this row; or dropped for ever. What is held back (`isWithdrawn`) is not retried: it stays as it is.
   */
  retry(id: number, actor: string): Promise<OutboxRow | null>;
  drop(id: number, actor: string, reason: string): Promise<OutboxRow | null>;
  /**
   * Takes back what a task wanted to publish: its pending pushes and pull requests, and what needs them, unless their
   * sending has begun; `rows` are saved in the same transaction if anything was. Answers how many.
   */
  withdraw(taskId: number, actor: string, why: Withdrawal, rows: readonly NewOutboxRow[]): Promise<number>;
  /**
   * What the forge refused of a task's publishing, and what needs it, is pending again; what was held back is not.
   * `rows` are saved in the same transaction if anything is. Answers how many.
   */
  resend(taskId: number, actor: string, rows: readonly NewOutboxRow[]): Promise<number>;
  /** What was withdrawn as `failed` is pending again. Answers how many. */
  restore(taskId: number, actor: string): Promise<number>;
  /** Drops a pending row whose sending has not begun; `lost` when it has, or the row is not pending. */
  takeBack(id: number, actor: string, reason: string): Promise<"applied" | Lost>;
  /** Every merge ever asked for in these streams, oldest first; `isTakenOut`: a `leave-merge-queue` row needs it. */
  merges(streams: readonly string[]): Promise<readonly (OutboxRow<"merge"> & { readonly isTakenOut: boolean })[]>;
  /** Numbers of the pull requests that a profile opened and whose end was not seen yet, oldest first. */
  unsettledPulls(profileId: string): Promise<readonly number[]>;
  /** All was drawn from the end of this pull request. */
  pullSettled(profileId: string, number: number): Promise<void>;
  get(id: number): Promise<OutboxRow | null>;
  list(filter: {
    readonly profileId?: string;
    readonly states?: readonly OutboxState[];
    /** Rows that need this one. */
    readonly needsId?: number;
    readonly taskId?: number;
    readonly limit?: number;
  }): Promise<readonly OutboxRow[]>;
  counts(profileId: string): Promise<OutboxCounts>;
  /** How many of each kind the forge has taken since then. */
  sentSince(profileId: string, since: Instant): Promise<readonly { readonly kind: string; readonly count: number }[]>;
  /** What stands before each of these rows. */
  standing(ids: readonly number[]): Promise<readonly OutboxStanding[]>;
}

export interface OutboxCounts {
  readonly pending: number;
  /** Dead letters: what is held back is none. */
  readonly failed: number;
  /** Held back because a person acted, or has to approve it. */
  readonly heldBack: number;
}

export interface OutboxStanding {
  readonly id: number;
  /** The first pending row of its stream, when that is an earlier one. */
  readonly behindId: number | null;
  readonly neededState: OutboxState | null;
}

/** `failed`: it is held back and may go on (`restore`); `dropped`: it shall never be sent. */
export interface Withdrawal {
  readonly reason: string;
  readonly state: "failed" | "dropped";
}
