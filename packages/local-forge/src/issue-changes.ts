import type { Forge } from "./forge.ts";
import type { User } from "./storage/accounts.ts";
import { recordEvent } from "./storage/events.ts";
import { findIssue, type Issue, issueById, setIssueState, touchIssue } from "./storage/issues.ts";
import { attachLabel, detachLabel, findLabel, insertLabel, type Label, labelsOfIssue } from "./storage/labels.ts";
import type { Repository } from "./storage/repositories.ts";
import { leaveQueue, waitingMergeOf } from "./storage/waiting-merges.ts";

/** Closes or reopens with its event. No change when it already is so. */
export function changeIssueState(
  forge: Forge,
  issue: Issue,
  actor: User,
  to: { state: "open" | "closed"; reason?: string | null; commitId?: string },
): Issue {
  if (issue.state === to.state) return issue;
  const now = forge.now();
  const closing = to.state === "closed";
  const reason = issue.is_pull ? null : closing ? closingReason(to.reason) : "reopened";
  setIssueState(forge.db, issue, { state: to.state, reason, byId: actor.id }, now);
  const waiting = closing && issue.is_pull ? waitingMergeOf(forge.db, issue.id) : undefined;
  // One that its commits were pushed for closed it as merged, and has left the queue by that.
  if (waiting?.way === "queue" && to.commitId === undefined) leaveQueue(forge.db, waiting, actor, now);
  recordEvent(forge.db, issue.id, actor, closing ? "closed" : "reopened", now, {
    stateReason: closing ? reason : null,
    ...(to.commitId ? { commitId: to.commitId } : {}),
  });
  return issueById(forge.db, issue.id);
}

/** GitHub takes `reopened` with any state; it says nothing about why an issue is closed. */
function closingReason(given: string | null | undefined): string {
  return given === null || given === undefined || given === "reopened" ? "completed" : given;
}

/** Closes the issues of these numbers; pull requests and unknown numbers are passed over. */
export function closeIssues(
  forge: Forge,
  repository: Repository,
  numbers: readonly number[],
  actor: User,
  commitId: string,
): void {
  for (const number of numbers) {
    const issue = findIssue(forge.db, repository, number);
    if (issue && !issue.is_pull && !issue.is_deleted)
      changeIssueState(forge, issue, actor, { state: "closed", commitId });
  }
}

/** Labels that do not exist yet are made, as GitHub does. */
export function addLabels(
  forge: Forge,
  repository: Repository,
  issue: Issue,
  actor: User,
  names: readonly string[],
): void {
  const now = forge.now();
  for (const name of names) {
    const label = findLabel(forge.db, repository, name) ?? insertLabel(forge.db, repository, plainLabel(name));
    if (!attachLabel(forge.db, issue.id, label)) continue;
    recordEvent(forge.db, issue.id, actor, "labeled", now, { label });
    touchIssue(forge.db, issue.id, now);
  }
}

export function removeLabels(forge: Forge, issue: Issue, actor: User, labels: readonly Label[]): void {
  const now = forge.now();
  for (const label of labels) {
    if (!detachLabel(forge.db, issue.id, label)) continue;
    recordEvent(forge.db, issue.id, actor, "unlabeled", now, { label });
    touchIssue(forge.db, issue.id, now);
  }
}

export function replaceLabels(
  forge: Forge,
  repository: Repository,
  issue: Issue,
  actor: User,
  names: readonly string[],
): void {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const leaving = labelsOfIssue(forge.db, issue.id).filter((label) => !wanted.has(label.name.toLowerCase()));
  removeLabels(forge, issue, actor, leaving);
  addLabels(forge, repository, issue, actor, names);
}

function plainLabel(name: string): Omit<Label, "id"> {
  return { name, color: "ededed", description: null };
}
