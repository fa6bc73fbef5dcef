import type { Inspection } from "../../domain/delta.ts";
import type { ContractReading, FollowUp, VerificationReport, WorkEvidence } from "../../domain/evidence.ts";
import type { GuardFinding, GuardRules } from "../../domain/guard.ts";
import type { Json } from "../../domain/json.ts";
import type { Outcome } from "../../domain/outcome.ts";
import type { ProviderLimit } from "../../domain/provider.ts";
import type { FailureReason } from "../../domain/reason.ts";
import type { ChangedRange } from "../../domain/review.ts";
import type { Ending } from "../../domain/session.ts";
import type { Release, Task } from "../../domain/task.ts";
import type { Instant, Millis } from "../../domain/time.ts";
import { retryDelayMs } from "./retry-delay.ts";

export interface ReconcileFacts {
  readonly now: Instant;
  readonly task: Task;
  readonly started: boolean;
  /** The commit the session started from: the base's head, or the pull request's. */
  readonly startSha: string;
  readonly ending: Ending;
  readonly contract: ContractReading;
  /** Null when the session never had a worktree to look at. */
  readonly evidence: WorkEvidence | null;
  /** The lines of the change, and what was found in them; null when nobody looked, and then nothing is published. */
  readonly inspection: Inspection | null;
  /** Why the host gave up looking at what the session left; null when it could look. */
  readonly unreadable: string | null;
  /** The newest verification of `evidence.headSha`, and how many came so far as to start. */
  readonly verification: Checked | null;
  readonly verifications: number;
  /** What is known of the checks on `startSha` itself; asked for issues only. */
  readonly baseline: {
    readonly verdict: "unknown" | "passed" | "broken";
    readonly verification: Checked | null;
    readonly verifications: number;
    /** The issue is the one that asks for the base to be mended: its being broken excuses nothing. */
    readonly isMended?: boolean;
  };
  /** Of a merge repair: how its result stands to the base it was given. Null in every other lane. */
  readonly merge: "holds-base" | "merges-cleanly" | "conflicts" | null;
  /** Of a later review: the lines that changed since this reviewer looked last; null or absent: not known. */
  readonly changedSinceReview?: readonly ChangedRange[] | null;
  readonly policy: {
    readonly retryLadder: readonly Millis[];
    readonly hasVerification: boolean;
    readonly guards: GuardRules;
    readonly maxStuckReviews?: number;
    /** Whether issues may be made of what an agent proposes. Default: yes. */
    readonly mayFollowUp?: boolean;
  };
}

/** How a verification session ended, and what it wrote down. */
export interface Checked {
  readonly ending: Ending;
  readonly report: VerificationReport | null;
}

/** What is to happen next with an ended session. */
export type ReconcileStep =
  | { readonly kind: "verify"; readonly sha: string }
  /** The checks failed on the work: would they have failed without it? */
  | { readonly kind: "verify-base"; readonly sha: string }
  | Conclusion;

export type Conclusion = {
  readonly kind: "conclude";
  readonly release: Release;
  /** One line for people; `reason` is the code for machines. */
  readonly summary: string;
  /** The session met a limit of its provider; shared by every session that the limit covers, in every profile. */
  readonly limit: ProviderLimit | null;
  /** Issues to make of it. */
  readonly followUps: readonly FollowUp[];
  /** What was found out of the commit the session started from. */
  readonly baseline: { readonly passed: boolean; readonly summary: string } | null;
  /** What guards found in the work. What is published with one to approve is made ready and waits for a person. */
  readonly findings?: readonly GuardFinding[];
} & Judgement;

type Judgement =
  | { readonly outcome: Exclude<Outcome, NoFailure>; readonly reason: FailureReason }
  | { readonly outcome: NoFailure; readonly reason: string };

/** Of a cancelled task, whoever cancelled it gave the reason. */
type NoFailure = "published" | "reported" | "reviewed" | "nothing-to-do" | "cancelled";

export const conclude = (judgement: Judgement, release: Release, summary: string): Conclusion => ({
  kind: "conclude",
  ...judgement,
  release,
  summary,
  limit: null,
  followUps: [],
  baseline: null,
});

/** A good end; what it left behind is for those who decide what comes next. */
export const succeed = (
  outcome: Exclude<NoFailure, "cancelled">,
  reason: string,
  summary: string,
  result: Json,
): Conclusion => conclude({ outcome, reason }, { kind: "succeeded", reason, result }, summary);

export function tryAgain(facts: ReconcileFacts, reason: FailureReason, summary: string): Conclusion {
  const { task, now, policy } = facts;
  if (task.attempts >= task.maxAttempts) {
    return needsHuman(facts, reason, `${summary} (attempt ${task.attempts} of ${task.maxAttempts})`);
  }
  const runAt = now + retryDelayMs(task.attempts, policy.retryLadder);
  return conclude({ outcome: "try-again", reason }, { kind: "retry", runAt, reason, result: { summary } }, summary);
}

/** What the work started from is kept, for whoever asks later whether the same start would come to the same. */
export function needsHuman({ startSha }: ReconcileFacts, reason: FailureReason, summary: string): Conclusion {
  return conclude({ outcome: "needs-human", reason }, { kind: "dead", reason, result: { summary, startSha } }, summary);
}

export const cancelled = (reason: string): Conclusion =>
  conclude({ outcome: "cancelled", reason }, { kind: "cancelled", reason }, "cancelled while it ran");

/** Somebody pushed to the pull request's branch while its repair was made: theirs stands. */
export const superseded = (summary: string): Conclusion => ({ ...cancelled("superseded"), summary });
