import type { HoldReason } from "../../domain/hold-reason.ts";
import type { Lane } from "../../domain/lane.ts";
import type { BaseView, Snapshot } from "../../domain/snapshot.ts";
import type { Task } from "../../domain/task.ts";
import type { Instant, Millis } from "../../domain/time.ts";
import type { Verdict, Wanted } from "../../domain/wanted.ts";
import type { PullRequest } from "../../domain/work-item.ts";
import { isAskedByUs, refusedIn } from "../asked-by-us.ts";
import type { Asked } from "../past-work.ts";
import { dedupeKeyOf, issueSubject } from "../subjects.ts";
import { hasLabel, labelSetBy } from "../trust.ts";
import { isOurBlock, judgeRecovery } from "./blocked-recovery.ts";
import { type Cadence, parseCadence } from "./cadence.ts";
import { checkTimes, isCheck, pastChecks } from "./check-times.ts";
import { judgeDependencies } from "./dependencies.ts";
import { freshReading } from "./fresh-reading.ts";
import { type IssuePast, isIssueLane, pastOf } from "./issue-past.ts";
import { type BlockerContext, blockerIn, blockerOf, dueAtIn, revisionIn } from "./issue-payload.ts";
import { implementationRevision, type PinFacts, type Pinned, pinOf } from "./issue-pin.ts";
import { judgeOptIn } from "./opt-in.ts";
import { priorityOf, traitsOf } from "./work-class.ts";

export interface IssueFacts extends PinFacts {
  readonly now: Instant;
  /** An open pull request that works on it. */
  readonly linked: PullRequest | undefined;
  /** Tasks of this issue that have not ended. */
  readonly live: readonly Task[];
  /** By key, the newest task; only that of `issueTaskKey` is looked up. */
  readonly tasks: ReadonlyMap<string, Task>;
  /** Writes of this issue are on their way to the forge. */
  readonly publishing: boolean;
  /** Tasks whose end could not be shown on the forge, with the outbox row that failed for good. */
  readonly failedWrites: ReadonlyMap<number, number>;
  /** By task: what people were asked about such a write. */
  readonly stuck: Snapshot["stuck"];
  /** Its work is done and waits for a person's approval: of which task, and what is asked. */
  readonly asked: Asked | null;
  /** How it waits for itself, from `findCycles`. */
  readonly cycle: string | undefined;
  readonly base: Pick<BaseView, "branch" | "sha">;
  /** Where the last attempt of its newest dead letter started from; null when nobody knows, or there is none. */
  readonly startSha: string | null;
}

interface Hold {
  readonly because: HoldReason;
  readonly detail: string;
}

/** What there is to do, and what it still waits for that no person has to see to. */
interface Work {
  readonly lane: Lane;
  /** Last part of its key. */
  readonly revision: string;
  readonly dueAt: Instant | null;
  readonly blocker: BlockerContext | null;
  readonly wait: Hold | null;
}

/**
 * After a dead letter, how long a missing blocked label is not yet taken for a person's wish to try again: the label
 * we set may be younger than the list we read.
 */
const deadLetterGraceMs: Millis = 60_000;

/**
 * Whether a task for this issue should exist now, and which. First match wins; the order is the order in which a person
 * would want to hear it: their own acts first, then what is known to be under way or done, then who asked for it, then
 * what it waits for by itself. This file is long because it is that one table, read from top to bottom.
 */
export function decideIssue(facts: IssueFacts): Verdict {
  const schedule = parseCadence(facts.candidate.issue.body);
  const cadence = schedule.kind === "cadence" ? schedule.cadence : null;
  const usual: Lane = cadence ? "scheduled-check" : "issue-implementation";
  const stopped = stoppedByPeople(facts);
  if (stopped) return hold(usual, stopped);
  const pin = pinOf(facts);
  if (pin.kind === "unknown") return hold(usual, { because: "details-unread", detail: pin.detail });
  const work = cadence ? nextCheck(facts, pin, cadence) : nextImplementation(facts, pin);
  if ("because" in work) return hold(usual, unaskedSince(facts, work) ?? work);
  const against = unasked(facts) ?? waitingForOthers(facts);
  if (against) return hold(work.lane, against);
  if (schedule.kind === "problem") return hold(usual, { because: "schedule-invalid", detail: schedule.problem });
  return work.wait ? hold(work.lane, work.wait) : { kind: "wanted", wanted: wantedOf(facts, pin, work) };
}

