import type { WorkEvidence } from "../../domain/evidence.ts";
import { needsHuman, type ReconcileFacts, type ReconcileStep, succeed, tryAgain } from "./conclusion.ts";
import { guardWork, refuseStray } from "./guard-work.ts";
import { judgeVerification } from "./judge-verification.ts";

/**
 * Fix and merge repair: a verified change on top of the pull request's head is pushed to its branch. Of a merge repair
 * the host looks for itself whether the base is in it.
 */
export function judgeRepair(facts: ReconcileFacts): ReconcileStep {
  const { contract, evidence, startSha } = facts;
  const merge = mergeOf(facts);
  if (contract.kind === "valid" && contract.outcome === "blocked") {
    const reason = contract.failureReason ?? "pr-worker-blocked";
    return needsHuman(facts, reason, contract.detail || "the agent says it is blocked and gives no detail");
  }
  if (contract.kind === "invalid")
    return tryAgain(facts, contract.reason ?? "invalid-result-contract", contract.problems.join("; "));
  if (!evidence) return tryAgain(facts, "worktree-missing", "the worktree was gone before its work could be collected");
  const stray = refuseStray(facts, evidence);
  if (stray) return stray;
  const saysNothingNeeded = contract.kind === "valid" && contract.outcome === "no-change-needed";
  if (!changesAnything(facts, evidence)) {
    if (!saysNothingNeeded) return tryAgain(facts, "no-publishable-delta", "the session changed no file");
    if (merge === "conflicts") {
      return tryAgain(
        facts,
        "remaining-merge-conflicts-after-no-change-needed",
        "the agent says there is nothing to change, and the branch still conflicts with its base",
      );
    }
    const summary = contract.detail || "the agent found nothing to change and gives no reason";
    return succeed("nothing-to-do", "no-change-needed", summary, { headSha: startSha });
  }
  if (merge !== null && merge !== "holds-base") {
    return tryAgain(
      facts,
      "remaining-merge-conflicts-after-updated-branch",
      "the result does not hold the base branch: the merge was not made, or not committed",
    );
  }
  const guarded = guardWork(facts);
  if (guarded.refused) return guarded.refused;
  const { headSha } = evidence;
  return judgeVerification(facts, evidence, {
    verified: guarded.publish(succeed("published", "published", `verified ${headSha}`, { headSha, startSha })),
    isGatedByBase: false,
  });
}

/** A merge whose changes the branch had already moves the branch and changes no file. */
const changesAnything = (facts: ReconcileFacts, evidence: WorkEvidence): boolean =>
  evidence.files.length > 0 || (mergeOf(facts) === "holds-base" && evidence.headSha !== facts.startSha);

/** A merge repair of which nobody knows how it stands to its base counts as one that still conflicts. */
const mergeOf = ({ task, merge }: ReconcileFacts): ReconcileFacts["merge"] =>
  task.lane === "pr-merge-repair" ? (merge ?? "conflicts") : null;
