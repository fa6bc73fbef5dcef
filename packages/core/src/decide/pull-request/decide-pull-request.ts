import type { HoldReason } from "../../domain/hold-reason.ts";
import type { Verdict } from "../../domain/wanted.ts";
import { isAskedByUs, refusedIn } from "../asked-by-us.ts";
import { waitsForIssue } from "../decide-broken-base.ts";
import { hasLabel } from "../trust.ts";
import { ownFailures } from "./ci-ladder.ts";
import { decideMerge, type MergeNow, mergeUnderWay } from "./decide-merge.ts";
import { approvalOf } from "./human-approval.ts";
import { type LeaveMergeQueue, leaveMergeQueue, objectionToMerge } from "./leave-merge-queue.ts";
import { managementOf } from "./managed-pull-request.ts";
import type { Override } from "./manual-override.ts";
import { feedbackOf } from "./people-feedback.ts";
import { viewChecks } from "./pull-request-checks.ts";
import { overrideOfHead, type PullRequestFacts, pullRequestKeys, stageFactsOf } from "./pull-request-facts.ts";
import { decideStage, type StageDecision, type StageFacts } from "./pull-request-stage.ts";
import { pullRequestWork } from "./pull-request-work.ts";
import { holdOfTask } from "./task-hold.ts";

/** The host asks the forge to run failed checks again; no session. `round` counts them for one head, from 1. */
export interface RerunChecks {
  readonly kind: "rerun-checks";
  readonly headSha: string;
  readonly runIds: readonly number[];
  readonly round: number;
}

type Hold = Extract<Verdict, { kind: "hold" }>;
type ReviewOrRepair = {
  readonly lane: "pr-review" | "pr-fix" | "pr-merge-repair";
  readonly dedupeKey: string;
  readonly round: number;
};

/**
 * What should be done for one pull request now. First match wins: people's acts, then what is known of it, then what
 * is under way, then its stage.
 */
export function decidePullRequest(facts: PullRequestFacts): Verdict | RerunChecks | MergeNow | LeaveMergeQueue {
  const byPeople = holdByPeople(facts);
  if (byPeople) return leaveMergeQueue(facts, byPeople) ?? byPeople;
  const stored = facts.candidate.reading;
  const known = stageFactsOf(facts);
  if (!stored || !known) return unreadHold(facts);
  const override = overrideOfHead(facts, facts.candidate.pullRequest);
  if (override.kind === "unknown") return hold("details-unread", override.because);
  const decision = decideStage(known, facts.policy.pullRequests);
  if (decision.stage === "blocked") {
    const blocked = blockedHold(facts, known, override);
    return leaveMergeQueue(facts, blocked) ?? blocked;
  }
  const under = mergeUnderWay(facts);
  if (under) {
    const detail = objectionToMerge(facts, known);
    const leaves = detail === null ? null : leaveMergeQueue(facts, { ...under, detail });
    return leaves ?? hold(under.because, under.detail);
  }
  if (facts.asked !== null) return hold("approval-needed", facts.asked.detail, "pr-fix");
  if (decision.stage === "ci-refresh") return rerunOrHold(facts, known);
  const merge = decision.stage === "automerge" ? decideMerge(facts, known) : null;
  if (merge) return merge.kind === "merge" ? merge : hold(merge.because, merge.detail);
  const work = workOf(facts, decision, override);
  if (!work) return stageHold(facts, decision);
  if (decision.stage === "automerge" && isReviewed(facts, known)) return readyHold(facts, decision);
  return (
    holdOfWork(facts, work, override) ?? {
      kind: "wanted",
      wanted: pullRequestWork(facts, stored.reading, decision, work),
    }
  );
}

function holdByPeople({ candidate, policy, slug, permissions }: PullRequestFacts): Hold | null {
  const { pullRequest, reading } = candidate;
  const { labels } = policy;
  if (hasLabel(pullRequest, labels.hold)) return hold("held", `label ${labels.hold}`);
  if (pullRequest.state !== "open") {
    return hold("not-open", `#${pullRequest.number} is ${pullRequest.merged ? "merged" : "closed"}`);
  }
  const management = managementOf(pullRequest, reading?.reading.timeline ?? null, slug, policy, permissions);
  switch (management.kind) {
    case "fork":
      return hold("fork", management.headRepo ?? "its repository was deleted");
    case "not-managed":
      return hold("not-managed", `branch ${pullRequest.headRef}`);
    case "handoff-untrusted":
      return hold("handoff-untrusted", `${management.actor} set ${labels.handoff}`);
    case "unknown":
      return hold("details-unread", management.because);
    case "managed":
      return pullRequest.draft ? hold("draft", `#${pullRequest.number}`) : null;
  }
}

/** The list shows its labels all the same: one that stops the work does so at once. */
function unreadHold({ candidate: { pullRequest }, policy: { labels } }: PullRequestFacts): Hold {
  if (hasLabel(pullRequest, labels.blocked)) return hold("blocked", `label ${labels.blocked}`);
  return hold("details-unread", `head ${pullRequest.headSha}`);
}

/** A blocked label beside a dead letter is ours, and taking it off is what brings the work back. */
function blockedHold(facts: PullRequestFacts, known: StageFacts, override: Override): Hold {
  const behind = decideStage({ ...known, isBlocked: false }, facts.policy.pullRequests);
  const work = workOf(facts, behind, override);
  const task = work ? facts.tasks.get(work.dedupeKey) : undefined;
  const stuck = task && facts.stuck.get(task.id);
  const timeline = facts.candidate.reading?.reading.timeline ?? null;
  if (work && stuck && isAskedByUs(stuck, timeline, facts.policy.labels.blocked, facts.selfLogin)) {
    const detail = `task ${stuck.task.id}, ${refusedIn(stuck, stuck.refused?.rowId ?? 0)}`;
    return stuck.refused ? hold("publish-failed", detail, work.lane) : hold("publishing", `task ${stuck.task.id}`);
  }
  if (work && task?.state === "dead") {
    return hold("dead-letter", `task ${task.id}: ${task.reason ?? "no reason recorded"}`, work.lane);
  }
  return hold("blocked", `label ${facts.policy.labels.blocked}`, work?.lane);
}

