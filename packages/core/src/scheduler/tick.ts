import { decideTick, type Effect, type TickPlan } from "../decide/decide-tick.ts";
import type { HoldReason } from "../domain/hold-reason.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import { liveTaskStates } from "../domain/task.ts";
import { launchSession } from "./launch-session.ts";
import { observe } from "./observe.ts";
import type { Project } from "./project.ts";
import { reconcileTask } from "./reconcile-session.ts";
import { recover } from "./recover.ts";
import { sweepWorktrees } from "./sweep-worktrees.ts";

export interface TickReport {
  readonly at: number;
  /** `seen`, or the reason code why the forge could not be looked at; then `forgeDetail` holds the forge's own words. */
  readonly forge: "seen" | HoldReason;
  readonly forgeDetail: string | null;
  readonly enqueued: number;
  readonly cancelled: number;
  readonly launched: number;
  readonly holds: { readonly [reason: string]: number };
}

/**
 * One pass: first what is under way (recover, reconcile, sweep), which runs even when the forge is away or nothing may
 * be launched; then what should be started. Slow steps become jobs; the pass itself waits for the forge only.
 */
export async function tick(project: Project, options: { draining: boolean }): Promise<TickReport> {
  await attend(project);
  const snapshot = await observe(project, options);
  const plan = decideTick(snapshot);
  const changes = plan.effects.filter((effect) => effect.kind !== "launch");
  await applyEffects(project, changes);
  const final = changes.length > 0 ? await decideAgain(project, snapshot) : plan;
  const launches = final.effects.filter((effect) => effect.kind === "launch");
  await applyEffects(project, launches);
  await record(project, final);
  return report(snapshot, plan, final);
}

/**
 * Attends to what is under way, from the store and the processes alone: no request to the forge. Answers whether there
 * was anything, so that the loop can look again sooner.
 */
export async function attend(project: Project, options = { mayStart: true }): Promise<boolean> {
  await recover(project);
  const { store, profileId, jobs } = project;
  const open = await store.sessions.list({ profileId, states: ["intended", "running", "ended"] });
  const ended = open.filter((session) => session.state === "ended");
  for (const taskId of new Set(ended.map((session) => session.taskId))) {
    jobs.start(`task:${taskId}`, () => reconcileTask(project, taskId, options.mayStart));
  }
  await sweepWorktrees(project);
  return open.length > 0 || jobs.size > 0;
}

/** With the tasks as they are now and the same view of the forge: what was just enqueued may be launched. */
async function decideAgain(project: Project, snapshot: Snapshot): Promise<TickPlan> {
  const live = await project.store.tasks.list({ queue: project.profileId, states: liveTaskStates });
  const ended = snapshot.tasks.filter(
    (task) => !live.some((other) => other.id === task.id) && task.finishedAt !== null,
  );
  return decideTick({ ...snapshot, now: project.clock.now(), tasks: [...live, ...ended] });
}

/** Each effect is guarded by the store; one that fails does not keep the others from being applied. */
async function applyEffects(project: Project, effects: readonly Effect[]): Promise<void> {
  for (const effect of effects) {
    try {
      await applyEffect(project, effect);
    } catch (error) {
      project.log.error("effect failed", { effect: effect.kind, error });
    }
  }
}

async function applyEffect(project: Project, effect: Effect): Promise<void> {
  const { store, jobs, runtimeId } = project;
  switch (effect.kind) {
    case "enqueue":
      await store.tasks.enqueue(effect.task, runtimeId);
      return;
    case "cancel":
      await store.tasks.cancel(effect.taskId, runtimeId, effect.reason);
      return;
    case "launch":
      jobs.start(`task:${effect.taskId}`, () => launchSession(project, effect.taskId));
  }
}

async function record(project: Project, plan: TickPlan): Promise<void> {
  const decidedAt = project.clock.now();
  await project.store.decisions.replace(
    project.profileId,
    plan.decisions.map((decision) => ({
      profileId: project.profileId,
      subject: decision.subject,
      lane: decision.lane,
      verdict: decision.kind,
      reason: decision.kind === "hold" ? decision.because : "launch",
      detail: decision.detail,
      decidedAt,
    })),
    project.runtimeId,
  );
}

function report(snapshot: Snapshot, first: TickPlan, final: TickPlan): TickReport {
  const holds: Record<string, number> = {};
  for (const decision of final.decisions)
    if (decision.kind === "hold") holds[decision.because] = (holds[decision.because] ?? 0) + 1;
  return {
    at: snapshot.now,
    forge: snapshot.forge.kind === "seen" ? "seen" : snapshot.forge.because,
    forgeDetail: snapshot.forge.kind === "seen" ? null : snapshot.forge.detail,
    enqueued: count(first, "enqueue"),
    cancelled: count(first, "cancel"),
    launched: count(final, "launch"),
    holds,
  };
}

const count = (plan: TickPlan, kind: Effect["kind"]): number =>
  plan.effects.filter((effect) => effect.kind === kind).length;
