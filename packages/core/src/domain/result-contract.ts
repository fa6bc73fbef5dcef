import * as z from "zod";
import type { Lane } from "./lane.ts";
import {
  type ContractOutcome,
  canonicalOutcome,
  type LaneContract,
  laneContracts,
  mustNameAction,
} from "./lane-contract.ts";
import { type FailureReason, isFailureReason } from "./reason.ts";
import { findingsSchema, resolvedSchema } from "./review-shapes.ts";

/** Most issues one session may propose. */
export const maxFollowUps = 10;

/**
 * What an agent says about its work: `.acp/result.json` in its worktree (or `result.env`, parsed and never sourced).
 * Hostile like everything an agent writes: bounded, schema-checked, and without authority. It can say "blocked", it
 * cannot say "verified". Which outcomes there are depends on the lane, see `laneContracts`.
 */
export const resultContractSchema = z.strictObject({
  outcome: boundedText(100),
  action: boundedText(100).optional(),
  /** One line for people. */
  summary: boundedText(500).optional(),
  /** Why it is blocked, what a review or a scheduled check found, or anything the host should keep. */
  detail: boundedText(8_000).optional(),
  pr_title: boundedText(256).optional(),
  pr_body: boundedText(60_000).optional(),
  commit_message: boundedText(8_000).optional(),
  /** What it is about; when it says so, it has to be the item the session was given. */
  issue: itemNumber().optional(),
  pr: itemNumber().optional(),
  failure_reason: z.custom<FailureReason>(isReason, "is not one of the failure reasons").optional(),
  /** Of an issue that is blocked because it is too large: what it should be split into. */
  follow_ups: z
    .array(z.strictObject({ title: boundedText(256).refine(isSomething, "is empty"), body: boundedText(8_000) }))
    .max(maxFollowUps)
    .optional(),
  /** With `follow_ups`: they hold all of it, and the issue itself may be closed. */
  superseded: z.boolean().optional(),
  /** Of a review: what it found, and which findings of its earlier rounds are settled. */
  findings: findingsSchema.optional(),
  resolved: resolvedSchema.optional(),
});

export type ResultContract = Omit<z.infer<typeof resultContractSchema>, "outcome" | "action"> & {
  readonly outcome: ContractOutcome;
  readonly action: string;
};

export type ParsedContract =
  | { readonly ok: true; readonly contract: ResultContract }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Most a result file may have; larger ones are refused before they are read. */
export const resultFileMaxBytes = 256 * 1024;

export function parseResultJson(text: string, lane: Lane = "issue-implementation"): ParsedContract {
  const tooLarge = sizeProblem(text);
  if (tooLarge) return tooLarge;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { ok: false, problems: [`result.json is not JSON: ${error instanceof Error ? error.message : error}`] };
  }
  return checked(value, lane);
}

/** Lines of `KEY=value`; OUTCOME, ACTION, SUMMARY, DETAIL, FAILURE_REASON. Quotes around a value are taken off. */
export function parseResultEnv(text: string, lane: Lane = "issue-implementation"): ParsedContract {
  const tooLarge = sizeProblem(text);
  if (tooLarge) return tooLarge;
  const value: Record<string, string> = {};
  const problems: string[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#.*)?$/.test(line)) continue;
    const match = /^\s*(?:export\s+)?([A-Z][A-Z0-9_]*)=(.*)$/.exec(line);
    const key = match?.[1];
    if (!key) problems.push(`result.env line ${index + 1} is not KEY=value`);
    else if (knownEnvKeys.has(key)) value[key.toLowerCase()] = unquoted(match[2] ?? "");
    // Other keys (ISSUE_ID, SESSION, ...) are said by the host itself, so what the file says of them is not read.
  }
  return problems.length > 0 ? { ok: false, problems } : checked(value, lane);
}

const knownEnvKeys = new Set(["OUTCOME", "ACTION", "SUMMARY", "DETAIL", "FAILURE_REASON"]);

