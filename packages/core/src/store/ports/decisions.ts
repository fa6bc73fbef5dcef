import type { ItemAbout } from "../../domain/item-about.ts";
import type { Instant } from "../../domain/time.ts";

/** The last word of the deciding function on a candidate. */
export interface StoredDecision {
  readonly profileId: string;
  readonly subject: string;
  readonly lane: string;
  readonly verdict: "launch" | "hold";
  readonly reason: string;
  readonly detail: string;
  /** Place in the line of what waits for room, 1 for the next; null for all others, and far back in the line. */
  readonly place: number | null;
  readonly decidedAt: Instant;
}

/** With what it is about; undefined: not known just now, and what is kept of it stays. */
export type NewDecision = StoredDecision & { readonly about?: ItemAbout };

/** Null: not known. */
export type AboutDecision = StoredDecision & { readonly about: ItemAbout | null };

export interface DecisionStore {
  /**
   * Replaces what stands for the profile; rows that say the same are not written, changes are logged as events. Another
   * place in the line is no change.
   */
  replace(profileId: string, decisions: readonly NewDecision[], actor: string): Promise<void>;
  list(profileId: string): Promise<readonly StoredDecision[]>;
  /** The same, each with what it is about. */
  listAbout(profileId: string): Promise<readonly AboutDecision[]>;
  /** Of all profiles what one of these reasons holds. */
  heldFor(reasons: readonly string[]): Promise<readonly AboutDecision[]>;
  /**
   * By profile: how many candidates only the host's limit keeps from starting, and since when the first of them. Only of
   * profiles for which a runtime works that reported after `servedSince`.
   */
  waitingForHost(
    servedSince: Instant,
  ): Promise<readonly { readonly profileId: string; readonly count: number; readonly since: Instant }[]>;
}
