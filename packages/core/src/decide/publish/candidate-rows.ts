import type { NewOutboxRow } from "../../domain/outbox.ts";
import type { SchedulingPolicy } from "../../domain/policy.ts";
import type { CandidateIssue } from "../../domain/snapshot.ts";
import type { PullRequest } from "../../domain/work-item.ts";
import { parseCadence } from "../issue/cadence.ts";
import type { MergeNow } from "../pull-request/decide-merge.ts";
import type { RerunChecks } from "../pull-request/decide-pull-request.ts";
import { laneLabelChanges } from "../pull-request/lane-labels.ts";
import type { LeaveMergeQueue } from "../pull-request/leave-merge-queue.ts";
import type { StageDecision } from "../pull-request/pull-request-stage.ts";
import { issueSubject, pullRequestSubject, streamOf } from "../subjects.ts";
import { hasLabel, labelSetBy } from "../trust.ts";

/**
 * Single labels that make a pull request show its stage; none when it does. Their keys name the state of the pull
 * request they were decided on: the same look asks for the same writes, and a later one may ask for them again.
 */
export function laneLabelRows(
  pullRequest: PullRequest,
  stage: StageDecision,
  { profileId, labels }: SchedulingPolicy,
): readonly NewOutboxRow[] {
  const { number, updatedAt, headSha } = pullRequest;
  const { add, remove } = laneLabelChanges(pullRequest, stage, labels);
  const stream = streamOf(profileId, pullRequestSubject(number));
  const key = `${stream}/lane-labels/${headSha}/${updatedAt}`;
  const shared = { profileId, stream };
  return [
    ...(remove.length === 0
      ? []
      : [
          {
            ...shared,
            kind: "remove-labels" as const,
            idempotencyKey: `${key}/remove/${remove.join(",")}`,
            body: { number, labels: remove },
          },
        ]),
    ...(add.length === 0
      ? []
      : [
          {
            ...shared,
            kind: "add-labels" as const,
            idempotencyKey: `${key}/add/${add.join(",")}`,
            body: { number, labels: add },
          },
        ]),
  ];
}

/** People see in the list which issues have a schedule. A label that somebody else set is theirs. */
export function scheduleLabelRows(
  { issue, reading }: CandidateIssue,
  { profileId, labels }: SchedulingPolicy,
  selfLogin: string | null,
): readonly NewOutboxRow[] {
  const has = hasLabel(issue, labels.scheduled);
  const wants = parseCadence(issue.body).kind === "cadence";
  if (has === wants) return [];
  const { number, updatedAt } = issue;
  const stream = streamOf(profileId, issueSubject(number));
  const body = { number, labels: [labels.scheduled] };
  if (wants) {
    return [{ profileId, stream, kind: "add-labels", idempotencyKey: `${stream}/scheduled/${updatedAt}/add`, body }];
  }
  const setBy = reading && labelSetBy(reading.reading.timeline, labels.scheduled)?.actor;
  if (!setBy || setBy.toLowerCase() !== selfLogin?.toLowerCase()) return [];
  return [
    { profileId, stream, kind: "remove-labels", idempotencyKey: `${stream}/scheduled/${updatedAt}/remove`, body },
  ];
}

/** Once for each round of each head. */
export function ciRefreshRow(
  { number }: PullRequest,
  { headSha, runIds, round }: RerunChecks,
  { profileId }: SchedulingPolicy,
): NewOutboxRow<"rerun-checks"> {
  const stream = streamOf(profileId, pullRequestSubject(number));
  return {
    profileId,
    kind: "rerun-checks",
    stream,
    idempotencyKey: `${stream}/ci-refresh/${headSha}/${round}`,
    body: { sha: headSha, runIds },
  };
}

/** One for each attempt at each head: two runtimes that decide the same at once ask for one merge. */
export function mergeRow(
  { number, headSha }: PullRequest,
  { attempt, body }: MergeNow,
  { profileId }: SchedulingPolicy,
): NewOutboxRow<"merge"> {
  const stream = streamOf(profileId, pullRequestSubject(number));
  return { profileId, kind: "merge", stream, idempotencyKey: `${stream}/merge/${headSha}/${attempt}`, body };
}

/** Once for each merge that went into the queue. */
export function leaveQueueRow(
  { number }: PullRequest,
  { mergeKey }: LeaveMergeQueue,
  { profileId }: SchedulingPolicy,
): NewOutboxRow<"leave-merge-queue"> {
  const stream = streamOf(profileId, pullRequestSubject(number));
  const idempotencyKey = `${mergeKey}/leave`;
  return { profileId, kind: "leave-merge-queue", stream, idempotencyKey, needsKey: mergeKey, body: { number } };
}
