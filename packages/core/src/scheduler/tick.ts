import { aboutItems } from "../decide/about-items.ts";
import type { TickPlan } from "../decide/decide-tick.ts";
import type { HoldReason } from "../domain/hold-reason.ts";
import type { ItemAbout } from "../domain/item-about.ts";
import type { Decision, Snapshot } from "../domain/snapshot.ts";
import { applyEffects } from "./apply-effects.ts";
import { catchUp } from "./catch-up.ts";
import { keepSample } from "./keep-sample.ts";
import { observe } from "./observe/observe.ts";
import { planWithRights } from "./observe/plan-with-rights.ts";
import type { Project } from "./project.ts";
import { proveOver } from "./quota-calendar.ts";
import { reconcileTask } from "./reconcile-session.ts";
import { recover } from "./recover.ts";
import { sweepConversations } from "./sweep-conversations.ts";
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
  await sweepConversations(project);
  const { snapshot, plan } = await planTick(project, options);
  await applyEffects(project, plan.effects);
  await catchUp(project, snapshot);
  await record(project, snapshot, plan);
  await keepSample(project, snapshot);
  return report(snapshot, plan);
}

/** What the next tick would do and why, with nothing done: the same observing and deciding, in the same order. */
export async function planTick(
  project: Project,
  options: { readonly draining: boolean; readonly asked?: number },
): Promise<{ readonly snapshot: Snapshot; readonly plan: TickPlan }> {
  return planWithRights(project, await observe(project, options));
}

/**
 * Attends to what is under way, from the store and the processes alone: no request to the forge. Answers whether there
 * was anything, so that the loop can look again sooner.
 */
export async function attend(project: Project, options = { mayStart: true }): Promise<boolean> {
  const { jobs } = project;
  const open = await recover(project);
  const ended = open.filter((session) => session.state === "ended");
  for (const taskId of new Set(ended.map((session) => session.taskId))) {
    jobs.start(`task:${taskId}`, () => reconcileTask(project, taskId, options.mayStart));
  }
  if (open.length > 0) await proveOver(project, open);
  await sweepWorktrees(project);
  return open.length > 0 || jobs.size > 0;
}

/** How far the line is kept: each launch moves everybody behind it, which is a write a place. */
const placesKept = 20;

async function record(project: Project, snapshot: Snapshot, plan: TickPlan): Promise<void> {
  const decidedAt = project.clock.now();
  const about = aboutItems(snapshot, plan.decisions);
  await project.store.decisions.replace(
    project.profileId,
    plan.decisions.map((decision) => ({
      profileId: project.profileId,
      subject: decision.subject,
      lane: decision.lane,
      verdict: decision.kind,
      reason: decision.kind === "hold" ? decision.because : "launch",
      detail: decision.detail,
      place: placeOf(decision),
      decidedAt,
      ...aboutOf(about.get(decision.subject)),
    })),
    project.runtimeId,
  );
}

const aboutOf = (about: ItemAbout | undefined) => (about === undefined ? {} : { about });

function placeOf(decision: Decision): number | null {
  const place = decision.kind === "hold" ? decision.place : undefined;
  return place !== undefined && place <= placesKept ? place : null;
}

function report({ forge, now }: Snapshot, { effects, decisions }: TickPlan): TickReport {
  const holds: Record<string, number> = {};
  for (const decision of decisions)
    if (decision.kind === "hold") holds[decision.because] = (holds[decision.because] ?? 0) + 1;
  const count = (kind: string): number => effects.filter((effect) => effect.kind === kind).length;
  return {
    at: now,
    forge: forge.kind === "seen" ? "seen" : forge.because,
    forgeDetail: forge.kind === "seen" ? null : forge.detail,
    enqueued: count("enqueue"),
    cancelled: count("cancel"),
    launched: effects.filter((effect) => "launch" in effect && effect.launch !== null).length,
    holds,
  };
}
