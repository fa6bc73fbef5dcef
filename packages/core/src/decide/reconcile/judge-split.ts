import type { ContractReading, FollowUp } from "../../domain/evidence.ts";
import { type Conclusion, needsHuman, type ReconcileFacts, succeed } from "./conclusion.ts";

/**
 * An issue the agent could not do. It may propose to split it: issues are made of the parts, and where nothing is left
 * of it they take its place. Its words alone never close an issue: there have to be follow-ups, and they are made first.
 */
export function judgeBlockedIssue(
  facts: ReconcileFacts,
  contract: Extract<ContractReading, { kind: "valid" }>,
): Conclusion {
  const followUps = contract.followUps ?? [];
  const detail = contract.detail || "the agent says it is blocked and gives no detail";
  const summary = `${detail}${proposals(followUps)}`;
  const isSplit = followUps.length > 0 && facts.policy.mayFollowUp !== false;
  if (isSplit && contract.isSuperseded) {
    const reason = "superseded-by-follow-ups";
    return { ...succeed("nothing-to-do", reason, detail, { summary }), followUps };
  }
  const reason = contract.failureReason ?? "issue-worker-blocked";
  return { ...needsHuman(facts, reason, summary), followUps: isSplit ? followUps : [] };
}

/** Kept with the task, so that whoever works it again does not propose the same once more. */
function proposals(followUps: readonly FollowUp[]): string {
  if (followUps.length === 0) return "";
  return ["", "", "Proposed follow-up issues:", ...followUps.map(({ title }) => `- ${title.trim()}`)].join("\n");
}
