import type { HoldReason } from "../domain/hold-reason.ts";
import type { CandidateIssue, SchedulingPolicy } from "../domain/snapshot.ts";
import type { Task } from "../domain/task.ts";
import type { Instant, Millis } from "../domain/time.ts";
import type { PullRequest } from "../domain/work-item.ts";

export const issueLane = "issue-implementation";

export type IssueVerdict =
  | { readonly kind: "wanted" }
  | { readonly kind: "hold"; readonly because: HoldReason; readonly detail: string };

/**
 * After a dead letter, how long a missing blocked label is not yet taken for a person's wish to try again: the label
 * we set may be younger than the list we read.
 */
const deadLetterGraceMs: Millis = 60_000;

export interface IssueFacts {
  readonly now: Instant;
  readonly candidate: CandidateIssue;
  readonly policy: SchedulingPolicy;
  /** An open pull request that works on it. */
  readonly linked: PullRequest | undefined;
  /** The newest task of this very revision, live or ended. */
  readonly task: Task | undefined;
  readonly publishing: boolean;
  /** The outbox row of that task which was to show its end on the forge, and failed for good. */
  readonly failedWrite: number | undefined;
}

/**
 * Whether a task for this issue should exist now. First match wins; the order is the order in which a person would
 * want to hear it: their own acts first, then what is known to be under way, then who asked for it.
 */
export function decideIssue(facts: IssueFacts): IssueVerdict {
  const { now, candidate, policy, linked, task, publishing, failedWrite } = facts;
  const { issue, optIn } = candidate;
  const { labels } = policy;
  if (issue.state !== "open") return hold("not-open", `#${issue.number} is closed`);
  if (issue.labels.includes(labels.hold)) return hold("held", `label ${labels.hold}`);
  if (!issue.labels.includes(labels.ready)) return hold("not-opted-in", `label ${labels.ready} is missing`);
  if (linked) return hold("linked-pull-request", `#${linked.number} ${linked.url}`);
  if (failedWrite !== undefined && !issue.labels.includes(labels.blocked)) {
    return hold("publish-failed", `task ${task?.id}, outbox row ${failedWrite}`);
  }
  if (task?.state === "succeeded") {
    return publishing
      ? hold("publishing", `task ${task.id}`)
      : hold("already-worked", `task ${task.id}${task.reason ? `, ${task.reason}` : ""}`);
  }
  if (task?.state === "dead") {
    const asked = !issue.labels.includes(labels.blocked) && !publishing && now - task.updatedAt > deadLetterGraceMs;
    if (!asked) return hold("dead-letter", `task ${task.id}: ${task.reason ?? "no reason recorded"}`);
  }
  if (task?.state === "cancelled" && !isOurCancel(task.reason)) {
    return hold("cancelled", `task ${task.id}: ${task.reason ?? ""}`);
  }
  if (issue.labels.includes(labels.blocked)) return hold("blocked", `label ${labels.blocked}`);
  if (optIn.kind === "unchecked") return hold("opt-in-unchecked", optIn.detail);
  if (optIn.kind === "untrusted") {
    return hold("opt-in-untrusted", `${optIn.actor} has permission ${optIn.permission}`);
  }
  return { kind: "wanted" };
}

/** Cancelled because the world changed, not because a person said so: it comes back when the world changes back. */
const isOurCancel = (reason: string | null): boolean => reason === "superseded" || reason === "not-wanted";

const hold = (because: HoldReason, detail: string): IssueVerdict => ({ kind: "hold", because, detail });
