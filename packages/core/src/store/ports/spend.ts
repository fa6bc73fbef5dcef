import type { JsonObject } from "../../domain/json.ts";
import type { NewOutboxRow } from "../../domain/outbox.ts";
import type { Amount, BudgetRaise, ItemSpend, SessionSpend } from "../../domain/spend.ts";
import type { Instant } from "../../domain/time.ts";
import type { Lost } from "./lost.ts";

/** `within`: of which time the answer says what the profile's sessions spent. */
export interface SpendReport {
  readonly sessionId: string;
  readonly term: number;
  readonly spend: SessionSpend & { readonly model?: string | null };
  readonly within: { readonly from: Instant; readonly until: Instant };
}

export interface NewRaise {
  /** With the subject `day`: from when to when that is. */
  readonly day?: { readonly from: Instant; readonly until: Instant };
  readonly profileId: string;
  readonly subject: string;
  /** Null: the profile's own limit once more. */
  readonly usd: number | null;
  readonly tokens: number | null;
  readonly actor: string;
  readonly reason: string;
}

/** `key`: of the limit that was reached, since the item was last raised. */
export interface BudgetReceipt {
  readonly key: string;
  /** What the log calls it; `budget.reached` when left out. */
  readonly event?: string;
  readonly profileId: string;
  readonly subject: string;
  /** For the log. */
  readonly body: JsonObject;
  readonly rows: readonly NewOutboxRow[];
}

/**
 * What was spent. A session reports its running total, never an increment: the largest counts, so that no report counts
 * twice, and what was counted is never taken back.
 */
export interface SpendStore {
  /**
   * Answers what all sessions of the profile spent within that time, and what all of the session's flow have spent;
   * `lost` when the term is not the session's.
   */
  report(report: SpendReport): Promise<(Amount & { readonly ofFlow?: Amount }) | Lost>;
  between(profileId: string, from: Instant, until: Instant): Promise<Amount>;
  /** By subject; of all items, when none is named. Items without a session are not in it. */
  items(profileId: string, subjects?: readonly string[]): Promise<ReadonlyMap<string, ItemSpend>>;
  /** An item may spend as much more, counted from now on. */
  raise(raise: NewRaise): Promise<BudgetRaise>;
  /** Oldest first. */
  raises(profileId: string, subject: string): Promise<readonly BudgetRaise[]>;
  /** Once for each key; `false` when it was said before. */
  tell(receipt: BudgetReceipt, actor: string): Promise<boolean>;
  told(profileId: string): Promise<ReadonlySet<string>>;
}
