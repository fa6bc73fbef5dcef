import type { Json } from "../../domain/json.ts";
import { pullRequestPayloadOf } from "../../domain/lane-payload.ts";
import { ledgerOf, noLedgers, type ReviewFinding, type ReviewLedgers, withLedger } from "../../domain/review.ts";
import { needsHuman, type ReconcileFacts, type ReconcileStep, succeed, tryAgain } from "./conclusion.ts";
import { convergeReview } from "./converge-review.ts";

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

/**
 * A review's verdict holds for the head it was given for, and for no other. What it means is measured against what the
 * same reviewer said before: see `convergeReview`.
 */
export function judgeReview(facts: ReconcileFacts): ReconcileStep {
  const { contract, startSha } = facts;
  if (contract.kind === "missing") return missing(facts);
  if (contract.kind === "invalid")
    return tryAgain(facts, contract.reason ?? "invalid-result-contract", contract.problems.join("; "));
  const { outcome, detail, findings = [], resolved = [] } = contract;
  if (outcome !== "approved" && outcome !== "changes-requested") {
    const reason = contract.failureReason ?? "pr-worker-blocked";
    return needsHuman(facts, reason, detail || "the reviewer says it is blocked and gives no detail");
  }
  const pullRequest = pullRequestPayloadOf(facts.task);
  const round = pullRequest?.round ?? 1;
  const ledgers = pullRequest?.review?.ledgers ?? noLedgers;
  const changed = facts.changedSinceReview ?? null;
  const maxStuckRounds = facts.policy.maxStuckReviews ?? defaultMaxStuckRounds;
  const report = { outcome, findings, resolved };
  const converged = convergeReview(report, ledgerOf(ledgers, round), { headSha: startSha, changed, maxStuckRounds });
  if (converged.kind === "invalid") {
    return tryAgain(facts, "invalid-result-contract", converged.problems.join("; "));
  }
  const { verdict, ledger } = converged;
  const kept = { headSha: startSha, round, ledgers: jsonOf(withLedger(ledgers, round, ledger)) };
  const words = [detail, ...ledger.open.map(findingText)].filter((text) => text.trim() !== "").join("\n");
  if (verdict === "approved") {
    return succeed("reviewed", "review-approved", detail || "the reviewer found nothing that has to change", kept);
  }
  const summary = detail || `${ledger.open.length} findings are open`;
  const reason = verdict === "not-converging" ? "review-not-converging" : "changes-requested";
  return succeed("reviewed", reason, summary, { ...kept, findings: words });
}

const defaultMaxStuckRounds = 2;

/** A finding in one paragraph, for a prompt. */
const findingText = ({ id, severity, path, line, title, detail }: ReviewFinding): string =>
  `[${id}] ${severity}${path === null ? "" : `, ${path}${line === null ? "" : `:${line}`}`}: ${title}${detail ? `\n${detail}` : ""}`;

const jsonOf = (ledgers: ReviewLedgers): Json => ledgers as unknown as Json;

const missing = (facts: ReconcileFacts): ReconcileStep =>
  tryAgain(facts, "missing-result-contract", "the session ended without a report, and the report is all it is for");
