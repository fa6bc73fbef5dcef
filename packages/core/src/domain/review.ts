import * as z from "zod";

/**
 * What a reviewer finds, and what is kept of it from one round to the next. Findings have ids, so that a later round
 * says of each one whether it still stands, instead of starting over.
 */
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

const maxIds = 200;
const plain = (max: number) =>
  z
    .string()
    .max(max)
    .refine((text) => !text.includes("\0"), "holds a NUL character");
const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/, "is not an id of 1 to 40 letters, digits, . _ and -");

export const findingSchema = z.strictObject({
  id,
  severity: z.enum(findingSeverities),
  path: plain(500).min(1).nullable().default(null),
  line: z.number().int().min(1).max(10_000_000).nullable().default(null),
  title: plain(200).refine((text) => text.trim() !== "", "is empty"),
  detail: plain(1_500).default(""),
});

export const findingsSchema = z.array(findingSchema).max(maxFindings).refine(areUnique, "names an id twice");
export const resolvedSchema = z
  .array(id)
  .max(maxIds)
  .refine((ids) => new Set(ids).size === ids.length, "names an id twice");

function areUnique(findings: readonly { readonly id: string }[]): boolean {
  return new Set(findings.map((each) => each.id)).size === findings.length;
}

const ledgerSchema = z.object({
  headSha: z.string(),
  open: z.array(findingSchema),
  closed: z.array(z.string()),
  stuckRounds: z.number().int().min(0),
});

/** Ledgers as a task's payload or result holds them; what is not there, or is of another shape, counts as none. */
export function ledgersOf(value: unknown): ReviewLedgers | null {
  if (value === null || typeof value !== "object") return null;
  const { first, second } = value as { readonly first?: unknown; readonly second?: unknown };
  return { first: ledgerIn(first), second: ledgerIn(second) };
}

function ledgerIn(value: unknown): ReviewLedger | null {
  const parsed = ledgerSchema.safeParse(value);
  return parsed.success ? parsed.data : null;
}
