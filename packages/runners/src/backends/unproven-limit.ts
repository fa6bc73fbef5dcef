import type { Instant, Millis } from "@agent-control-plane/core";

/**
 * Longest pause that is taken from a stream in which others than the program can write: a check or a script of the
 * repository can print any line. The account is tried out again after it, and what is true is said again.
 */
const longestUnprovenPauseMs: Millis = 3_600_000;

/** Pure. The time such a stream names, an hour from now at the most. */
export const unprovenRetryAt = (said: Instant | null, now: Instant): Instant | null =>
  said === null ? null : Math.min(said, now + longestUnprovenPauseMs);
