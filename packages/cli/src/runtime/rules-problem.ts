import type { Instant } from "@agent-control-plane/core";

/** Why the newest rules of a profile, or of the host, are not in force. A daemon writes it into its row, `status` shows it. */
export type RulesProblem = {
  /** `last-good`: the rules of before hold; `restart-needed`: they do, until a restart; `not-loaded`: there are none. */
  readonly state: "last-good" | "restart-needed" | "not-loaded";
  /** One text each, with the place in the file and what to do. */
  readonly problems: readonly string[];
  /** When the daemon first saw it. */
  readonly since: Instant;
};

/** Of host.yaml, beside the profiles' ids: it has a dot, so no profile is named so. */
export const hostRulesKey = "host.yaml";

/** Pure. The problem that stands now, and whether it is news: the same one is said once and keeps its time. */
export function standingProblem(
  before: RulesProblem | null,
  found: RulesProblem,
): { readonly problem: RulesProblem; readonly isNews: boolean } {
  const isSame = before?.state === found.state && before.problems.join("\n") === found.problems.join("\n");
  return isSame ? { problem: before, isNews: false } : { problem: found, isNews: true };
}
