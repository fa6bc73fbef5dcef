import { rowsOnRelease } from "../decide/publish-rows.ts";
import type { Ending, Session } from "../domain/session.ts";
import type { Task } from "../domain/task.ts";
import type { Project } from "./project.ts";

/**
 * Level-based recovery: asks what is true of every session and claim now, never what happened. Safe to run at any
 * time, by any number of runtimes: each write names the term it is about.
 */
export async function recover(project: Project): Promise<void> {
  const { store, profileId } = project;
  for (const session of await store.sessions.list({ profileId, states: ["intended", "running"] })) {
    await recoverSession(project, session);
  }
  const running = await store.tasks.list({ queue: profileId, states: ["running"] });
  if (running.length === 0) return;
  await recoverClaims(project, running);
}

/**
 * A session whose wrapper lives is adopted by doing nothing: it holds its lease itself. One whose wrapper is gone is
 * ended on its behalf, with the ending it wrote or as lost.
 */
async function recoverSession(project: Project, session: Session): Promise<void> {
  const { store, runner, clock, log } = project;
  const wrapper = session.wrapper ?? runner.wrapperOf(session);
  if (wrapper && runner.isAlive(wrapper)) return;
  const ending = runner.ending(session);
  if (!ending && !wrapper) {
    // Between the intent and the wrapper's first word, only the lease tells whether somebody is still starting it.
    const lease = await store.tasks.lease(session.taskId);
    if (lease && lease.term === session.term && lease.expiresAt > clock.now()) return;
  }
  const reaped = await runner.reap(session);
  if (reaped === "wrapper-alive") return;
  const final = ending ?? lostEnding(session, clock.now(), wrapper !== null, reaped);
  // Only as we saw it: a wrapper that came up meanwhile has made the row `running`, and the session is its own again.
  const asSeen = session.state === "intended" ? "intended" : "running";
  if ((await store.sessions.end(session.id, session.term, final, asSeen)) === "applied") {
    log.warn("session recovered", { sessionId: session.id, exitReason: final.exitReason, reaped });
  }
}

const lostEnding = (
  session: Session,
  now: number,
  hadWrapper: boolean,
  reaped: { killed: number; survivors: number },
): Ending => ({
  exitReason: "lost",
  failureReason: null,
  exitCode: null,
  signal: null,
  startedAt: session.startedAt ?? session.intendedAt,
  endedAt: now,
  nativeSessionId: null,
  usage: {},
  retryAt: null,
  summary: hadWrapper ? "its wrapper vanished" : "it was never started",
  processes: reaped,
});

/** A claim that a crash left without a session: given back without costing an attempt. */
async function recoverClaims(project: Project, running: readonly Task[]): Promise<void> {
  const { store, profileId, clock } = project;
  const open = await store.sessions.list({ profileId, states: ["intended", "running", "ended"] });
  for (const task of running) {
    if (open.some((session) => session.taskId === task.id)) continue;
    const lease = await store.tasks.lease(task.id);
    if (lease && lease.expiresAt > clock.now()) continue;
    const adopted = await store.tasks.adopt({ taskId: task.id, term: task.term }, project.runtimeId, project.leaseMs);
    if (adopted === "lost") continue;
    const outbox = rowsOnRelease({ ...project.publish, defaultBranch: "" }, task, `t${task.id}.${adopted.term}`);
    const release = task.cancelRequestedAt
      ? ({ kind: "cancelled", reason: task.reason ?? "cancelled" } as const)
      : ({ kind: "snooze", runAt: clock.now(), reason: "not-started" } as const);
    await store.tasks.release(adopted, release, { actor: project.runtimeId, outbox });
  }
}
