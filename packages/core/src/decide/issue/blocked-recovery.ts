import type { HoldReason } from "../../domain/hold-reason.ts";
import type { SchedulingPolicy } from "../../domain/policy.ts";
import type { Timeline } from "../../domain/reading.ts";
import { type FailureReason, isFailureReason } from "../../domain/reason.ts";
import type { BaseView } from "../../domain/snapshot.ts";
import type { Task } from "../../domain/task.ts";
import type { Instant, Millis } from "../../domain/time.ts";
import { issueNumberOf } from "../subjects.ts";
import { labelSetBy } from "../trust.ts";
import { blockerIn } from "./issue-payload.ts";

export type Recovery =
  | { readonly kind: "person"; readonly detail: string }
  | { readonly kind: "wait"; readonly because: HoldReason; readonly detail: string; readonly round: number }
  | { readonly kind: "now"; readonly round: number };

/** An agent that asks something, or says there is nothing to do: a second one would ask the same. */
const forPeople: ReadonlySet<FailureReason> = new Set<FailureReason>([
  "issue-worker-blocked",
  "no-change-needed",
  "superseded-by-follow-ups",
  "no-verification-configured",
  "budget-exhausted",
  // What the guards refuse is a person's to look at: a second agent may only find a way around them.
  "secret-in-diff",
  "protected-paths",
  "scope-guard-blocked",
]);

/** What the work came to from where it started: the same start would come to the same. */
const needsNewBase: ReadonlySet<FailureReason> = new Set<FailureReason>([
  "verification-failed",
  "verification-guard-blocked",
  "no-publishable-delta",
  "no-publishable-commits",
]);

/** Whether a dead letter is tried again without a person, and when: a few rounds, each after a pause. */
export function judgeRecovery(facts: {
  readonly dead: Task;
  readonly policy: Pick<SchedulingPolicy, "blockedRecovery">;
  readonly base: Pick<BaseView, "branch" | "sha">;
  /** Where the attempt that ended as this dead letter started from; null when nobody knows. */
  readonly startSha: string | null;
  readonly now: Instant;
}): Recovery {
  const { dead, base, startSha, now } = facts;
  const { cooldownMs, maxRounds } = facts.policy.blockedRecovery;
  const { reason } = dead;
  if (reason === null || !isFailureReason(reason)) return { kind: "person", detail: reason ?? "no reason recorded" };
  if (forPeople.has(reason)) return { kind: "person", detail: reason };
  const rounds = roundOf(dead);
  if (rounds >= maxRounds) {
    return { kind: "person", detail: rounds === 0 ? reason : `${reason}, after ${rounds} of ${maxRounds} recoveries` };
  }
  const round = rounds + 1;
  if (needsNewBase.has(reason) && (startSha === null || startSha === base.sha)) {
    const detail = `${reason}, until ${base.branch} moves on from ${startSha?.slice(0, 12) ?? "where it started"}`;
    return { kind: "wait", because: "recovery-needs-base", detail, round };
  }
  const until = (dead.finishedAt ?? dead.updatedAt) + cooldownMs;
  if (now >= until) return { kind: "now", round };
  return {
    kind: "wait",
    because: "recovery-cooldown",
    detail: `until ${new Date(until).toISOString()}, ${reason}`,
    round,
  };
}

/** What will be tried by itself of a task that ends as a dead letter now; for people. */
export interface SelfRecovery {
  readonly afterMs: Millis;
  /** How many times more, at most; at least one. */
  readonly rounds: number;
  /** And only once the base branch has moved on. */
  readonly needsNewBase: boolean;
}

/** Null: nothing is, it waits for a person. */
export function recoveryAhead(
  ended: Task,
  reason: FailureReason,
  policy: Pick<SchedulingPolicy, "lanes" | "limits" | "blockedRecovery">,
): SelfRecovery | null {
  const isRun = policy.lanes.includes("blocked-recovery") && policy.limits.blockedRecoveryWorkers > 0;
  if (!isRun || issueNumberOf(ended.subject) === null || forPeople.has(reason)) return null;
  const rounds = policy.blockedRecovery.maxRounds - roundOf(ended);
  if (rounds <= 0) return null;
  return { afterMs: policy.blockedRecovery.cooldownMs, rounds, needsNewBase: needsNewBase.has(reason) };
}

/** Recoveries since a person last had a hand in it. */
const roundOf = (dead: Task): number => (dead.lane === "blocked-recovery" ? (blockerIn(dead)?.round ?? 1) : 0);

/**
 * Whether the blocked label is the one we set for this dead letter, and not a person's wish that nothing is done. A label
 * that was taken off and set again since is a person's whatever the account: ours is set once.
 */
export function isOurBlock(timeline: Timeline, label: string, dead: Task, selfLogin: string | null): boolean {
  const act = labelSetBy(timeline, label);
  if (!act || (selfLogin !== null && act.actor.toLowerCase() !== selfLogin.toLowerCase())) return false;
  const name = label.toLowerCase();
  return !timeline.labelActs.some(
    ({ kind, label: other, order, at }) =>
      kind === "removed" &&
      other.toLowerCase() === name &&
      order < act.order &&
      at > (dead.finishedAt ?? dead.updatedAt),
  );
}
