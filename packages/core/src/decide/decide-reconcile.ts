import type { ContractReading, VerificationReport, WorkEvidence } from "../domain/evidence.ts";
import type { Outcome } from "../domain/outcome.ts";
import type { FailureReason } from "../domain/reason.ts";
import type { Ending, ExitReason } from "../domain/session.ts";
import type { Release, Task } from "../domain/task.ts";
import type { Instant, Millis } from "../domain/time.ts";
import { releaseNotStarted } from "./not-started.ts";
import { retryDelayMs } from "./retry-delay.ts";

export interface ReconcileFacts {
  readonly now: Instant;
  readonly task: Task;
  readonly started: boolean;
  readonly ending: Ending;
  readonly contract: ContractReading;
  /** Null when the session never had a worktree to look at. */
  readonly evidence: WorkEvidence | null;
  /** Why the host gave up looking at what the session left; null when it could look. */
  readonly unreadable: string | null;
  /** The newest verification of `evidence.headSha`, and how many came so far as to start. */
  readonly verification: { readonly ending: Ending; readonly report: VerificationReport | null } | null;
  readonly verifications: number;
  readonly policy: { readonly retryLadder: readonly Millis[]; readonly hasVerification: boolean };
}

/** What is to happen next with an ended session. */
export type ReconcileStep = { readonly kind: "verify"; readonly sha: string } | Conclusion;

export type Conclusion = {
  readonly kind: "conclude";
  readonly release: Release;
  /** One line for people; `reason` is the code for machines. */
  readonly summary: string;
  /** The provider asked for a pause; shared by every session of this backend. */
  readonly providerCooldownUntil: Instant | null;
} & Judgement;

type Judgement =
  | { readonly outcome: Exclude<Outcome, Wanted>; readonly reason: FailureReason }
  | { readonly outcome: Wanted; readonly reason: string };

/** Outcomes that are no failure: of a cancelled task, whoever cancelled it gave the reason. */
type Wanted = "published" | "cancelled";

const maxVerifications = 3;

/** What a provider says of its limit comes out of a stream: a moment in the past or in a hundred years is no answer. */
const minCooldownMs: Millis = 60_000;
const maxCooldownMs: Millis = 8 * 24 * 3_600_000;

/**
 * Endings that say something of the provider and nothing of the work: every session of that backend waits, and none of
 * them pays with an attempt. How long, when the provider names no time.
 */
const providerPausesMs: ReadonlyMap<FailureReason, Millis> = new Map<FailureReason, Millis>([
  ["provider-quota-limit", 300_000],
  ["usage-limit", 300_000],
  ["auth-401", 900_000],
  ["auth-failure", 900_000],
  ["account-banned", 3_600_000],
]);

/**
 * The outcome of a session from what the host saw: how it ended, what its tree holds, what our own verification said.
 * The contract of the agent can only ask for less (blocked), never for more: a change is published when its tree has
 * one, and the checks passed on exactly that commit.
 */
export function decideReconcile(facts: ReconcileFacts): ReconcileStep {
  const { task, ending, contract, evidence } = facts;
  if (task.cancelRequestedAt !== null) return cancelled(task.reason ?? "cancelled");
  if (!facts.started) return notStarted(facts, ending.summary || "the session never started");
  if (facts.unreadable !== null) return tryAgain(facts, "work-unreadable", facts.unreadable);
  if (ending.exitReason === "stopped") return stopped(facts);
  if (ending.exitReason !== "finished") {
    return unfinished(facts, ending.failureReason ?? reasonOfExit[ending.exitReason]);
  }
  if (contract.kind === "valid" && contract.outcome === "blocked") {
    const reason = contract.failureReason ?? "issue-worker-blocked";
    return needsHuman(reason, contract.detail || "the agent says it is blocked and gives no detail");
  }
  if (contract.kind === "valid" && contract.outcome === "no-change-needed" && evidence?.files.length === 0) {
    return needsHuman("no-change-needed", contract.detail || "the agent found nothing to change and gives no reason");
  }
  if (contract.kind === "invalid") return tryAgain(facts, "invalid-result-contract", contract.problems.join("; "));
  if (!evidence) return tryAgain(facts, "worktree-missing", "the worktree was gone before its work could be collected");
  if (evidence.problems.length > 0) return tryAgain(facts, "unpublishable-tree", evidence.problems.join("; "));
  if (evidence.files.length === 0) return tryAgain(facts, "no-publishable-delta", "the session changed no file");
  if (!facts.policy.hasVerification) {
    return needsHuman(
      "no-verification-configured",
      "the profile has no verification commands, and nothing unverified is published",
    );
  }
  return judgeVerification(facts, evidence);
}

