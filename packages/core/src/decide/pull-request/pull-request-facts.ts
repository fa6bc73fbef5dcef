import type { SchedulingPolicy } from "../../domain/policy.ts";
import type { CiRefreshes, PullRequestReading } from "../../domain/reading.ts";
import type { ReviewLedgers } from "../../domain/review.ts";
import type { BaseView, CandidatePullRequest, MergeRow, Snapshot } from "../../domain/snapshot.ts";
import type { Task } from "../../domain/task.ts";
import type { Instant, Millis } from "../../domain/time.ts";
import type { CiRepair } from "../../domain/wanted.ts";
import type { PullRequest } from "../../domain/work-item.ts";
import { mendsBase } from "../decide-broken-base.ts";
import type { Asked } from "../past-work.ts";
import { dedupeKeyOf, pullRequestSubject } from "../subjects.ts";
import { hasLabel, labelSetBy, type Permissions } from "../trust.ts";
import { approvalOf } from "./human-approval.ts";
import { managementOf } from "./managed-pull-request.ts";
import { type Override, overrideOf } from "./manual-override.ts";
import { feedbackOf } from "./people-feedback.ts";
import { assessRisk } from "./pull-request-risk.ts";
import { decideStage, type StageDecision, type StageFacts } from "./pull-request-stage.ts";

/** All that a decision about one pull request is made from. */
export interface PullRequestFacts {
  readonly now: Instant;
  readonly candidate: CandidatePullRequest;
  readonly policy: SchedulingPolicy;
  /** Our repository, `owner/name`. */
  readonly slug: string;
  readonly base: Pick<BaseView, "branch" | "sha" | "failing" | "item">;
  readonly permissions: Permissions;
  readonly selfLogin: string | null;
  /** The newest task of each dedupe key, live or ended. */
  readonly tasks: ReadonlyMap<string, Task>;
  /** Ended sessions of both repairing lanes since a person last pushed to it, or set the override label. */
  readonly repairRounds: number;
  /** Reruns of failed checks that were asked for at this head, and when last. */
  readonly ciRefreshes: Omit<CiRefreshes, "lastAt"> & { readonly lastAt: Instant | null };
  /** What the repairs counted in `repairRounds` were to mend. */
  readonly ciRepairs: readonly CiRepair[];
  /** What our reviewers have said of it by now, of whatever head. */
  readonly ledgers: ReviewLedgers;
  readonly publishing: boolean;
  /** Task -> outbox row that was to show its end on the forge, and failed for good. */
  readonly failedWrites: ReadonlyMap<number, number>;
  /** A repair of it is done and waits for a person's approval. */
  readonly asked: Asked | null;
  /** Merges of it that were asked for, of whatever head, oldest first. */
  readonly merges: readonly MergeRow[];
  readonly isPaused: boolean;
  /** By task: what people were asked about such a write. */
  readonly stuck: Snapshot["stuck"];
}

/** Reason of a review's succeeded task. Only `passed` is a pass: whatever else it ended with is none. */
export const reviewReasons = {
  passed: "review-approved",
  changesRequested: "changes-requested",
  notConverging: "review-not-converging",
} as const;

/** Reason of a repair's succeeded task that left the head as it is. */
const nothingToRepair = "no-change-needed";

/** The same work at the same head has the same key. */
export function pullRequestKeys({ candidate, policy, base }: Pick<PullRequestFacts, "candidate" | "policy" | "base">) {
  const { number, headSha, baseRef } = candidate.pullRequest;
  const key = (lane: "pr-review" | "pr-fix" | "pr-merge-repair", revision: string) =>
    dedupeKeyOf(policy.profileId, pullRequestSubject(number), lane, revision);
  return {
    // What is reviewed is the head against its base: onto another one it brings commits that nobody looked at.
    review: (round: 1 | 2) =>
      key("pr-review", baseRef === base.branch ? `${headSha}/${round}` : `${headSha}/${baseRef}/${round}`),
    fix: (override: Override) =>
      key("pr-fix", override.kind === "forced" ? `${headSha}/override:${override.order}` : headSha),
    // Of another base than the one we follow, only the name is known: one repair for each head then.
    mergeRepair: () => key("pr-merge-repair", `${headSha}/${baseRef === base.branch ? base.sha : baseRef}`),
  };
}

/** The keys of all tasks that a decision about it looks at: what `tasks` has to hold, as far as they were ever made. */
export function taskKeysOfPullRequest(facts: Parameters<typeof pullRequestKeys>[0]): readonly string[] {
  const keys = pullRequestKeys(facts);
  const { candidate, policy } = facts;
  const act = candidate.reading && labelSetBy(candidate.reading.reading.timeline, policy.labels.manualFixOverride);
  const forced = act ? [keys.fix({ kind: "forced", by: act.actor, order: act.order })] : [];
  return [keys.review(1), keys.review(2), keys.fix({ kind: "none" }), ...forced, keys.mergeRepair()];
}

/** What it needs next; null while it was not read as it is in the list now. Its labels follow it. */
export function stageOfPullRequest(facts: PullRequestFacts): StageDecision | null {
  const known = stageFactsOf(facts);
  return known && decideStage(known, facts.policy.pullRequests);
}

