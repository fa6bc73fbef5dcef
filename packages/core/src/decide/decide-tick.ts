import type { HoldReason } from "../domain/hold-reason.ts";
import type { CandidateIssue, Decision, ForgeView, Snapshot } from "../domain/snapshot.ts";
import type { NewTask, Task } from "../domain/task.ts";
import { decideIssue, issueLane } from "./decide-issue.ts";
import { agentBranchPrefix, issueSubject } from "./issue-text.ts";

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
 * queued ones are launched in order while there is room. A task enqueued here is launched by a second decision over the
 * tasks as they are then: so a launch always rests on a row that is in the store.
 */
export function decideTick(snapshot: Snapshot): TickPlan {
  const { forge } = snapshot;
  const live = snapshot.tasks.filter((task) => task.lane === issueLane && isLive(task));
  const wanted = forge.kind === "seen" ? decideWanted(snapshot, forge) : { enqueue: [], cancel: [], holds: [] };
  const cancelled = new Set(wanted.cancel.map((effect) => effect.taskId));
  const launches = decideLaunches(snapshot, live, cancelled);
  return {
    effects: [...wanted.enqueue, ...wanted.cancel, ...launches.effects],
    decisions: [...wanted.holds, ...launches.decisions],
  };
}

function decideWanted(snapshot: Snapshot, forge: Extract<ForgeView, { kind: "seen" }>) {
  const { policy } = snapshot;
  const enqueue: Effect[] = [];
  const cancel: Extract<Effect, { kind: "cancel" }>[] = [];
  const holds: Decision[] = [];
  const stillWanted = new Set<number>();
  for (const candidate of forge.issues) {
    const subject = issueSubject(candidate.issue.number);
    const key = issueTaskKey(policy.profileId, candidate);
    const task = newest(snapshot.tasks.filter((known) => known.dedupeKey === key));
    const ours = snapshot.tasks.filter(
      (known) => known.subject === subject && known.lane === issueLane && isLive(known),
    );
    const verdict = decideIssue({
      candidate,
      now: snapshot.now,
      policy,
      pullRequests: forge.pullRequests,
      task,
      publishing: snapshot.publishing.has(streamOf(policy.profileId, subject)),
    });
    const running = ours.find((known) => known.state === "running");
    if (running && (verdict.kind === "wanted" || survivesWhileRunning(verdict.because))) {
      stillWanted.add(running.id);
      continue;
    }
    if (verdict.kind === "hold") {
      holds.push({ kind: "hold", subject, lane: issueLane, because: verdict.because, detail: verdict.detail });
      continue;
    }
    const current = ours.find((known) => known.dedupeKey === key);
    if (current) stillWanted.add(current.id);
    else
      enqueue.push({ kind: "enqueue", task: { ...issueTask(snapshot, candidate, key), newestSeen: task?.id ?? null } });
  }
  for (const task of snapshot.tasks) {
    if (task.lane !== issueLane || !isLive(task) || stillWanted.has(task.id) || task.cancelRequestedAt !== null)
      continue;
    const superseded = enqueue.some((effect) => effect.kind === "enqueue" && effect.task.subject === task.subject);
    cancel.push({ kind: "cancel", taskId: task.id, reason: superseded ? "superseded" : "not-wanted" });
  }
  return { enqueue, cancel, holds };
}

/** Holds that do not stop a session under way: they are its own traces, or say nothing against its going on. */
const survivesWhileRunning = (because: HoldReason): boolean =>
  because !== "held" && because !== "not-open" && because !== "not-opted-in" && because !== "linked-pull-request";

function issueTask(snapshot: Snapshot, { issue, revision }: CandidateIssue, dedupeKey: string): NewTask {
  return {
    queue: snapshot.policy.profileId,
    subject: issueSubject(issue.number),
    lane: issueLane,
    dedupeKey,
    maxAttempts: snapshot.policy.maxAttempts,
    payload: { number: issue.number, title: issue.title, body: issue.body, url: issue.url, revision },
  };
}

function decideLaunches(snapshot: Snapshot, live: readonly Task[], cancelled: ReadonlySet<number>) {
  const { policy, now, forge } = snapshot;
  const effects: Effect[] = [];
  const decisions: Decision[] = [];
  // A session that was asked to stop still holds its worker until it is gone.
  const running = live.filter((task) => task.state === "running").length;
  const agentPulls =
    forge.kind === "seen"
      ? forge.pullRequests.filter((pull) => pull.headRef.startsWith(agentBranchPrefix(policy.profileId))).length
      : 0;
  const cooldown = snapshot.cooldowns.get(`provider:${policy.backend}`);
  for (const task of live.filter((each) => !cancelled.has(each.id)).sort(byPriorityThenAge)) {
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

const newest = (tasks: readonly Task[]): Task | undefined => [...tasks].sort((a, b) => b.id - a.id)[0];

const byPriorityThenAge = (a: Task, b: Task): number =>
  b.priority - a.priority || a.createdAt - b.createdAt || a.id - b.id;
