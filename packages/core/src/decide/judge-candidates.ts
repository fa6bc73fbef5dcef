import type { HoldReason } from "../domain/hold-reason.ts";
import type { NewOutboxRow } from "../domain/outbox.ts";
import type { SchedulingPolicy } from "../domain/policy.ts";
import type { CandidateIssue, CandidatePullRequest, ForgeView, Snapshot } from "../domain/snapshot.ts";
import type { Task } from "../domain/task.ts";
import type { Verdict } from "../domain/wanted.ts";
import type { PullRequest } from "../domain/work-item.ts";
import { decideIssue, type IssueFacts } from "./issue/decide-issue.ts";
import { findCycles } from "./issue/dependency-cycles.ts";
import { issueTaskKey, type PinFacts, pinOf } from "./issue/issue-pin.ts";
import { linkedPullRequests } from "./issue/linked-pull-requests.ts";
import { liveBySubject } from "./live-tasks.ts";
import { askedOf, ciRepairs, repairRounds, reviewLedgers, startShaOf } from "./past-work.ts";
import { chooseProviders } from "./provider/choose-providers.ts";
import { approvedStatusRows } from "./publish/approved-status-row.ts";
import { ciRefreshRow, laneLabelRows, leaveQueueRow, mergeRow, scheduleLabelRows } from "./publish/candidate-rows.ts";
import { humanReviewRow, reviewRequestRows } from "./publish/human-review-row.ts";
import { decidePullRequest } from "./pull-request/decide-pull-request.ts";
import { type PullRequestFacts, stageOfPullRequest, taskKeysOfPullRequest } from "./pull-request/pull-request-facts.ts";
import type { StageDecision } from "./pull-request/pull-request-stage.ts";
import { issueSubject, pullRequestSubject, streamOf } from "./subjects.ts";

/** What is to be done for one candidate, looked at by itself. */
export interface Judged {
  readonly subject: string;
  readonly verdict: Verdict;
  /** What a run of it is bound to now; null while that is not known. */
  readonly pin: string | null;
  /** Writes that need no session: its lane labels, a rerun of its checks. */
  readonly rows: readonly NewOutboxRow[];
}

type Seen = Extract<ForgeView, { kind: "seen" }>;

/** Every candidate of a forge that was seen; of an unseen one nothing is concluded. */
export function judgeAll(snapshot: Snapshot): readonly Judged[] {
  const { policy } = snapshot;
  const labels = labelsBySubject(snapshot.forge);
  return judgeEach(snapshot).map((judged) => {
    const { subject, pin, rows } = judged;
    const verdict = inEnabledLane(judged.verdict, policy);
    return { subject, pin, rows, verdict: withProviders(verdict, labels.get(subject) ?? [], policy) };
  });
}

/** Who may serve it is said by its labels as they are now; a session under way stays with whom it has. */
function withProviders(verdict: Verdict, labels: readonly string[], policy: SchedulingPolicy): Verdict {
  if (verdict.kind === "hold") return verdict;
  const { wanted } = verdict;
  const chosen = chooseProviders(wanted, labels, policy);
  if (chosen.kind === "known") return { kind: "wanted", wanted: { ...wanted, providers: chosen.providers } };
  return { kind: "hold", because: "model-unknown", detail: chosen.detail, lane: wanted.lane };
}

function labelsBySubject(forge: ForgeView): ReadonlyMap<string, readonly string[]> {
  if (forge.kind === "unseen") return new Map();
  return new Map([
    ...forge.issues.map(({ issue }) => [issueSubject(issue.number), issue.labels] as const),
    ...forge.pullRequests.map(({ pullRequest: { number, labels } }) => [pullRequestSubject(number), labels] as const),
  ]);
}

/** A recovery that is not run leaves its issue with people, where it was. */
function inEnabledLane(verdict: Verdict, { lanes }: SchedulingPolicy): Verdict {
  if (verdict.kind === "hold" || lanes.includes(verdict.wanted.lane)) return verdict;
  const { lane } = verdict.wanted;
  return { kind: "hold", because: lane === "blocked-recovery" ? "dead-letter" : "lane-off", detail: lane, lane };
}

