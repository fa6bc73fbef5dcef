import type { Instant } from "@agent-control-plane/core";

/** How it went over time, for the charts (`/api/v1/series?hours=24[&profile=ID]`); columns of equal length. */
export interface Series {
  readonly at: readonly Instant[];
  readonly running: readonly number[];
  readonly waiting: readonly number[];
  /** Writes that wait in the outbox. */
  readonly pending: readonly number[];
  /** How long the oldest of what could start has waited, in seconds. */
  readonly oldestWaitS: readonly number[];
  /** Spent on that day so far, in dollars. */
  readonly usd: readonly number[];
  readonly tokens: readonly number[];
  /** What is left of GitHub's hourly allowance; null: not told. */
  readonly allowanceLeft: readonly (number | null)[];
}
