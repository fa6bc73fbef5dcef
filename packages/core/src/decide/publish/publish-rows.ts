import type { ContractReading, VerificationReport, WorkEvidence } from "../../domain/evidence.ts";
import type { GuardFinding } from "../../domain/guard.ts";
import type { NewOutboxRow } from "../../domain/outbox.ts";
import type { FailureReason } from "../../domain/reason.ts";
import type { Task } from "../../domain/task.ts";
import { issueBranchPrefix } from "../branches.ts";
import type { SelfRecovery } from "../issue/blocked-recovery.ts";
import { blockerIn } from "../issue/issue-payload.ts";
import { itemNumberOf, streamOf } from "../subjects.ts";
import { commentOnNeedsHuman, type Tried } from "./needs-human-text.ts";
import { pullRequestBody, pullRequestTitle } from "./publish-text.ts";
import { asksOnVoided, commentOnVoided, commentOnWithdrawn } from "./voided-text.ts";

/** What becomes of the parts into which an agent would split its issue. */
export interface FollowUpRules {
  /** `off`: they are named for people, and none is made. */
  readonly mode: "off" | "create";
  readonly labels: readonly string[];
  /** Set on them as well, so that they are worked without a person; null: a person opts them in. */
  readonly readyLabel: string | null;
}

export interface PublishTarget {
  readonly profileId: string;
  readonly labels: { readonly running: string; readonly blocked: string };
  readonly pullRequestLabels: readonly string[];
  readonly draft: boolean;
  /** Default: follow-up issues are made without labels. */
  readonly followUps?: FollowUpRules;
}

/**
 * A person can see that the issue or pull request is taken as soon as it is. Work that answers a blocked label of ours
 * (a recovery, or an answer of a person's) takes that label off.
 */
export function rowsOnClaim(target: PublishTarget, task: Task, attemptKey: string): readonly NewOutboxRow[] {
  const number = numberOf(task);
  const { running, blocked } = target.labels;
  const unblock = row(target, task, attemptKey, "remove-labels", { number, labels: [blocked] }, "remove-blocked");
  return [
    ...(blockerIn(task) === null ? [] : [unblock]),
    row(target, task, attemptKey, "add-labels", { number, labels: [running] }, "add-running"),
  ];
}

/** It is free again: nothing else to say. */
export function rowsOnRelease(target: PublishTarget, task: Task, attemptKey: string): readonly NewOutboxRow[] {
  const labels = [target.labels.running];
  return [row(target, task, attemptKey, "remove-labels", { number: numberOf(task), labels }, "remove-running")];
}

/** Push, pull request, its labels, the comment that names it, the issue's label: in this order, each made once. */
export function rowsOnPublish(
  target: PublishTarget,
  task: Task,
  attemptKey: string,
  work: {
    readonly branch: string;
    /** Where the pull request goes. */
    readonly base: string;
    readonly evidence: WorkEvidence;
    readonly verification: VerificationReport;
    readonly contract: ContractReading;
    readonly backend: string;
    readonly findings?: readonly GuardFinding[];
  },
): readonly NewOutboxRow[] {
  const number = numberOf(task);
  const { branch, evidence } = work;
  if (branch === work.base || !branch.startsWith(issueBranchPrefix(target.profileId, number))) {
    throw new Error(`Branch ${branch} of task ${task.id} is none that we make for issue #${number}; nothing is pushed`);
  }
  const push = row(
    target,
    task,
    attemptKey,
    "push-branch",
    { branch, sha: evidence.headSha, expectedSha: null },
    "push",
  );
  const pull = row(
    target,
    task,
    attemptKey,
    "open-pull-request",
    {
      head: branch,
      base: work.base,
      title: pullRequestTitle(task, work.contract),
      body: pullRequestBody(task, work),
      sha: evidence.headSha,
      draft: target.draft,
    },
    "pull",
  );
  const body = "Opened PR #{{pull_request_number}}: {{pull_request_url}}";
  const comment = row(target, task, attemptKey, "comment", { number, body }, "opened");
  return [
    push,
    { ...pull, needsKey: push.idempotencyKey },
    ...rowsOnLabels(target, task, attemptKey).map((labels) => ({ ...labels, needsKey: pull.idempotencyKey })),
    { ...comment, needsKey: pull.idempotencyKey },
    ...rowsOnRelease(target, task, attemptKey),
  ];
}

function rowsOnLabels(target: PublishTarget, task: Task, attemptKey: string): readonly NewOutboxRow[] {
  const labels = target.pullRequestLabels;
  return labels.length === 0
    ? []
    : [row(target, task, attemptKey, "add-labels", { number: null, labels }, "label-pull")];
}

/** The agents give it back to people: say what was tried, mark it blocked. */
export function rowsOnNeedsHuman(
  target: PublishTarget,
  task: Task,
  attemptKey: string,
  why: { readonly reason: FailureReason; readonly summary: string },
  tried: readonly Tried[] = [],
  ahead: SelfRecovery | null = null,
): readonly NewOutboxRow[] {
  const number = numberOf(task);
  const body = commentOnNeedsHuman(task, why, target.labels.blocked, tried, ahead);
  return [
    row(target, task, attemptKey, "comment", { number, body }, "needs-human"),
    row(target, task, attemptKey, "add-labels", { number, labels: [target.labels.blocked] }, "add-blocked"),
    ...rowsOnRelease(target, task, attemptKey),
  ];
}

/** People acted while a session ran: nothing of it is published, and one comment says so. */
export function rowsOnVoided(
  target: PublishTarget,
  task: Task,
  attemptKey: string,
  reason: string,
): readonly NewOutboxRow[] {
  const number = numberOf(task);
  const body = commentOnVoided(task, reason, target.labels.blocked);
  const labels = [target.labels.blocked];
  return [
    ...(body === null ? [] : [row(target, task, attemptKey, "comment", { number, body }, "voided")]),
    ...(asksOnVoided(reason) ? [row(target, task, attemptKey, "add-labels", { number, labels }, "ask-person")] : []),
    ...rowsOnRelease(target, task, attemptKey),
  ];
}

/** People acted after a session was concluded and before its result was sent; saved if anything was taken back. */
export function rowsOnWithdrawn(target: PublishTarget, task: Task, reason: string): readonly NewOutboxRow[] {
  const body = commentOnWithdrawn(task, reason, target.labels.blocked);
  if (body === null) return [];
  const number = numberOf(task);
  const attemptKey = `t${task.id}.${task.term}`;
  const labels = [target.labels.blocked];
  return [
    row(target, task, attemptKey, "comment", { number, body }, "withdrawn"),
    ...(asksOnVoided(reason) ? [row(target, task, attemptKey, "add-labels", { number, labels }, "ask-person")] : []),
  ];
}

/** One write about a task; `part` sets it apart from the others of the same attempt. */
export function row<K extends NewOutboxRow["kind"]>(
  target: PublishTarget,
  task: Task,
  attemptKey: string,
  kind: K,
  body: NewOutboxRow<K>["body"],
  part: string,
): NewOutboxRow<K> {
  const stream = streamOf(target.profileId, task.subject);
  return { profileId: target.profileId, kind, stream, idempotencyKey: `${stream}/${attemptKey}/${part}`, body };
}

export function numberOf(task: Task): number {
  const number = itemNumberOf(task.subject);
  if (number === null) {
    throw new Error(`Task ${task.id} has subject "${task.subject}", which names neither an issue nor a pull request`);
  }
  return number;
}
