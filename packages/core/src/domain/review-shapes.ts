import * as z from "zod";
import { findingSeverities, maxFindings, type ReviewLedger, type ReviewLedgers } from "./review.ts";

/**
 * The shapes of findings and ledgers where they come from outside, or from a row. Apart from their types, which programs
 * that use the task API see without this library.
 */
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