function checked(value: unknown, lane: Lane): ParsedContract {
  const parsed = resultContractSchema.safeParse(value);
  if (parsed.success) return inLane(parsed.data, lane);
  const problems = parsed.error.issues.map((issue) => {
    const where = issue.path.length > 0 ? issue.path.join(".") : "result";
    return `${where}: ${issue.message}`;
  });
  return { ok: false, problems };
}

function inLane(said: z.infer<typeof resultContractSchema>, lane: Lane): ParsedContract {
  const known: LaneContract = laneContracts[lane];
  const outcome = canonicalOutcome(lane, said.outcome);
  if (!isOutcomeOf(known, outcome)) {
    const expected = Object.keys(known).map(quoted).join(", ");
    return refused(`outcome: ${quoted(said.outcome)} does not belong to lane "${lane}"; expected one of ${expected}`);
  }
  const actions = known[outcome] ?? [];
  const expected = actions.map(quoted).join(" or ");
  if (said.action === undefined && mustNameAction(outcome)) {
    return refused(`action: is missing; outcome "${outcome}" asks for ${expected}`);
  }
  const action = said.action ?? actions[0] ?? "";
  if (!actions.includes(action)) {
    return refused(`action: ${quoted(action)} does not go with outcome "${outcome}"; expected ${expected}`);
  }
  const ofReview = (["findings", "resolved"] as const).find((key) => said[key] !== undefined);
  if (ofReview && lane !== "pr-review") return refused(`${ofReview}: does not belong to lane "${lane}"`);
  if (tellsSomething(outcome) && !(said.detail ?? said.summary)?.trim() && !said.findings?.length) {
    return refused(`detail: is missing; outcome "${outcome}" has to say what was found`);
  }
  const split = splitProblem(said, outcome, lane);
  if (split) return refused(split);
  return { ok: true, contract: { ...said, ...asMeant(lane, outcome, said.failure_reason), action } };
}

/**
 * A review that is blocked by what it found asks for changes, whatever it calls that; one that names a reason of the
 * failure list could not be done.
 */
function asMeant(lane: Lane, outcome: ContractOutcome, reason: FailureReason | undefined) {
  const isVerdict = lane === "pr-review" && outcome === "blocked" && reason === undefined;
  return { outcome: isVerdict ? ("changes-requested" as const) : outcome };
}

/** Only an issue can be split, and only in place of being worked. */
function splitProblem(
  { follow_ups, superseded }: z.infer<typeof resultContractSchema>,
  outcome: ContractOutcome,
  lane: Lane,
): string | null {
  if (follow_ups === undefined && superseded === undefined) return null;
  const mayBeSplit = lane === "issue-implementation" || lane === "blocked-recovery";
  if (!mayBeSplit || outcome !== "blocked") {
    return 'follow_ups, superseded: expected only beside outcome "blocked" of an issue';
  }
  if (superseded && !follow_ups?.length) return "superseded: expected follow_ups that hold what the issue asks for";
  return null;
}

/** These outcomes are nothing but their words. */
const tellsSomething = (outcome: ContractOutcome): boolean => outcome === "reported" || outcome === "changes-requested";

const isOutcomeOf = (known: object, outcome: string): outcome is ContractOutcome => Object.hasOwn(known, outcome);

const refused = (problem: string): ParsedContract => ({ ok: false, problems: [problem] });

const quoted = (text: string): string => JSON.stringify(text);

function sizeProblem(text: string): ParsedContract | null {
  if (Buffer.byteLength(text) <= resultFileMaxBytes) return null;
  return { ok: false, problems: [`the result file is larger than ${resultFileMaxBytes} bytes`] };
}

function unquoted(value: string): string {
  const trimmed = value.trim();
  return /^(["']).*\1$/s.test(trimmed) && trimmed.length >= 2 ? trimmed.slice(1, -1) : trimmed;
}

function isReason(value: unknown): boolean {
  return typeof value === "string" && isFailureReason(value);
}

function isSomething(text: string): boolean {
  return text.trim() !== "";
}

function itemNumber() {
  return z.number().int().positive();
}

/** Text of bounded length without NUL, which neither the forge nor the database takes. */
function boundedText(max: number) {
  return z
    .string()
    .max(max)
    .refine((text) => !text.includes("\0"), "holds a NUL character");
}
