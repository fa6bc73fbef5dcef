import type { Quota, QuotaKey } from "../../domain/provider.ts";
import type { Instant } from "../../domain/time.ts";

/** The limits of providers that sessions met. Few rows: one for each account, backend, model and kind of limit. */
export interface QuotaStore {
  /** A limit was met: `next` says from the row that is there what stands there now. It may be called more than once. */
  record(key: QuotaKey, next: (before: Quota | null, now: Instant) => Quota, actor: string): Promise<Quota>;
  /** By scope: those in force, and those that nobody has shown to be over. */
  list(): Promise<readonly Quota[]>;
  /** It is over and was shown to be. False: it is in force again, or gone. */
  proven(scope: string, actor: string): Promise<boolean>;
  /** A person's words: it does not hold any more. Null: there is none of this scope. */
  clear(scope: string, actor: string): Promise<Quota | null>;
}