function stoppedByPeople({ candidate: { issue }, policy: { labels }, linked }: IssueFacts): Hold | null {
  if (issue.state !== "open") return { because: "not-open", detail: `#${issue.number} is closed` };
  if (hasLabel(issue, labels.hold)) return { because: "held", detail: `label ${labels.hold}` };
  if (!hasLabel(issue, labels.ready)) return { because: "not-opted-in", detail: `label ${labels.ready} is missing` };
  return linked ? { because: "linked-pull-request", detail: `#${linked.number} ${linked.url}` } : null;
}

function nextImplementation(facts: IssueFacts, pin: Pinned): Hold | Work {
  const { candidate, policy, history, tasks, live } = facts;
  const isOfThisWork = (task: Task) => revisionIn(task) === pin.revision;
  const under = live.find((task) => isIssueLane(task.lane) && isOfThisWork(task));
  const revision = implementationRevision(facts, pin.revision);
  const past = pastOf(history, tasks.get(keyOf(facts, "issue-implementation", revision)), isOfThisWork);
  if (under) return goesOn(facts, under, past);
  const work: Work = { lane: "issue-implementation", revision, dueAt: null, blocker: null, wait: null };
  const { ended } = past;
  if (ended?.state === "succeeded") {
    const done = blockedSince(facts, ended) ?? notShown(facts, ended);
    if (done) return done;
    const isRecurring = traitsOf(candidate.issue, policy).recurring;
    if (!isRecurring) {
      return { because: "already-worked", detail: `task ${ended.id}${ended.reason ? `, ${ended.reason}` : ""}` };
    }
    return unblocked(facts, { ...work, wait: resting(facts, ended) });
  }
  if (ended?.state === "cancelled") return { because: "cancelled", detail: `task ${ended.id}: ${ended.reason ?? ""}` };
  if (past.dead) return afterDeadLetter(facts, pin, past, past.dead, work);
  return unblocked(facts, { ...work, wait: beingAsked(facts, pin) ?? restingAfterOurEdit(facts) });
}

/** Ticking its task list after a merge is no person's edit: its rest goes on. */
function restingAfterOurEdit(facts: IssueFacts): Hold | null {
  const { candidate, policy, selfLogin, history } = facts;
  const editor = freshReading(candidate)?.edit?.editor.toLowerCase();
  if (!traitsOf(candidate.issue, policy).recurring || editor !== selfLogin?.toLowerCase()) return null;
  const past = history.find(({ lane, newest }) => isIssueLane(lane) && newest.state === "succeeded");
  return editor === undefined || !past ? null : resting(facts, past.newest);
}

/** The label that asks a person is on its way: until it is there, it would seem that they had taken it off. */
function beingAsked({ history, policy, publishing }: IssueFacts, pin: Pinned): Hold | null {
  if (policy.onDrift !== "ask" || !publishing) return null;
  const tasks = history.filter(({ lane }) => isIssueLane(lane)).map(({ newest }) => newest);
  const newest = tasks.toSorted((a, b) => b.id - a.id)[0];
  if (!newest || revisionIn(newest) === pin.revision) return null;
  return { because: "publishing", detail: `task ${newest.id}` };
}

/** A scheduled check is known by the time it was due; an edit of the text does not make that time come again. */
function nextCheck(facts: IssueFacts, pin: Pinned, cadence: Cadence): Hold | Work {
  const past = pastChecks(facts.history);
  const under = facts.live.find((task) => isIssueLane(task.lane) && isCheck(task));
  if (under) return goesOn(facts, under, past);
  const { ended, dead } = past;
  if (ended?.state === "succeeded") {
    const done = notShown(facts, ended);
    if (done) return done;
  }
  if (ended && ended === dead) return afterDeadLetter(facts, pin, past, dead, checkDueAt(dueAtIn(ended) ?? 0));
  const { due, next } = checkTimes(facts, cadence, past);
  const wait: Hold | null = due === null ? { because: "not-due", detail: `next at ${iso(next)}` } : null;
  const work = { ...checkDueAt(due ?? next), wait };
  return dead ? afterDeadLetter(facts, pin, past, dead, work) : unblocked(facts, work);
}