function judgeEach(snapshot: Snapshot): readonly Judged[] {
  const { forge, policy, permissions } = snapshot;
  if (forge.kind === "unseen") return [];
  const byKey = newestByKey(snapshot.tasks);
  const linked = linkedPullRequests(forge.pullRequests, policy.profileId, policy.slug, permissions, policy.trust);
  const cycles = findCycles(forge.issues);
  const live = liveBySubject(snapshot.tasks);
  return [
    ...forge.pullRequests.map((candidate) => judgePullRequest(pullRequestFacts(snapshot, forge, candidate, byKey))),
    ...forge.issues.map((candidate) => judgeIssue(issueFacts(snapshot, forge, candidate, byKey, linked, cycles, live))),
  ];
}

/** Every key whose newest task a judgement of these candidates rests on. */
export function keysOf(snapshot: Snapshot): readonly string[] {
  const { forge } = snapshot;
  if (forge.kind === "unseen") return [];
  const none: ReadonlyMap<string, Task> = new Map();
  const ofIssues = forge.issues.flatMap((candidate) => issueTaskKey(pinFacts(snapshot, candidate)) ?? []);
  const ofPulls = forge.pullRequests.flatMap((candidate) => {
    if (candidate.reading === null) return [];
    return taskKeysOfPullRequest(pullRequestFacts(snapshot, forge, candidate, none));
  });
  return [...ofIssues, ...ofPulls];
}

function judgeIssue(facts: IssueFacts): Judged {
  const pin = pinOf(facts);
  const verdict = decideIssue(facts);
  // On an issue that is not ours to work on, nothing is written.
  const isOurs = verdict.kind === "wanted" || !untouched.has(verdict.because);
  return {
    subject: issueSubject(facts.candidate.issue.number),
    verdict,
    pin: pin.kind === "known" ? pin.revision : null,
    rows: isOurs && !facts.publishing ? scheduleLabelRows(facts.candidate, facts.policy, facts.selfLogin) : [],
  };
}

const untouched: ReadonlySet<HoldReason> = new Set<HoldReason>([
  "not-open",
  "held",
  "not-opted-in",
  "opt-in-untrusted",
  "opt-in-voided",
  "details-unread",
]);

function judgePullRequest(facts: PullRequestFacts): Judged {
  const { pullRequest } = facts.candidate;
  const decided = decidePullRequest(facts);
  const stage = stageOfPullRequest(facts);
  // Labels that are on their way would be taken for missing.
  // While people are asked to approve a repair, the label that shows it stands for its own stage.
  const labels =
    stage && !facts.publishing && facts.asked === null
      ? [...laneLabelRows(pullRequest, stage, facts.policy), ...approvedStatusRows(facts)]
      : [];
  const shared = { subject: pullRequestSubject(pullRequest.number), pin: pullRequest.headSha };
  if (decided.kind === "merge") {
    const merge = mergeRow(pullRequest, decided, facts.policy);
    const verdict = {
      kind: "hold",
      because: "merging",
      detail: `head ${decided.body.headSha}`,
      lane: "pr-review",
    } as const;
    return { ...shared, verdict, rows: [...labels, merge] };
  }
  if (decided.kind === "leave-merge-queue") {
    const { because, detail, lane } = decided;
    const leaves = leaveQueueRow(pullRequest, decided, facts.policy);
    return { ...shared, verdict: { kind: "hold", because, detail, lane }, rows: [...labels, leaves] };
  }
  if (decided.kind !== "rerun-checks") {
    return { ...shared, verdict: decided, rows: [...labels, ...asksOfPeople(facts, decided, stage)] };
  }
  const detail = `rerun ${decided.round} of ${facts.policy.pullRequests.maxCiRefreshes}`;
  return {
    ...shared,
    verdict: { kind: "hold", because: "ci-refresh", detail, lane: "pr-fix" },
    rows: [...labels, ciRefreshRow(pullRequest, decided, facts.policy)],
  };
}