function judgeVerification(facts: ReconcileFacts, evidence: WorkEvidence): ReconcileStep {
  const { verification } = facts;
  if (!verification) return { kind: "verify", sha: evidence.headSha };
  const { report, ending } = verification;
  if (report?.passed && ending.exitReason === "finished") {
    const reason = "published";
    return conclude({ outcome: "published", reason }, { kind: "succeeded", reason }, `verified ${evidence.headSha}`);
  }
  if (report && !report.passed && ranToItsEnd(ending)) {
    return tryAgain(facts, "verification-failed", failedChecks(report));
  }
  if (ending.exitReason === "timed-out") return tryAgain(facts, "verification-timed-out", ending.summary);
  // Interrupted (lost, stopped with the runtime): the checks said nothing, so they are asked again.
  if (facts.verifications < maxVerifications) return { kind: "verify", sha: evidence.headSha };
  return tryAgain(facts, "verification-interrupted", `verification was interrupted ${facts.verifications} times`);
}

/** The report is written check by check: of a session that was ended from outside it says only how far it came. */
const ranToItsEnd = ({ exitReason }: Ending): boolean => exitReason === "finished" || exitReason === "failed";

function unfinished(facts: ReconcileFacts, reason: FailureReason): ReconcileStep {
  const { ending, now } = facts;
  const pauseMs = providerPausesMs.get(reason);
  if (pauseMs !== undefined) {
    const until = within(now + minCooldownMs, ending.retryAt ?? now + pauseMs, now + maxCooldownMs);
    return {
      ...conclude({ outcome: "try-again", reason }, { kind: "snooze", runAt: until, reason }, ending.summary),
      providerCooldownUntil: until,
    };
  }
  return tryAgain(facts, reason, ending.summary);
}

const reasonOfExit: { readonly [exit in Exclude<ExitReason, "finished" | "stopped">]: FailureReason } = {
  failed: "worker-exit-failed",
  stalled: "no-agent-progress-before-stall-threshold",
  "timed-out": "timeout",
  killed: "worker-killed",
  lost: "session-lost",
};

function tryAgain(facts: ReconcileFacts, reason: FailureReason, summary: string): ReconcileStep {
  const { task, now, policy } = facts;
  if (task.attempts >= task.maxAttempts) {
    return needsHuman(reason, `${summary} (attempt ${task.attempts} of ${task.maxAttempts})`);
  }
  const runAt = now + retryDelayMs(task.attempts, policy.retryLadder);
  return conclude({ outcome: "try-again", reason }, { kind: "retry", runAt, reason, result: { summary } }, summary);
}

const needsHuman = (reason: FailureReason, summary: string): ReconcileStep =>
  conclude({ outcome: "needs-human", reason }, { kind: "dead", reason, result: { summary } }, summary);

const cancelled = (reason: string): ReconcileStep =>
  conclude({ outcome: "cancelled", reason }, { kind: "cancelled", reason }, "cancelled while it ran");

/** Not the agent's failure: the attempt is given back, and the next launch waits, so that a full disk is not hammered. */
function notStarted({ now, task, ending }: ReconcileFacts, summary: string): ReconcileStep {
  const reason = ending.failureReason ?? "not-started";
  return conclude({ outcome: "not-started", reason }, releaseNotStarted(task, { reason, summary }, now), summary);
}

function stopped({ now }: ReconcileFacts): ReconcileStep {
  const [reason, summary] = ["not-started", "stopped with the runtime"] as const;
  return conclude(
    { outcome: "not-started", reason },
    { kind: "snooze", runAt: now, reason, result: { summary } },
    summary,
  );
}

const within = (least: number, wanted: number, most: number): number => Math.min(Math.max(least, wanted), most);

const conclude = (judgement: Judgement, release: Release, summary: string): Conclusion => ({
  kind: "conclude",
  ...judgement,
  release,
  summary,
  providerCooldownUntil: null,
});

function failedChecks(report: VerificationReport): string {
  const failed = report.commands.filter((command) => command.exitCode !== 0);
  return failed.map((command) => `${command.name} ended with ${command.exitCode ?? "a signal"}`).join("; ");
}
