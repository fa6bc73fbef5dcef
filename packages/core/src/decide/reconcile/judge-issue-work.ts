import { needsHuman, type ReconcileFacts, type ReconcileStep, succeed, tryAgain } from "./conclusion.ts";
import { guardWork, refuseStray } from "./guard-work.ts";
import { judgeVerification } from "./judge-verification.ts";

/** Issue implementation and blocked recovery: a verified change becomes a pull request. */
export function judgeIssueWork(facts: ReconcileFacts): ReconcileStep {
  const { contract, evidence } = facts;
  if (contract.kind === "valid" && contract.outcome === "blocked") {
    const reason = contract.failureReason ?? "issue-worker-blocked";
    return needsHuman(facts, reason, contract.detail || "the agent says it is blocked and gives no detail");
  }
  if (contract.kind === "valid" && contract.outcome === "no-change-needed" && evidence?.files.length === 0) {
    return needsHuman(
      facts,
      "no-change-needed",
      contract.detail || "the agent found nothing to change and gives no reason",
    );
  }
  if (contract.kind === "invalid")
    return tryAgain(facts, contract.reason ?? "invalid-result-contract", contract.problems.join("; "));
  if (!evidence) return tryAgain(facts, "worktree-missing", "the worktree was gone before its work could be collected");
  const stray = refuseStray(facts, evidence);
  if (stray) return stray;
  if (evidence.files.length === 0) return tryAgain(facts, "no-publishable-delta", "the session changed no file");
  const guarded = guardWork(facts);
  if (guarded.refused) return guarded.refused;
  const verified = succeed("published", "published", `verified ${evidence.headSha}`, { headSha: evidence.headSha });
  return judgeVerification(facts, evidence, {
    verified: guarded.publish(verified),
    isGatedByBase: true,
  });
}
