import type { VerificationReport, WorkEvidence } from "../../domain/evidence.ts";
import type { Ending } from "../../domain/session.ts";
import {
  type Checked,
  type Conclusion,
  conclude,
  needsHuman,
  type ReconcileFacts,
  type ReconcileStep,
  tryAgain,
} from "./conclusion.ts";
import { retryDelayMs } from "./retry-delay.ts";

const maxVerifications = 3;

/** Nothing leaves the host before its checks passed on exactly that commit; `verified` says what happens then. */
export function judgeVerification(
  facts: ReconcileFacts,
  evidence: WorkEvidence,
  of: { readonly verified: Conclusion; readonly isGatedByBase: boolean },
): ReconcileStep {
  if (!facts.policy.hasVerification) {
    return needsHuman(
      facts,
      "no-verification-configured",
      "the profile has no verification commands, and nothing unverified is published",
    );
  }
  const { verification } = facts;
  if (!verification) return { kind: "verify", sha: evidence.headSha };
  const { report, ending } = verification;
  if (hasPassed(verification)) return of.verified;
  if (report && hasFailed(verification)) {
    return of.isGatedByBase ? judgeBase(facts, report) : tryAgain(facts, "verification-failed", failedChecks(report));
  }
  if (ending.exitReason === "timed-out") return tryAgain(facts, "verification-timed-out", ending.summary);
  // Interrupted (lost, stopped with the runtime): the checks said nothing, so they are asked again.
  if (facts.verifications < maxVerifications) return { kind: "verify", sha: evidence.headSha };
  return tryAgain(facts, "verification-interrupted", `verification was interrupted ${facts.verifications} times`);
}

/**
 * Checks that fail on the base, too, say nothing of the work: it waits for the base to move and pays no attempt. A
 * base that cannot be judged (its checks hang, or are interrupted again and again) excuses nobody.
 */
function judgeBase(facts: ReconcileFacts, failed: VerificationReport): ReconcileStep {
  const { baseline, startSha } = facts;
  const countsAgainstWork = tryAgain(facts, "verification-failed", failedChecks(failed));
  if (baseline.isMended) return countsAgainstWork;
  if (baseline.verdict === "broken") return baseIsBroken(facts, failedChecks(failed));
  if (baseline.verdict === "passed") return countsAgainstWork;
  const checked = baseline.verification;
  if (!checked) return { kind: "verify-base", sha: startSha };
  if (hasPassed(checked)) {
    return { ...countsAgainstWork, baseline: { passed: true, summary: "the checks passed" } };
  }
  if (checked.report && hasFailed(checked)) {
    const summary = failedChecks(checked.report);
    return { ...baseIsBroken(facts, summary), baseline: { passed: false, summary } };
  }
  const mayAskAgain = checked.ending.exitReason !== "timed-out" && baseline.verifications < maxVerifications;
  return mayAskAgain ? { kind: "verify-base", sha: startSha } : countsAgainstWork;
}

function baseIsBroken({ now, policy, startSha }: ReconcileFacts, failed: string): Conclusion {
  const reason = "baseline-broken";
  const summary = `the checks fail without this work, too, on ${startSha}: ${failed}`;
  const runAt = now + retryDelayMs(1, policy.retryLadder);
  return conclude({ outcome: "try-again", reason }, { kind: "snooze", runAt, reason, result: { summary } }, summary);
}

const hasPassed = ({ report, ending }: Checked): boolean => report?.passed === true && ending.exitReason === "finished";

const hasFailed = ({ report, ending }: Checked): boolean => report?.passed === false && ranToItsEnd(ending);

/** The report is written check by check: of a session that was ended from outside it says only how far it came. */
const ranToItsEnd = ({ exitReason }: Ending): boolean => exitReason === "finished" || exitReason === "failed";

function failedChecks(report: VerificationReport): string {
  const failed = report.commands.filter((command) => command.exitCode !== 0);
  return failed.map((command) => `${command.name} ended with ${command.exitCode ?? "a signal"}`).join("; ");
}
