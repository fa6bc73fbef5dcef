import { pullRequestPayloadOf } from "../../domain/lane-payload.ts";
import { needsHuman, type ReconcileFacts, type ReconcileStep, succeed, tryAgain } from "./conclusion.ts";

/** A scheduled check is nothing but its report: without one it failed, and is tried again. */
export function judgeCheck(facts: ReconcileFacts): ReconcileStep {
  const { contract } = facts;
  if (contract.kind === "missing") return missing(facts);
  if (contract.kind === "invalid")
    return tryAgain(facts, contract.reason ?? "invalid-result-contract", contract.problems.join("; "));
  const alert = contract.isAlert === true;
  const reason = alert ? "reported-alert" : "reported";
  return succeed("reported", reason, contract.detail, { alert, summary: contract.detail });
}

/** A review's verdict holds for the head it was given for, and for no other. */
export function judgeReview(facts: ReconcileFacts): ReconcileStep {
  const { contract, startSha } = facts;
  if (contract.kind === "missing") return missing(facts);
  if (contract.kind === "invalid")
    return tryAgain(facts, contract.reason ?? "invalid-result-contract", contract.problems.join("; "));
  const round = pullRequestPayloadOf(facts.task)?.round ?? 1;
  if (contract.outcome === "approved") {
    const summary = contract.detail || "the reviewer found nothing that has to change";
    return succeed("reviewed", "review-approved", summary, { headSha: startSha, round });
  }
  if (contract.outcome === "changes-requested") {
    const result = { headSha: startSha, round, findings: contract.detail };
    return succeed("reviewed", "changes-requested", contract.detail, result);
  }
  const reason = contract.failureReason ?? "pr-worker-blocked";
  return needsHuman(facts, reason, contract.detail || "the reviewer says it is blocked and gives no detail");
}

const missing = (facts: ReconcileFacts): ReconcileStep =>
  tryAgain(facts, "missing-result-contract", "the session ended without a report, and the report is all it is for");
