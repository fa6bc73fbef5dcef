import type { LabelAct, StoredReading, Timeline } from "../domain/reading.ts";
import type { Question, Snapshot } from "../domain/snapshot.ts";
import type { Task } from "../domain/task.ts";
import { issueSubject, pullRequestSubject } from "./subjects.ts";
import { hasLabel, labelSetBy, trustOf } from "./trust.ts";

/**
 * Whether somebody who may has set the approval label on a task's item after the task's question was there to be read.
 * Nothing approves before; nor does a label whose setter is not known to be trusted.
 */
export function approvedSince(snapshot: Snapshot, task: Task): boolean {
  const { policy, permissions, questions } = snapshot;
  const label = policy.labels.humanApproved;
  const item = itemOf(snapshot, task.subject);
  const question = questions.get(task.id);
  if (!item || !question || !hasLabel(item, label)) return false;
  const act = labelSetBy(item.reading.reading.timeline, label);
  if (!act || !isAfter(snapshot, item.reading, act, question)) return false;
  return trustOf(act.actor, permissions, policy.trust.labels) === "trusted";
}

/**
 * By the order of the timeline, in which the question is our comment: the forge's clock and ours need not agree. Only when
 * somebody has deleted it, so that a later reading does not have it, the times are compared as well.
 */
function isAfter(
  { policy, selfLogin }: Snapshot,
  { reading, readAt }: StoredReading<{ readonly timeline: Timeline }>,
  act: LabelAct,
  { commentId, sentAt }: Question,
): boolean {
  const comment = reading.timeline.comments.find(({ id }) => id === commentId);
  if (comment) return act.order > comment.order;
  const shown = reading.timeline.labelActs.findLast(
    ({ kind, label, actor }) =>
      kind === "added" && isSame(label, policy.labels.humanReview) && isSame(actor, selfLogin ?? ""),
  );
  return readAt > sentAt && act.at > sentAt && act.order > (shown?.order ?? -1);
}

const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

function itemOf(
  { forge }: Snapshot,
  subject: string,
): { readonly labels: readonly string[]; readonly reading: StoredReading<{ readonly timeline: Timeline }> } | null {
  if (forge.kind === "unseen") return null;
  const issue = forge.issues.find((each) => issueSubject(each.issue.number) === subject);
  if (issue?.reading) return { labels: issue.issue.labels, reading: issue.reading };
  const pull = forge.pullRequests.find((each) => pullRequestSubject(each.pullRequest.number) === subject);
  return pull?.reading ? { labels: pull.pullRequest.labels, reading: pull.reading } : null;
}
