import type { HoldReason } from "../domain/hold-reason.ts";
import type { CandidateIssue, Decision, ForgeView, Snapshot } from "../domain/snapshot.ts";
import type { NewTask, Task } from "../domain/task.ts";
import { decideIssue, issueLane } from "./decide-issue.ts";
import { agentBranchPrefix, issueSubject, linkedPullRequests } from "./issue-text.ts";

export type Effect =
  | { readonly kind: "enqueue"; readonly task: NewTask }
  | { readonly kind: "cancel"; readonly taskId: number; readonly reason: string }
  | { readonly kind: "launch"; readonly taskId: number; readonly subject: string };

export interface TickPlan {
  readonly effects: readonly Effect[];
  /** One per candidate. */
  readonly decisions: readonly Decision[];
}

/**
 * The whole policy of one tick. Which tasks should exist is decided first and compared with those that do; then the
 * queued ones are launched in order while there is room. A task enqueued here is launched by the next plan, made at
 * once over the tasks as they are then: so a launch always rests on a row that is in the store.
 */
export function decideTick(snapshot: Snapshot): TickPlan {
  const { forge } = snapshot;
  const live = snapshot.tasks.filter((task) => task.lane === issueLane && isLive(task));
  const wanted = forge.kind === "seen" ? decideWanted(snapshot, forge) : nothingWanted;
  const launches = decideLaunches(snapshot, live, wanted);
  return {
    effects: [...wanted.enqueue, ...wanted.cancel, ...launches.effects],
    decisions: [...wanted.holds, ...launches.decisions],
  };
}

interface Wanted {
  readonly enqueue: readonly Extract<Effect, { kind: "enqueue" }>[];
  readonly cancel: readonly Extract<Effect, { kind: "cancel" }>[];
  readonly holds: readonly Decision[];
  /** Waiting tasks that are neither cancelled nor launched now. */
  readonly paused: ReadonlyMap<number, Pause>;
}

interface Pause {
  readonly because: HoldReason;
  readonly detail: string;
}

/**
 * Not knowing who opted in is no reason to throw away what a waiting task has been through, and a dead letter that a
 * person replays waits for its blocked label to go.
 */
const pausesWhileWaiting = (because: HoldReason): boolean => because === "opt-in-unchecked" || because === "blocked";

const nothingWanted: Wanted = { enqueue: [], cancel: [], holds: [], paused: new Map() };

function decideWanted(snapshot: Snapshot, forge: Extract<ForgeView, { kind: "seen" }>): Wanted {
  const { policy } = snapshot;
  const enqueue: Extract<Effect, { kind: "enqueue" }>[] = [];
  const cancel: Extract<Effect, { kind: "cancel" }>[] = [];
  const holds: Decision[] = [];
  const paused = new Map<number, Pause>();
  const stillWanted = new Set<number>();
  const linked = linkedPullRequests(forge.pullRequests, policy.profileId);
  const byKey = newestByKey(snapshot.tasks);
  const liveBySubject = new Map<string, Task[]>();
  for (const task of snapshot.tasks) {
    if (task.lane !== issueLane || !isLive(task)) continue;
    liveBySubject.set(task.subject, [...(liveBySubject.get(task.subject) ?? []), task]);
  }
  for (const candidate of forge.issues) {
    const subject = issueSubject(candidate.issue.number);
    const key = issueTaskKey(policy.profileId, candidate);
    const task = byKey.get(key);
    const ours = liveBySubject.get(subject) ?? [];
    const verdict = decideIssue({
      candidate,
      now: snapshot.now,
      policy,
      linked: linked.get(candidate.issue.number),
      task,
      failedWrite: task && snapshot.failedWrites.get(task.id),
      publishing: snapshot.publishing.has(streamOf(policy.profileId, subject)),
    });
    const running = ours.find((known) => known.state === "running");
    if (running && (verdict.kind === "wanted" || survivesWhileRunning(verdict.because))) {
      stillWanted.add(running.id);
      continue;
    }
    const current = ours.find((known) => known.dedupeKey === key);
    if (verdict.kind === "hold" && pausesWhileWaiting(verdict.because) && current) {
      stillWanted.add(current.id);
      paused.set(current.id, verdict);
      continue;
    }
    if (verdict.kind === "hold") {
      holds.push({ kind: "hold", subject, lane: issueLane, because: verdict.because, detail: verdict.detail });
      continue;
    }
    if (current) stillWanted.add(current.id);
    else enqueue.push({ kind: "enqueue", task: issueTask(snapshot, candidate, key, task) });
  }
  const replaced = new Set(enqueue.map((effect) => effect.task.subject));
  for (const task of snapshot.tasks) {
    if (task.lane !== issueLane || !isLive(task) || stillWanted.has(task.id) || task.cancelRequestedAt !== null)
      continue;
    cancel.push({ kind: "cancel", taskId: task.id, reason: replaced.has(task.subject) ? "superseded" : "not-wanted" });
  }
  return { enqueue, cancel, holds, paused };
}