const checkDueAt = (due: Instant): Work => ({
  lane: "scheduled-check",
  revision: iso(due),
  dueAt: due,
  blocker: null,
  wait: null,
});

/**
 * Work that waits or runs stays what it is. A blocked label speaks against it, unless the work is the answer to that very
 * label.
 */
function goesOn(facts: IssueFacts, under: Task, { dead }: IssuePast): Hold | Work {
  const { candidate, policy } = facts;
  const blocker = blockerIn(under);
  const answersLabel = blocker !== null && dead !== undefined && isBlockedByUs(facts, dead);
  if (hasLabel(candidate.issue, policy.labels.blocked) && !answersLabel) return blocked(facts);
  const lane = under.lane as Lane;
  return { lane, revision: revisionOfKey(facts, under, lane), dueAt: dueAtIn(under), blocker, wait: null };
}

const revisionOfKey = (facts: IssueFacts, task: Task, lane: Lane): string =>
  (task.dedupeKey ?? "").slice(keyOf(facts, lane, "").length);

function notShown(facts: IssueFacts, ended: Task): Hold | null {
  return (
    notShownForGood(facts, ended) ?? (facts.publishing ? { because: "publishing", detail: `task ${ended.id}` } : null)
  );
}

/** While its result is on the way, the label is a person's word against it, or the one that it answers. */
function blockedSince(facts: IssueFacts, ended: Task): Hold | null {
  const { candidate, policy, publishing, failedWrites } = facts;
  if (isOurQuestion(facts, ended)) return null;
  if (!hasLabel(candidate.issue, policy.labels.blocked) || !(publishing || failedWrites.has(ended.id))) return null;
  const reading = freshReading(candidate);
  const act = reading && labelSetBy(reading.timeline, policy.labels.blocked);
  return blockerIn(ended) === null || (act && act.at >= ended.createdAt) ? blocked(facts) : null;
}

/** What is not sent yet is sent only while it is asked for. */
function unaskedSince(facts: IssueFacts, { because }: Hold): Hold | null {
  if (because !== "publishing" && because !== "publish-failed" && because !== "approval-needed") return null;
  const against = unasked(facts);
  return against?.because === "details-unread" ? null : against;
}

/** The blocked label by which people were asked about it says no more than this does. */
function notShownForGood(facts: IssueFacts, ended: Task): Hold | null {
  const { candidate, policy, failedWrites, stuck, asked } = facts;
  if (asked?.taskId === ended.id) return { because: "approval-needed", detail: asked.detail };
  const row = failedWrites.get(ended.id);
  if (row === undefined) return null;
  if (hasLabel(candidate.issue, policy.labels.blocked) && !isOurQuestion(facts, ended)) return null;
  return { because: "publish-failed", detail: `task ${ended.id}, ${refusedIn(stuck.get(ended.id), row)}` };
}

const isOurQuestion = (facts: IssueFacts, ended: Task): boolean =>
  isAskedByUs(
    facts.stuck.get(ended.id),
    freshReading(facts.candidate)?.timeline ?? null,
    facts.policy.labels.blocked,
    facts.selfLogin,
  );

function resting({ now, policy }: IssueFacts, ended: Task): Hold | null {
  const until = (ended.finishedAt ?? ended.updatedAt) + policy.recurring.restMs;
  return now < until ? { because: "resting", detail: `until ${iso(until)}` } : null;
}

/**
 * A dead letter waits for a person, who takes the blocked label off, or changes what the work is by an edit or an answer;
 * or for its recovery. A blocked label that is not ours is a person's, and nothing is done about it.
 */
