import type { Timeline } from "../domain/reading.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import type { Task } from "../domain/task.ts";
import { issueSubject, pullRequestSubject } from "./subjects.ts";
import { hasLabel, labelSetBy, trustOf } from "./trust.ts";

/**
 * Whether somebody who may has set the approval label on a task's item after the task ended. The forge's times have whole
 * seconds, so that one of the same second does not count; nor does one whose setter is not known to be trusted.
 */
export function approvedSince(snapshot: Snapshot, task: Task): boolean {
  const { policy, permissions } = snapshot;
  const label = policy.labels.humanApproved;
  const item = itemOf(snapshot, task.subject);
  if (!item || task.finishedAt === null || !hasLabel(item, label)) return false;
  const act = labelSetBy(item.timeline, label);
  if (!act || act.at <= task.finishedAt) return false;
  return trustOf(act.actor, permissions, policy.trust.labels) === "trusted";
}

function itemOf(
  { forge }: Snapshot,
  subject: string,
): { readonly labels: readonly string[]; readonly timeline: Timeline } | null {
  if (forge.kind === "unseen") return null;
  const issue = forge.issues.find((each) => issueSubject(each.issue.number) === subject);
  if (issue?.reading) return { labels: issue.issue.labels, timeline: issue.reading.reading.timeline };
  const pull = forge.pullRequests.find((each) => pullRequestSubject(each.pullRequest.number) === subject);
  return pull?.reading ? { labels: pull.pullRequest.labels, timeline: pull.reading.reading.timeline } : null;
}
