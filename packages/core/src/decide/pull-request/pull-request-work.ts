import type { Lane } from "../../domain/lane.ts";
import type { Check, PullRequestReading } from "../../domain/reading.ts";
import type { Task } from "../../domain/task.ts";
import type {
  CiRepair,
  PromptComment,
  PullRequestPayload,
  ReviewAsk,
  Wanted,
  WorkTraits,
} from "../../domain/wanted.ts";
import { pullRequestSubject } from "../subjects.ts";
import { hasLabel } from "../trust.ts";
import { namesOf, ownFailures } from "./ci-ladder.ts";
import { feedbackOf } from "./people-feedback.ts";
import { viewChecks } from "./pull-request-checks.ts";
import { brokenOnBase, type PullRequestFacts, reviewReasons, reviewsOf } from "./pull-request-facts.ts";
import { assessRisk, needsDoubleCheck } from "./pull-request-risk.ts";
import type { StageDecision } from "./pull-request-stage.ts";

/** The task that a stage asks for, with what its session is told. */
export function pullRequestWork(
  facts: PullRequestFacts,
  reading: PullRequestReading,
  decision: StageDecision,
  work: { readonly lane: Lane; readonly dedupeKey: string; readonly round: number },
): Wanted {
  const { candidate, policy } = facts;
  const { pullRequest } = candidate;
  const traits = traitsOf(facts);
  return {
    subject: pullRequestSubject(pullRequest.number),
    lane: work.lane,
    dedupeKey: work.dedupeKey,
    priority: priorityOf(pullRequest.labels, policy.priorities),
    traits,
    createdAt: pullRequest.createdAt,
    dueAt: null,
    stage: decision.stage,
    payload: payloadOf(facts, reading, decision, traits, work),
  };
}

function payloadOf(
  facts: PullRequestFacts,
  reading: PullRequestReading,
  { stage, missing }: StageDecision,
  traits: WorkTraits,
  { lane, round }: { readonly lane: Lane; readonly round: number },
): PullRequestPayload {
  const { number, title, body, url, headRef, headSha, baseRef } = facts.candidate.pullRequest;
  const rules = facts.policy.pullRequests;
  const { failures } = viewChecks(reading.checks, rules);
  const ofBase = brokenOnBase(facts);
  return {
    kind: "pull-request",
    number,
    title,
    body,
    url,
    headRef,
    headSha,
    baseRef,
    stage,
    risk: riskText(reading, facts),
    // A reviewer is not told what another one said of this head.
    missing: lane === "pr-review" ? missing.filter((code) => !code.startsWith("double-check-")) : missing,
    failures: failures.map(({ name, url, summary, id, runId }) => ({
      ...{ name, url, summary },
      ...(id !== null && runId !== null ? { jobId: id } : {}),
      ...(ofBase.includes(name) ? { isOfBase: true as const } : {}),
    })),
    findings: findingsOf(facts, reading, lane),
    traits,
    round,
    ...(lane === "pr-review"
      ? { review: reviewAsk(facts, reading) }
      : { ciRepairs: ciRepairsWith(facts, lane, failures) }),
  };
}

/** What is repaired now is charged for, whatever else the repair is about, when it is told of failed checks. */
function ciRepairsWith(facts: PullRequestFacts, lane: Lane, failures: readonly Check[]): readonly CiRepair[] {
  const { ciRepairs, candidate } = facts;
  const checks = namesOf(ownFailures({ failures, brokenOnBase: brokenOnBase(facts) }));
  if (lane !== "pr-fix" || checks.length === 0) return ciRepairs;
  return [...ciRepairs, { headSha: candidate.pullRequest.headSha, checks }];
}

function reviewAsk(facts: PullRequestFacts, { files }: PullRequestReading): ReviewAsk {
  const { selfLogin, candidate, policy, ledgers } = facts;
  const self = selfLogin?.toLowerCase();
  return {
    wanted: needsDoubleCheck(assessRisk(files, policy.pullRequests.risk)) ? policy.pullRequests.criticalReviews : 1,
    isOwn: self === undefined || candidate.pullRequest.author.toLowerCase() === self,
    ledgers,
  };
}

function riskText({ files }: PullRequestReading, { policy }: PullRequestFacts): string {
  const { tier, systemBreaking, tooBroad, counts } = assessRisk(files, policy.pullRequests.risk);
  const words = [
    tier,
    ...(systemBreaking ? ["system-breaking"] : []),
    ...(files ? [`${counts.files} files, ${counts.lines} lines`] : ["files not all known"]),
    ...(tooBroad ? [`too broad: ${tooBroad}`] : []),
  ];
  return words.join("; ");
}

/** What people's standing reviews ask for; and, of a repair, our own reviews of this head. */
function findingsOf(facts: PullRequestFacts, { timeline }: PullRequestReading, lane: Lane): readonly PromptComment[] {
  const { requests } = feedbackOf(timeline, facts.policy, facts.permissions, facts.selfLogin);
  const asksForChanges = ({ reason }: Task) =>
    reason === reviewReasons.changesRequested || reason === reviewReasons.notConverging;
  const ours = lane === "pr-review" ? [] : reviewsOf(facts).filter(asksForChanges);
  return [
    ...requests.map(({ author, body }) => ({ author, body })),
    ...ours.map((task) => ({ author: facts.selfLogin ?? "pr-review", body: textOf(task) })),
  ].filter(({ body }) => body.trim() !== "");
}

/** `findings` of a review's result. */
function textOf({ result }: Task): string {
  if (result === null || typeof result !== "object" || !("findings" in result)) return "";
  return typeof result.findings === "string" ? result.findings : "";
}

function traitsOf({ candidate: { pullRequest }, policy: { labels, heavy } }: PullRequestFacts): WorkTraits {
  return {
    heavy: [labels.heavy, ...heavy.labels].some((label) => hasLabel(pullRequest, label)),
    exclusive: hasLabel(pullRequest, labels.exclusive),
    recurring: false,
  };
}

const priorityOf = (labels: readonly string[], priorities: Readonly<Record<string, number>>): number =>
  Object.entries(priorities).reduce((sum, [label, adds]) => (hasLabel({ labels }, label) ? sum + adds : sum), 0);