function afterDeadLetter(facts: IssueFacts, pin: Pinned, past: IssuePast, dead: Task, work: Work): Hold | Work {
  const { candidate, policy, now, publishing } = facts;
  const failed = notShownForGood(facts, dead);
  if (failed) return failed;
  const isAnswered = revisionIn(dead) !== pin.revision;
  const again: Work = { ...work, blocker: blockerOf(dead, 0) };
  if (!hasLabel(candidate.issue, policy.labels.blocked)) {
    const isAsked = isAnswered || (!publishing && now - dead.updatedAt > deadLetterGraceMs);
    return isAsked ? again : needsPerson(dead, dead.reason ?? "no reason recorded");
  }
  if (!isBlockedByUs(facts, dead)) return blocked(facts);
  if (isAnswered) return again;
  return recoveryOf(facts, past, dead, { ...work, wait: null });
}

function recoveryOf(facts: IssueFacts, { undone }: IssuePast, dead: Task, work: Work): Hold | Work {
  const lane: Lane = "blocked-recovery";
  const begun = undone?.lane === lane ? blockerIn(undone) : null;
  if (undone && begun) return { ...work, lane, revision: revisionOfKey(facts, undone, lane), blocker: begun };
  const recovery = judgeRecovery({ ...facts, dead });
  if (recovery.kind === "person") return needsPerson(dead, recovery.detail);
  const wait: Hold | null = recovery.kind === "wait" ? { because: recovery.because, detail: recovery.detail } : null;
  return {
    ...work,
    lane,
    revision: `${revisionIn(dead)}/after:${dead.id}`,
    blocker: blockerOf(dead, recovery.round),
    wait,
  };
}

const needsPerson = (dead: Task, detail: string): Hold => ({
  because: "dead-letter",
  detail: `task ${dead.id}: ${detail}`,
});

const isBlockedByUs = ({ candidate, policy, selfLogin }: IssueFacts, dead: Task): boolean => {
  const reading = freshReading(candidate);
  return reading !== null && isOurBlock(reading.timeline, policy.labels.blocked, dead, selfLogin);
};

const unblocked = (facts: IssueFacts, work: Work): Hold | Work =>
  hasLabel(facts.candidate.issue, facts.policy.labels.blocked) ? blocked(facts) : work;

const blocked = ({ policy }: IssueFacts): Hold => ({ because: "blocked", detail: `label ${policy.labels.blocked}` });

function unasked({ candidate, policy, permissions }: IssueFacts): Hold | null {
  const optIn = judgeOptIn(candidate, policy, permissions);
  if (optIn.kind === "unread") return { because: "details-unread", detail: optIn.detail };
  if (optIn.kind === "voided") return { because: "opt-in-voided", detail: optIn.detail };
  if (optIn.kind === "trusted") return null;
  return { because: "opt-in-untrusted", detail: `${optIn.actor} has permission ${optIn.permission}` };
}

const waitingForOthers = ({ candidate, cycle }: IssueFacts): Hold | null =>
  cycle === undefined ? judgeDependencies(candidate) : { because: "dependency-cycle", detail: cycle };

function wantedOf(facts: IssueFacts, { revision, comments }: Pinned, work: Work): Wanted {
  const { issue } = facts.candidate;
  const traits = traitsOf(issue, facts.policy);
  return {
    subject: issueSubject(issue.number),
    lane: work.lane,
    dedupeKey: keyOf(facts, work.lane, work.revision),
    priority: priorityOf(issue.labels, facts.policy),
    traits,
    createdAt: issue.createdAt,
    dueAt: work.dueAt,
    stage: null,
    payload: {
      kind: "issue",
      number: issue.number,
      title: issue.title,
      body: issue.body,
      url: issue.url,
      comments: comments.map(({ author, body }) => ({ author, body })),
      revision,
      traits,
      dueAt: work.dueAt,
      blocker: work.blocker,
    },
  };
}

const keyOf = ({ policy, candidate }: IssueFacts, lane: Lane, revision: string): string =>
  dedupeKeyOf(policy.profileId, issueSubject(candidate.issue.number), lane, revision);

const iso = (at: Instant): string => new Date(at).toISOString();

const hold = (lane: Lane, { because, detail }: Hold): Verdict => ({ kind: "hold", because, detail, lane });
