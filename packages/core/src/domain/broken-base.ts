import type { Instant } from "./time.ts";

/** `checks`: the forge's own fail on its head; `verification`: the profile's do. */
export type BrokenBaseCause = "checks" | "verification";

/**
 * One time that a base branch was broken, from the first head it was seen broken at until it is green again: one issue
 * of the forge, made once, for all that waits.
 */
export interface BrokenBase {
  readonly profileId: string;
  readonly branch: string;
  /** Counts the times, from 1. */
  readonly episode: number;
  readonly cause: BrokenBaseCause;
  /** The newest head it was seen broken at. */
  readonly sha: string;
  /** Work that started from this head, a later one, passed the profile's checks; null: none did. */
  readonly greenSha: string | null;
  readonly openedAt: Instant;
  readonly closedAt: Instant | null;
  /** Of its issue; null while it is not made. */
  readonly issue: number | null;
  /** The forge refused to make it, or a person dropped the write: there will be none. */
  readonly isRefused: boolean;
}