/** Once for each head; that it was said is remembered with the reading, so that an idle tick writes nothing. */
function asksOfPeople(facts: PullRequestFacts, verdict: Verdict, stage: StageDecision | null): readonly NewOutboxRow[] {
  const { candidate, publishing, policy, ledgers } = facts;
  const { pullRequest, reading } = candidate;
  if (verdict.kind !== "hold" || !waitsForPeople.has(verdict.because) || stage === null || publishing) return [];
  if (reading?.peopleAskedAt === pullRequest.headSha || reading?.isMergeStateOld) return [];
  return [humanReviewRow(pullRequest, stage, ledgers, policy), ...reviewRequestRows(pullRequest, policy)];
}

const waitsForPeople: ReadonlySet<HoldReason> = new Set<HoldReason>(["human-review", "ci-parked"]);

function pinFacts({ policy, permissions, selfLogin, history }: Snapshot, candidate: CandidateIssue): PinFacts {
  const past = history.get(issueSubject(candidate.issue.number)) ?? [];
  return { candidate, policy, permissions, selfLogin, history: past };
}

function issueFacts(
  snapshot: Snapshot,
  forge: Seen,
  candidate: CandidateIssue,
  tasks: ReadonlyMap<string, Task>,
  linked: ReadonlyMap<number, PullRequest>,
  cycles: ReadonlyMap<string, string>,
  live: ReadonlyMap<string, readonly Task[]>,
): IssueFacts {
  const { number } = candidate.issue;
  const subject = issueSubject(number);
  const { policy, permissions, selfLogin } = snapshot;
  const history = snapshot.history.get(subject) ?? [];
  return {
    candidate,
    policy,
    permissions,
    selfLogin,
    history,
    now: snapshot.now,
    linked: linked.get(number),
    live: live.get(subject) ?? [],
    tasks,
    publishing: snapshot.publishing.has(streamOf(snapshot.policy.profileId, subject)),
    failedWrites: snapshot.failedWrites,
    stuck: snapshot.stuck,
    asked: askedOf(snapshot, subject),
    cycle: cycles.get(subject),
    base: forge.base,
    startSha: startShaOf(history),
  };
}

function pullRequestFacts(
  snapshot: Snapshot,
  forge: Seen,
  candidate: CandidatePullRequest,
  tasks: ReadonlyMap<string, Task>,
): PullRequestFacts {
  const { policy, permissions, selfLogin, now, failedWrites } = snapshot;
  const subject = pullRequestSubject(candidate.pullRequest.number);
  const past = snapshot.history.get(subject) ?? [];
  return {
    now,
    candidate,
    policy,
    slug: policy.slug,
    base: forge.base,
    permissions,
    selfLogin,
    tasks,
    repairRounds: repairRounds(past, candidate.pullRequest.headSha),
    ciRepairs: ciRepairs(past, candidate.pullRequest.headSha),
    ledgers: reviewLedgers(past, candidate.pullRequest.baseRef),
    ciRefreshes: candidate.reading?.ciRefreshes ?? { used: 0, lastAt: null },
    publishing: snapshot.publishing.has(streamOf(policy.profileId, subject)),
    failedWrites,
    asked: askedOf(snapshot, subject),
    merges: snapshot.merges.get(subject) ?? [],
    isPaused: snapshot.pause !== null,
    stuck: snapshot.stuck,
  };
}

/** Of each key, the newest task. */
function newestByKey(tasks: readonly Task[]): ReadonlyMap<string, Task> {
  const newest = new Map<string, Task>();
  for (const task of tasks) {
    if (task.dedupeKey !== null && (newest.get(task.dedupeKey)?.id ?? 0) < task.id) newest.set(task.dedupeKey, task);
  }
  return newest;
}
