import * as z from "zod";
import { type FailureReason, isFailureReason } from "./reason.ts";

/**
 * What an agent says about its work: `.acp/result.json` in its worktree (or `result.env`, parsed and never sourced).
 * Hostile like everything an agent writes: bounded, schema-checked, and without authority. It can say "blocked", it
 * cannot say "verified".
 */
export const resultContractSchema = z
  .strictObject({
    outcome: z.enum(["implemented", "blocked", "no-change-needed"]),
    action: z.enum(["host-publish-issue-pr", "host-comment-blocker", "host-comment-no-change"]).optional(),
    /** One line for people. */
    summary: boundedText(500).optional(),
    /** Why it is blocked, or anything the host should keep. */
    detail: boundedText(8_000).optional(),
    pr_title: boundedText(256).optional(),
    pr_body: boundedText(60_000).optional(),
    commit_message: boundedText(8_000).optional(),
    failure_reason: z.custom<FailureReason>(isReason, "is not one of the failure reasons").optional(),
  })
  .check((context) => {
    const { outcome, action } = context.value;
    const expected = actionOf[outcome];
    if (action === undefined || action === expected) return;
    context.issues.push({
      code: "custom",
      path: ["action"],
      input: action,
      message: `does not go with outcome "${outcome}"; expected "${expected}"`,
    });
  });

export type ResultContract = z.infer<typeof resultContractSchema>;
export type ContractOutcome = ResultContract["outcome"];

/** The one action that goes with each outcome of the issue lane; a missing one is filled in. */
export const actionOf = {
  implemented: "host-publish-issue-pr",
  blocked: "host-comment-blocker",
  "no-change-needed": "host-comment-no-change",
} as const satisfies Record<ContractOutcome, string>;

export type ParsedContract =
  | { readonly ok: true; readonly contract: ResultContract & { readonly action: string } }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Most a result file may have; larger ones are refused before they are read. */
export const resultFileMaxBytes = 256 * 1024;

export function parseResultJson(text: string): ParsedContract {
  const tooLarge = sizeProblem(text);
  if (tooLarge) return tooLarge;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { ok: false, problems: [`result.json is not JSON: ${error instanceof Error ? error.message : error}`] };
  }
  return checked(value);
}

/** Lines of `KEY=value`; OUTCOME, ACTION, SUMMARY, DETAIL, FAILURE_REASON. Quotes around a value are taken off. */
export function parseResultEnv(text: string): ParsedContract {
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
  return problems.length > 0 ? { ok: false, problems } : checked(value);
}

const knownEnvKeys = new Set(["OUTCOME", "ACTION", "SUMMARY", "DETAIL", "FAILURE_REASON"]);

function checked(value: unknown): ParsedContract {
  const parsed = resultContractSchema.safeParse(value);
  if (parsed.success) {
    return { ok: true, contract: { ...parsed.data, action: parsed.data.action ?? actionOf[parsed.data.outcome] } };
  }
  const problems = parsed.error.issues.map((issue) => {
    const where = issue.path.length > 0 ? issue.path.join(".") : "result";
    return `${where}: ${issue.message}`;
  });
  return { ok: false, problems };
}

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

/** Text of bounded length without NUL, which neither the forge nor the database takes. */
function boundedText(max: number) {
  return z
    .string()
    .max(max)
    .refine((text) => !text.includes("\0"), "holds a NUL character");
}