/** Null while it was not read as it is in the list now: what was done since may be just what matters. */
export function stageFactsOf(facts: PullRequestFacts): StageFacts | null {
  const { candidate, policy, permissions, selfLogin } = facts;
  const { pullRequest, reading: stored } = candidate;
  if (stored?.reading.headSha !== pullRequest.headSha || stored.itemUpdatedAt !== pullRequest.updatedAt) return null;
  const { reading, headSeenAt } = stored;
  if (reading.baseRef !== undefined && reading.baseRef !== pullRequest.baseRef) return null;
  const management = managementOf(pullRequest, reading.timeline, facts.slug, policy, permissions);
  const isApproved = approvalOf(candidate, policy, permissions, headSeenAt, selfLogin).kind === "approved";
  return {
    isManaged: management.kind === "managed",
    isFork: management.kind === "fork",
    isDraft: pullRequest.draft,
    isBlocked: hasLabel(pullRequest, policy.labels.blocked),
    isForced: overrideOfHead(facts, pullRequest).kind === "forced",
    requestedReviewers: stillAsked(pullRequest, policy, isApproved).length,
    mergeState: reading.mergeState,
    checks: reading.checks,
    risk: assessRisk(reading.files, policy.pullRequests.risk),
    isApproved,
    ...ourReviews(facts, isApproved),
    feedback: feedbackOf(reading.timeline, policy, permissions, selfLogin).kind,
    repairFoundNothing: repairsOf(facts).some(
      ({ state, reason }) => state === "succeeded" && reason === nothingToRepair,
    ),
    headSha: reading.headSha,
    brokenOnBase: brokenOnBase(facts),
    isRefreshing: isRefreshing(facts, reading),
    ciRefreshesUsed: facts.ciRefreshes.used,
    ciRepairs: facts.ciRepairs,
  };
}

/** Whom we ask by ourselves, any of them may answer: an approval of this head that counts is that answer. */
function stillAsked(
  { requestedReviewers }: PullRequest,
  { reviews }: SchedulingPolicy,
  isApproved: boolean,
): readonly string[] {
  const ours = new Set(isApproved ? reviews.people.map((login) => login.toLowerCase()) : []);
  return requestedReviewers.filter((login) => !ours.has(login.toLowerCase()));
}

/** Of another base than the one we follow nothing is known; what is to mend the base answers for each failure. */
export const brokenOnBase = ({
  base,
  candidate: { pullRequest },
  policy,
}: Pick<PullRequestFacts, "base" | "candidate" | "policy">): readonly string[] =>
  pullRequest.baseRef !== base.branch || mendsBase(pullRequest, base, policy) ? [] : (base.failing ?? []);

/**
 * How long after a rerun was asked for the failures we know may be those of before: the forge lets the runs start over
 * some seconds later, and finished checks are looked at again only now and then.
 */
const rerunShowsAfterMs: Millis = 300_000;

/** A failed run that was not there when the rerun was asked for is what came of it. */
function isRefreshing({ now, ciRefreshes }: PullRequestFacts, { checks }: PullRequestReading): boolean {
  const { lastAt, failed } = ciRefreshes;
  if (lastAt === null || now > lastAt + rerunShowsAfterMs) return false;
  return (
    failed === undefined || checks.some(({ state, id }) => state === "failed" && id !== null && failed.includes(id))
  );
}

/** The override that still asks for something: one whose repair was made is used up, though nothing was pushed. */
export function overrideOfHead(facts: PullRequestFacts, pullRequest: PullRequest): Override {
  const { candidate, policy, permissions, tasks } = facts;
  if (!candidate.reading) return { kind: "none" };
  const override = overrideOf(pullRequest, candidate.reading.reading.timeline, policy, permissions);
  if (override.kind !== "forced") return override;
  const task = tasks.get(pullRequestKeys(facts).fix(override));
  return task?.state === "succeeded" ? { kind: "void", because: `task ${task.id} made that repair` } : override;
}

/** Newest first; our reviews of this very head against this base. */
export function reviewsOf(facts: PullRequestFacts): readonly Task[] {
  const keys = pullRequestKeys(facts);
  return [keys.review(2), keys.review(1)].flatMap((key) => facts.tasks.get(key) ?? []);
}

/** Whose approval ends a review that comes to no end stands for that review. */
function ourReviews(
  facts: PullRequestFacts,
  isApproved: boolean,
): Pick<StageFacts, "reviewsPassed" | "ourChangesRequested" | "reviewIsStuck"> {
  const ended = reviewsOf(facts).filter(({ state }) => state === "succeeded");
  const count = (wanted: string) => ended.filter(({ reason }) => reason === wanted).length;
  const stuck = count(reviewReasons.notConverging);
  return {
    reviewsPassed: count(reviewReasons.passed) + (isApproved ? stuck : 0),
    ourChangesRequested: count(reviewReasons.changesRequested) > 0,
    reviewIsStuck: stuck > 0 && !isApproved,
  };
}

/** Fixes of this very head, and the one that a person forced. */
function repairsOf(facts: PullRequestFacts): readonly Task[] {
  const { candidate, policy, permissions, tasks } = facts;
  const keys = pullRequestKeys(facts);
  const override = candidate.reading
    ? overrideOf(candidate.pullRequest, candidate.reading.reading.timeline, policy, permissions)
    : ({ kind: "none" } as const);
  return [...new Set([keys.fix({ kind: "none" }), keys.fix(override)])].flatMap((key) => tasks.get(key) ?? []);
}
