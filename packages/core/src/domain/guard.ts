import type { FailureReason } from "./reason.ts";

/** What of an agent's work is looked at before any of it is published; one profile's rules. */
export interface GuardRules {
  /** Above either, work is given to a person; generated files do not count. Null: no limit. */
  readonly scope: { readonly maxFiles: number | null; readonly maxLines: number | null };
  /** Globs beside those that are protected everywhere; `allowedPaths` are protected by neither. */
  readonly protectedPaths: readonly string[];
  readonly allowedPaths: readonly string[];
  readonly weakenedTests: "flag" | "approve" | "refuse";
  /** Files that hold what looks like secrets and is none, such as fixtures. */
  readonly secretsAllowedIn: readonly string[];
  /** Globs of `pull_requests.risk`. */
  readonly tests: readonly string[];
  readonly docsOnly: readonly string[];
  readonly generated: readonly string[];
}

/**
 * One thing that was found in the work. `refuse`: it goes to a person and is not published. `approve`: it is made ready,
 * and sent when a person says so. `flag`: it is shown. `found`: one line each, for people; no secret stands in them.
 */
export interface GuardFinding {
  readonly code: Extract<
    FailureReason,
    "scope-guard-blocked" | "secret-in-diff" | "protected-paths" | "weakened-tests" | "base-changes-dropped"
  >;
  readonly verdict: "refuse" | "approve" | "flag";
  readonly found: readonly string[];
}
