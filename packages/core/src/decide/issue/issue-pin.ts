import type { SchedulingPolicy } from "../../domain/policy.ts";
import type { TimelineComment } from "../../domain/reading.ts";
import type { CandidateIssue, LaneHistory } from "../../domain/snapshot.ts";
import type { Task } from "../../domain/task.ts";
import type { Issue } from "../../domain/work-item.ts";
import { dedupeKeyOf, issueSubject } from "../subjects.ts";
import type { Permissions } from "../trust.ts";
import { freshReading } from "./fresh-reading.ts";
import { revisionOf, trustedComments } from "./pin.ts";
import { traitsOf } from "./work-class.ts";

/** What is needed to say which work an issue asks for. */
export interface PinFacts {
  readonly candidate: CandidateIssue;
  readonly policy: SchedulingPolicy;
  readonly permissions: Permissions;
  /** Our own login; null where the forge does not say. */
  readonly selfLogin: string | null;
  /** What became of its tasks, lane by lane. */
  readonly history: readonly LaneHistory[];
}

/** The texts a run is given, and the hash it is pinned to. */
export interface Pinned {
  readonly kind: "known";
  readonly revision: string;
  readonly comments: readonly TimelineComment[];
}

export type Pin = Pinned | { readonly kind: "unknown"; readonly detail: string };

export function pinOf({ candidate, policy, permissions, selfLogin }: Omit<PinFacts, "history">): Pin {
  const reading = freshReading(candidate);
  if (!reading) return { kind: "unknown", detail: "it was not read in its present state yet" };
  const trusted = trustedComments(reading.timeline, permissions, policy.trust.comments, selfLogin);
  if (trusted.kind === "unknown") {
    const detail = `whether the comments of ${trusted.ask.slice(0, 5).join(", ")} count is not known yet`;
    return { kind: "unknown", detail };
  }
  return pinned(candidate.issue, trusted.comments);
}

/** Of issues that did not change since the last tick, which are the same objects then: texts are hashed once. */
const pins = new WeakMap<Issue, Pinned>();

function pinned(issue: Issue, comments: readonly TimelineComment[]): Pinned {
  const before = pins.get(issue);
  if (before && isSame(before.comments, comments)) return before;
  const pin: Pinned = { kind: "known", revision: revisionOf(issue.title, issue.body, comments), comments };
  pins.set(issue, pin);
  return pin;
}

const isSame = (some: readonly TimelineComment[], others: readonly TimelineComment[]): boolean =>
  some.length === others.length && some.every((comment, index) => comment === others[index]);

/** The key whose newest task `decideIssue` has to be given; null while the pin is not known. */
export function issueTaskKey(facts: PinFacts): string | null {
  const { candidate, policy } = facts;
  const pin = pinOf(facts);
  if (pin.kind === "unknown") return null;
  const revision = implementationRevision(facts, pin.revision);
  return dedupeKeyOf(policy.profileId, issueSubject(candidate.issue.number), "issue-implementation", revision);
}

/**
 * Recurring work has the same text in every cycle, so the cycles are counted: a text that comes back after an edit
 * is a new cycle all the same.
 */
export function implementationRevision({ candidate, policy, history }: PinFacts, pinnedTo: string): string {
  if (!traitsOf(candidate.issue, policy).recurring) return pinnedTo;
  const tasks = history
    .filter(({ lane }) => lane === "issue-implementation" || lane === "blocked-recovery")
    .map(({ newest }) => newest);
  const newest = tasks.reduce<Task | undefined>((last, task) => (last && last.id > task.id ? last : task), undefined);
  const reached = Math.max(0, ...tasks.map(cycleOf));
  return `${pinnedTo}/cycle:${Math.max(1, newest?.state === "succeeded" ? reached + 1 : reached)}`;
}

const cycleOf = ({ dedupeKey }: Task): number => Number(/\/cycle:(\d{1,9})$/.exec(dedupeKey ?? "")?.[1] ?? 0);