function workOf(facts: PullRequestFacts, { stage }: StageDecision, override: Override): ReviewOrRepair | null {
  const keys = pullRequestKeys(facts);
  const round = facts.repairRounds + 1;
  switch (stage) {
    case "double-check-2":
      return { lane: "pr-review", dedupeKey: keys.review(2), round: 2 };
    case "double-check-1":
    case "automerge":
      return { lane: "pr-review", dedupeKey: keys.review(1), round: 1 };
    case "merge-repair":
      return { lane: "pr-merge-repair", dedupeKey: keys.mergeRepair(), round };
    case "fix":
      return { lane: "pr-fix", dedupeKey: keys.fix(override), round };
    default:
      return null;
  }
}

function holdOfWork(facts: PullRequestFacts, { lane, dedupeKey }: ReviewOrRepair, override: Override): Hold | null {
  const { now, tasks, publishing, failedWrites, policy } = facts;
  const task = tasks.get(dedupeKey);
  const failedWrite = task && failedWrites.get(task.id);
  const held = holdOfTask({ now, task, isBlocked: false, publishing, failedWrite });
  if (held) return hold(held.because, `${held.detail}${againBy(held.because, policy)}`, lane);
  const isUnderWay = task?.state === "running" || task?.state === "queued" || task?.state === "scheduled";
  if (isUnderWay) return null;
  if (!isMergeStateCurrent(facts)) return hold("merge-state-unknown", `base ${facts.base.sha}`, lane);
  if (lane === "pr-review" || override.kind === "forced") return null;
  const { maxFixRounds } = policy.pullRequests;
  if (facts.repairRounds < maxFixRounds) return null;
  return hold("fix-limit", `${facts.repairRounds} repairs, at most ${maxFixRounds}`, lane);
}

/** An issue is worked again when it is edited; a head never is, so people have to hear what else they can do. */
const againBy = (because: HoldReason, { labels }: PullRequestFacts["policy"]): string =>
  because === "already-worked" ? `; a push, or label ${labels.manualFixOverride}, has it worked again` : "";

/** Mergeability was worked out against a base; of another one it is as good as not said, and nothing new starts on it. */
const isMergeStateCurrent = ({ candidate, base }: PullRequestFacts): boolean => candidate.reading?.baseSha === base.sha;

function rerunOrHold(facts: PullRequestFacts, { checks, brokenOnBase, isRefreshing }: StageFacts): Hold | RerunChecks {
  if (isRefreshing) return hold("ci-refresh", `rerun ${facts.ciRefreshes.used}`);
  if (facts.isPaused) return hold("paused", "no checks are run again while the profile is paused", "pr-fix");
  if (facts.publishing) return hold("publishing", "writes of an earlier session");
  const failures = ownFailures({ ...viewChecks(checks, facts.policy.pullRequests), brokenOnBase });
  return {
    kind: "rerun-checks",
    headSha: facts.candidate.pullRequest.headSha,
    runIds: [...new Set(failures.flatMap(({ runId }) => runId ?? []))],
    round: facts.ciRefreshes.used + 1,
  };
}

/** A merge that takes a person's word alone waits for no review of a lane that is not run. */
const isReviewed = ({ policy }: PullRequestFacts, { reviewsPassed }: StageFacts): boolean =>
  reviewsPassed > 0 ||
  (policy.merge.enabled && policy.merge.requireApproval === "human" && !policy.lanes.includes("pr-review"));

function readyHold(facts: PullRequestFacts, decision: StageDecision): Hold {
  const { enabled, requireApproval } = facts.policy.merge;
  if (!enabled || requireApproval !== "human") return stageHold(facts, decision);
  return hold("human-review", ["merge.require_approval: human", ...approvalNote(facts)].join(", "));
}

function stageHold(facts: PullRequestFacts, { because, missing }: StageDecision): Hold {
  const notes =
    because === "human-review" ? approvalNote(facts) : because === "details-unread" ? peopleNote(facts) : [];
  const waitsFor = because === "base-checks-broken" ? waitsForIssue(facts.base) : "";
  const details = [...missing, ...notes, ...(waitsFor === "" ? [] : [waitsFor])];
  return hold(because, details.length > 0 ? details.join(", ") : `head ${facts.candidate.pullRequest.headSha}`);
}

/** Somebody who meant to approve has to hear why it did not count. */
function approvalNote({ candidate, policy, permissions, selfLogin }: PullRequestFacts): readonly string[] {
  const headSeenAt = candidate.reading?.headSeenAt ?? null;
  const approval = approvalOf(candidate, policy, permissions, headSeenAt, selfLogin);
  return approval.kind === "void" || approval.kind === "unknown" ? [`approval: ${approval.because}`] : [];
}

function peopleNote({ candidate, policy, permissions, selfLogin }: PullRequestFacts): readonly string[] {
  if (!candidate.reading) return [];
  const { unchecked } = feedbackOf(candidate.reading.reading.timeline, policy, permissions, selfLogin);
  return unchecked.map((login) => `what ${login} may do was not asked yet`);
}

const hold = (because: HoldReason, detail: string, lane: Hold["lane"] = "pr-review"): Hold => ({
  kind: "hold",
  because,
  detail,
  lane,
});
