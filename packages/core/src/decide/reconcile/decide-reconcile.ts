import type { Lane } from "../../domain/lane.ts";
import { isLane } from "../../domain/lane.ts";
import type { FailureReason } from "../../domain/reason.ts";
import type { ExitReason } from "../../domain/session.ts";
import { limitOf } from "../provider/decide-quota.ts";
import { cancelled, conclude, type ReconcileFacts, type ReconcileStep, tryAgain } from "./conclusion.ts";
import { judgeIssueWork } from "./judge-issue-work.ts";
import { judgeRepair } from "./judge-repair.ts";
import { judgeCheck, judgeReview } from "./judge-report.ts";
import { releaseNotStarted } from "./not-started.ts";

export { type Conclusion, cancelled, type ReconcileFacts, type ReconcileStep, superseded } from "./conclusion.ts";

/**
 * The outcome of a session from what the host saw: how it ended, what its tree holds, what our own verification said.
 * The contract of the agent can only ask for less (blocked), never for more: a change is published when its tree has
 * one, and the checks passed on exactly that commit. What a session that ended well means is its lane's to say.
 */
export function decideReconcile(facts: ReconcileFacts): ReconcileStep {
  const { task, ending } = facts;
  if (task.cancelRequestedAt !== null) return cancelled(task.reason ?? "cancelled");
  if (!facts.started) return notStarted(facts, ending.summary || "the session never started");
  if (facts.unreadable !== null) return tryAgain(facts, "work-unreadable", facts.unreadable);
  if (ending.exitReason === "stopped") return stopped(facts);
  if (ending.exitReason !== "finished") {
    return unfinished(facts, ending.failureReason ?? reasonOfExit[ending.exitReason]);
  }
  return judges[isLane(task.lane) ? task.lane : "issue-implementation"](facts);
}

const judges: { readonly [lane in Lane]: (facts: ReconcileFacts) => ReconcileStep } = {
  "issue-implementation": judgeIssueWork,
  "blocked-recovery": judgeIssueWork,
  "scheduled-check": judgeCheck,
  "pr-review": judgeReview,
  "pr-fix": judgeRepair,
  "pr-merge-repair": judgeRepair,
};

/** How it ended decides, from the backend's structured evidence; never words in its output, nor in its contract. */
function unfinished(facts: ReconcileFacts, reason: FailureReason): ReconcileStep {
  const { ending, now } = facts;
  const summary = `${ending.summary}${whatItSaid(facts)}`;
  const limit = limitOf({ ...ending, failureReason: reason }, now);
  // It says nothing of the work: the attempt is given back, and the limit alone decides when, or by whom, it is made again.
  if (limit) {
    return { ...conclude({ outcome: "try-again", reason }, { kind: "snooze", runAt: now, reason }, summary), limit };
  }
  // Whether it may go on, and with how much, is judged by what was spent before each start: no try is used up by it.
  if (reason === "budget-exhausted") {
    return conclude(
      { outcome: "try-again", reason },
      { kind: "snooze", runAt: now, reason, result: { summary } },
      summary,
    );
  }
  if (reason === "resume-refused" && facts.task.reason !== reason) return withoutItsConversation(facts);
  return tryAgain(facts, reason, summary);
}

/** An agent that stopped itself and then ended badly may have known why: people hear it, and nothing rests on it. */
function whatItSaid({ contract }: ReconcileFacts): string {
  if (contract.kind !== "valid" || contract.outcome !== "blocked") return "";
  const { failureReason, detail } = contract;
  const why = [failureReason, detail].filter((part) => part).join(": ");
  return `; before that it said that it is blocked${why === "" ? "" : ` (${why})`}`;
}

/**
 * The backend knew nothing of the conversation it was to go on with, and did nothing: the attempt is given back, and
 * made anew on the ladder's next rung. Once in a row: whatever is wrong the second time is charged.
 */
function withoutItsConversation({ now, ending }: ReconcileFacts): ReconcileStep {
  const [reason, { summary }] = ["resume-refused", ending] as const;
  return conclude(
    { outcome: "try-again", reason },
    { kind: "snooze", runAt: now, reason, result: { summary } },
    summary,
  );
}

const reasonOfExit: { readonly [exit in Exclude<ExitReason, "finished" | "stopped">]: FailureReason } = {
  failed: "worker-exit-failed",
  stalled: "no-agent-progress-before-stall-threshold",
  "timed-out": "timeout",
  killed: "worker-killed",
  lost: "session-lost",
};

/** Not the agent's failure: the attempt is given back, and the next launch waits, so that a full disk is not hammered. */
function notStarted({ now, task, ending }: ReconcileFacts, summary: string): ReconcileStep {
  const reason = ending.failureReason ?? "not-started";
  // A login that is not there, for example: what else it would serve waits as well, and a person hears of it once.
  const limit = limitOf({ ...ending, failureReason: reason }, now);
  if (limit) {
    return { ...conclude({ outcome: "not-started", reason }, { kind: "snooze", runAt: now, reason }, summary), limit };
  }
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
