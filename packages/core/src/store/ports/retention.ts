import type { Session } from "../../domain/session.ts";
import type { Instant } from "../../domain/time.ts";
import type { RunState } from "../../ports.ts";

/**
 * Keeping the store within bounds. What is removed is over, older than `before`, and said in the log; each call removes
 * a bounded number, so that no transaction is long, and answers how many: fewer than `limit` means there is no more.
 */
export interface RetentionStore {
  /** The time to count from: now, but at most two days after the last look, whatever the clock says. */
  look(): Promise<Instant>;
  /** Concluded sessions of ended tasks whose run folder still lies where it ran. */
  toArchive(profileId: string, limit: number): Promise<readonly Session[]>;
  /** Its files lie in `runDir` now. */
  archived(sessionId: string, runDir: string): Promise<void>;
  /** How many `pruneEnded` would remove in all. */
  countEnded(before: Instant): Promise<number>;
  /** Ended tasks with their sessions, attempts, writes and events. Counts tasks. */
  pruneEnded(before: Instant, limit: number, actor: string): Promise<number>;
  /** How many flows `pruneFlows` would remove in all. */
  countFlows(bounds: FlowBounds): Promise<number>;
  /** Whole flows, with their tasks of the queue, sessions and events, the oldest first. Counts tasks. */
  pruneFlows(bounds: FlowBounds, limit: number, actor: string): Promise<number>;
  /** When the newest flow ended of those that are more than so many; null: there are no more. */
  flowsBeyond(most: number): Promise<Instant | null>;
  /** Events that hang on no task: changes of decisions, and all others. Counts events. */
  pruneLog(
    before: { readonly decisions: Instant; readonly others: Instant },
    limit: number,
    actor: string,
  ): Promise<number>;
  /** How many `pruneLog` would remove in all. */
  countLog(before: { readonly decisions: Instant; readonly others: Instant }): Promise<number>;
  /** What hangs on no task, by the rules of `tableRules`, of each table at most `limit` rows. */
  pruneRest(bounds: RestBounds, limit: number): Promise<RemovedByTable>;
  /** How many `pruneRest` would remove in all. */
  countRest(bounds: RestBounds): Promise<RemovedByTable>;
  /** Whether what the anchor keeps of a session's run is still asked for by anything. */
  runState(sessionId: string, before: Instant): Promise<RunState>;
}

/** Flows go that ended before one of the first two, and of which nothing was said since `quiet`. */
export interface FlowBounds {
  readonly before: Instant;
  /** Those are too many; 0: none is. */
  readonly beyond: Instant;
  readonly quiet: Instant;
}

/** What is older goes. */
export interface RestBounds {
  /** Of what is over. */
  readonly before: Instant;
  readonly forgeCache: Instant;
  /** What was spent on single items. */
  readonly totals: Instant;
  /** How things went over time. */
  readonly samples: Instant;
  /** The profiles there are, when they are known: what the store holds of others is forgotten with the rest. */
  readonly profiles: readonly string[] | null;
}

/** Rows; tables of which none went are left out. */
export type RemovedByTable = Readonly<Record<string, number>>;
