import type { Instant } from "../../domain/time.ts";

/** How a profile stood at a moment. */
export interface Sample {
  readonly at: Instant;
  readonly profileId: string;
  readonly running: number;
  /** Tasks that wait, for room or for their time. */
  readonly waiting: number;
  /** Writes that wait in the outbox. */
  readonly pending: number;
  /** How long the oldest of what could start has waited. */
  readonly oldestWaitS: number;
  /** Of the day so far. */
  readonly tokens: number;
  readonly usd: number;
  /** Of the forge's hourly allowance; null: not told. */
  readonly allowanceLeft: number | null;
}

export interface SampleStore {
  /** One that is there for this profile and moment stays. */
  add(sample: Sample): Promise<void>;
  /** Oldest first; of one profile or of all, from `since` on. */
  list(of: { readonly profileId: string | null; readonly since: Instant }): Promise<readonly Sample[]>;
}
