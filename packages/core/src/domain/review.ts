/**
 * What a reviewer finds, and what is kept of it from one round to the next. Findings have ids, so that a later round
 * says of each one whether it still stands, instead of starting over.
 */
/** The gravest first. */
export const findingSeverities = ["blocking", "minor", "nit"] as const;
export type FindingSeverity = (typeof findingSeverities)[number];

export interface ReviewFinding {
  /** Chosen by the reviewer; unique over all rounds of one reviewer on one pull request. */
  readonly id: string;
  /** Only `blocking` ones keep an approval from counting. */
  readonly severity: FindingSeverity;
  /** From the repository's root; null when it is about no one file. */
  readonly path: string | null;
  /** Of the file as it is at the reviewed head, from 1; null when it is about no one line. */
  readonly line: number | null;
  readonly title: string;
  readonly detail: string;
}

/** What one reviewer (the first or the second) has said of a pull request by now. */
export interface ReviewLedger {
  /** The head that was reviewed last. */
  readonly headSha: string;
  readonly open: readonly ReviewFinding[];
  /** Ids that were resolved, oldest first; none of them is used again. */
  readonly closed: readonly string[];
  /** Rounds in a row in which nothing came nearer to an end. */
  readonly stuckRounds: number;
}

/** Each reviewer has its own, and is told nothing of the other's. */
export interface ReviewLedgers {
  readonly first: ReviewLedger | null;
  readonly second: ReviewLedger | null;
}

export const noLedgers: ReviewLedgers = { first: null, second: null };

export const ledgerOf = (ledgers: ReviewLedgers, round: number): ReviewLedger | null =>
  round === 2 ? ledgers.second : ledgers.first;

export const withLedger = (ledgers: ReviewLedgers, round: number, ledger: ReviewLedger): ReviewLedgers =>
  round === 2 ? { ...ledgers, second: ledger } : { ...ledgers, first: ledger };

/** Most findings of one report, and most that may be open at once. */
export const maxFindings = 30;

/** Lines of the new side of a change, first and last included. */
export interface ChangedRange {
  readonly path: string;
  readonly from: number;
  readonly to: number;
}

/** The commit status that shows a review's verdict on the forge. It is written by us and never read. */
export const reviewStatusContext = "agent-control-plane/review";
