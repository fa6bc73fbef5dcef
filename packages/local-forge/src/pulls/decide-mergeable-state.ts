import type { BranchRules } from "../storage/branch-rules.ts";

export interface MergeFacts {
  /** Null until it is worked out. */
  readonly mergeable: boolean | null;
  readonly isDraft: boolean;
  /** Null when the base is not protected. */
  readonly rules: Omit<BranchRules, "mergeQueue"> | null;
  readonly passedChecks: ReadonlySet<string>;
  readonly allChecksPass: boolean;
  readonly approvals: number;
  readonly changesRequested: boolean;
  readonly isBehind: boolean;
}

/** Pure: GitHub's word for whether a pull request can go in now. */
export function decideMergeableState(facts: MergeFacts): string {
  if (facts.mergeable === null) return "unknown";
  if (!facts.mergeable) return "dirty";
  if (facts.isDraft) return "draft";
  const unmet = unmetRule(facts);
  if (unmet !== null) return unmet.state;
  return facts.allChecksPass ? "clean" : "unstable";
}

/** Pure: the first rule of the base that does not hold, in the words a merge is refused with; null when all do. */
export function unmetRule(
  facts: Omit<MergeFacts, "mergeable">,
): { state: "blocked" | "behind"; message: string } | null {
  const { rules } = facts;
  if (rules === null) return null;
  const missing = rules.requiredChecks.find((name) => !facts.passedChecks.has(name));
  if (missing !== undefined) return { state: "blocked", message: `Required status check "${missing}" is expected.` };
  if (facts.changesRequested && rules.requiredApprovals > 0) {
    return { state: "blocked", message: "Changes have been requested." };
  }
  if (facts.approvals < rules.requiredApprovals) {
    const message = `At least ${rules.requiredApprovals} approving review is required by reviewers with write access.`;
    return { state: "blocked", message };
  }
  if (!rules.mustBeUpToDate || !facts.isBehind) return null;
  return { state: "behind", message: "Head branch is out of date. Review and try the merge again." };
}