/** Holds that do not stop a session under way: they are its own traces, or say nothing against its going on. */
const survivesWhileRunning = (because: HoldReason): boolean =>
  because !== "held" && because !== "not-open" && because !== "not-opted-in" && because !== "linked-pull-request";

/**
 * The idempotency key says after which task of this revision we want another one: a runtime whose view is older than
 * the work another one has done meanwhile makes nothing.
 */
function issueTask(
  snapshot: Snapshot,
  { issue, revision }: CandidateIssue,
  dedupeKey: string,
  before: Task | undefined,
): NewTask {
  return {
    queue: snapshot.policy.profileId,
    subject: issueSubject(issue.number),
    lane: issueLane,
    dedupeKey,
    idempotencyKey: `${dedupeKey}/after:${before?.id ?? 0}`,
    maxAttempts: snapshot.policy.maxAttempts,
    payload: { number: issue.number, title: issue.title, body: issue.body, url: issue.url, revision },
  };
}

function decideLaunches(snapshot: Snapshot, live: readonly Task[], wanted: Wanted) {
  const { policy, now, forge } = snapshot;
  const effects: Effect[] = [];
  const decisions: Decision[] = [];
  // A session that was asked to stop still holds its worker until it is gone.
  const running = live.filter((task) => task.state === "running").length;
  const agentPulls =
    forge.kind === "seen"
      ? forge.pullRequests.filter((pull) => pull.headRef.startsWith(agentBranchPrefix(policy.profileId))).length
      : 0;
  const cancelled = new Set(wanted.cancel.map((effect) => effect.taskId));
  const held = new Set(wanted.holds.map((hold) => hold.subject));
  const cooldown = snapshot.cooldowns.get(`provider:${policy.backend}`);
  for (const task of live.filter((each) => !cancelled.has(each.id)).sort(byPriorityThenAge)) {
    // It is being stopped; why was said with the hold.
    if (held.has(task.subject)) continue;
    const because = holdOf(task);
    if (because === null) {
      effects.push({ kind: "launch", taskId: task.id, subject: task.subject });
      decisions.push({ kind: "launch", subject: task.subject, lane: issueLane, detail: `task ${task.id}` });
    } else decisions.push({ kind: "hold", subject: task.subject, lane: issueLane, ...because });
  }
  return { effects, decisions };

  function holdOf(task: Task): { because: HoldReason; detail: string } | null {
    if (task.state === "running") return { because: "running", detail: `task ${task.id}, attempt ${task.attempts}` };
    if (snapshot.draining) return { because: "draining", detail: "" };
    if (forge.kind === "unseen") return { because: forge.because, detail: forge.detail };
    const paused = wanted.paused.get(task.id);
    if (paused) return { because: paused.because, detail: paused.detail };
    if (task.runAt > now) {
      const until = `until ${new Date(task.runAt).toISOString()}${task.reason ? `, ${task.reason}` : ""}`;
      return { because: task.attempts > 0 ? "backoff" : "snoozed", detail: until };
    }
    if (cooldown !== undefined && cooldown > now) {
      return { because: "provider-cooldown", detail: `${policy.backend} until ${new Date(cooldown).toISOString()}` };
    }
    if (agentPulls >= policy.maxOpenAgentPullRequests) {
      return { because: "open-pr-limit", detail: `${agentPulls} of ${policy.maxOpenAgentPullRequests}` };
    }
    if (running + effects.length >= policy.maxWorkers) {
      return { because: "workers-full", detail: `${running + effects.length} of ${policy.maxWorkers}` };
    }
    if (effects.length >= policy.maxLaunches)
      return { because: "launch-limit", detail: `${policy.maxLaunches} a tick` };
    return null;
  }
}

export const issueTaskKey = (
  profileId: string,
  { issue, revision }: Pick<CandidateIssue, "issue" | "revision">,
): string => `${profileId}/${issueSubject(issue.number)}/${issueLane}/${revision}`;

/** Rows of one work item keep their order in the outbox. */
export const streamOf = (profileId: string, subject: string): string => `${profileId}/${subject}`;

const isLive = (task: Task): boolean =>
  task.state === "queued" || task.state === "scheduled" || task.state === "running";

/** Of each revision, the newest task. */
export function newestByKey(tasks: readonly Task[]): ReadonlyMap<string, Task> {
  const newest = new Map<string, Task>();
  for (const task of tasks) {
    if (task.dedupeKey !== null && (newest.get(task.dedupeKey)?.id ?? 0) < task.id) newest.set(task.dedupeKey, task);
  }
  return newest;
}

const byPriorityThenAge = (a: Task, b: Task): number =>
  b.priority - a.priority || a.createdAt - b.createdAt || a.id - b.id;
