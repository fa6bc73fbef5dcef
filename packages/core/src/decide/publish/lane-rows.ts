import type { ContractReading, VerificationReport, WorkEvidence } from "../../domain/evidence.ts";
import type { GuardFinding } from "../../domain/guard.ts";
import { issuePayloadOf } from "../../domain/lane-payload.ts";
import type { NewOutboxRow } from "../../domain/outbox.ts";
import type { Task } from "../../domain/task.ts";
import type { PullRequestPayload } from "../../domain/wanted.ts";
import { commentOnNothingNeeded, commentOnRepair, commentOnReport, type Found } from "./lane-text.ts";
import { numberOf, type PublishTarget, row, rowsOnRelease } from "./publish-rows.ts";
import { statusLabelOf } from "./status-label.ts";

/** A scheduled check's report, and the label that shows the last result. */
export function rowsOnReport(
  target: PublishTarget,
  task: Task,
  attemptKey: string,
  isAlert: boolean,
  found: Found,
): readonly NewOutboxRow[] {
  const number = numberOf(task);
  const issue = issuePayloadOf(task);
  const status = issue && statusLabelOf(issue, isAlert);
  const labelled = status
    ? [
        row(target, task, attemptKey, "remove-labels", { number, labels: [status.remove] }, "remove-status"),
        row(target, task, attemptKey, "add-labels", { number, labels: [status.add] }, "add-status"),
      ]
    : [];
  const body = commentOnReport(task, isAlert, found);
  return [
    row(target, task, attemptKey, "comment", { number, body }, "report"),
    ...labelled,
    ...rowsOnRelease(target, task, attemptKey),
  ];
}

/** The pull request's branch moves from the head the repair started from to its result, or not at all. */
export function rowsOnRepair(
  target: PublishTarget,
  task: Task,
  attemptKey: string,
  work: {
    readonly pullRequest: PullRequestPayload;
    readonly evidence: WorkEvidence;
    readonly verification: VerificationReport;
    readonly contract: ContractReading;
    readonly backend: string;
    readonly findings?: readonly GuardFinding[];
  },
): readonly NewOutboxRow[] {
  const { headRef, headSha } = work.pullRequest;
  const moved = { branch: headRef, sha: work.evidence.headSha, expectedSha: headSha };
  const push = row(target, task, attemptKey, "push-branch", moved, "push");
  const body = commentOnRepair(task, work);
  const comment = row(target, task, attemptKey, "comment", { number: numberOf(task), body }, "repaired");
  return [push, { ...comment, needsKey: push.idempotencyKey }, ...rowsOnRelease(target, task, attemptKey)];
}

export function rowsOnNothingNeeded(
  target: PublishTarget,
  task: Task,
  attemptKey: string,
  of: { readonly headSha: string; readonly summary: string },
): readonly NewOutboxRow[] {
  const body = commentOnNothingNeeded(task, of.headSha, of.summary);
  return [
    row(target, task, attemptKey, "comment", { number: numberOf(task), body }, "no-change"),
    ...rowsOnRelease(target, task, attemptKey),
  ];
}
