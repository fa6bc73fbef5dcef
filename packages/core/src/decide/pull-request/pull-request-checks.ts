import type { PullRequestRules } from "../../domain/policy.ts";
import type { Check } from "../../domain/reading.ts";
import { reviewStatusContext } from "../../domain/review.ts";

export interface ChecksView {
  readonly pending: readonly Check[];
  /** Failures that count; none when all of them are the infrastructure's. */
  readonly failures: readonly Check[];
  /** There were failures, and all of them are the infrastructure's. */
  readonly isBypassed: boolean;
  /** Nothing was reported, and the profile says that there have to be checks. */
  readonly areMissing: boolean;
  /** The status that carries the name of our review's is there, and is no success. */
  readonly isOursUnsettled: boolean;
}

/**
 * A state that we have no word for may still turn out either way, so it reads as not finished. A status under the name
 * of our review's is no check, whoever set it: what we reviewed we know from our own store.
 */
export function viewChecks(reported: readonly Check[], rules: PullRequestRules): ChecksView {
  const checks = reported.filter((check) => !hasOurName(check));
  const failed = checks.filter(({ state }) => state === "failed");
  const isBypassed = failed.length > 0 && failed.every(infraFailureOf(rules.infraFailures));
  return {
    pending: checks.filter(({ state }) => state !== "failed" && !passing.has(state)),
    failures: isBypassed ? [] : failed,
    isBypassed,
    areMissing: checks.length === 0 && !rules.mayLackChecks,
    isOursUnsettled: reported.some((check) => hasOurName(check) && check.state !== "passed"),
  };
}

const hasOurName = ({ kind, name }: Check): boolean => kind === "status" && name === reviewStatusContext;

/** Neutral and skipped ones had nothing to object to. */
const passing: ReadonlySet<Check["state"]> = new Set(["passed", "neutral", "skipped"]);

/** A failure that says nothing of itself is not known to be the infrastructure's. */
function infraFailureOf(patterns: readonly string[]): (check: Check) => boolean {
  const expressions = patterns.map(expressionOf).filter((each) => each !== null);
  return ({ summary }) => summary.trim() !== "" && expressions.some((each) => each.test(summary));
}

/** The profile's rules refuse a pattern that is none; one that came here all the same excuses no failure. */
function expressionOf(source: string): RegExp | null {
  try {
    return new RegExp(source, "i");
  } catch {
    return null;
  }
}
