import { rowsOnRelease } from "../decide/publish/publish-rows.ts";
import { releaseNotStarted } from "../decide/reconcile/not-started.ts";
import { isLane } from "../domain/lane.ts";
import type { Ending, Session } from "../domain/session.ts";
import type { Task } from "../domain/task.ts";
import type { Project } from "./project.ts";

/**
 * Level-based recovery: asks what is true of every session and claim now, never what happened. Safe to run at any
 * time, by any number of runtimes: each write names the term it is about. One that cannot be recovered fails alone.
 * Answers the sessions that are not concluded, as they are now.
 */
export async function recover(project: Project): Promise<readonly Session[]> {
  const { store, profileId, jobs } = project;
  const seen = await openSessions(project);
  const unended = seen.filter(({ state }) => state !== "ended");
  for (const session of unended) await jobs.finish(`recover:${session.id}`, () => recoverSession(project, session));
  const running = await store.tasks.list({ queue: profileId, states: ["running"] });
  // Where none was seen and nothing is claimed, nothing was recovered.
  if (running.length === 0 && unended.length === 0) return seen;
  const open = await openSessions(project);
  const withSession = new Set(open.map((session) => session.taskId));
  for (const task of running) {
    // Tasks of no lane in this queue are their own claimers' business.
    if (!isLane(task.lane) || withSession.has(task.id)) continue;
    await jobs.finish(`task:${task.id}`, () => recoverClaim(project, task));
  }
  return open;
}

const openSessions = ({ store, profileId }: Project): Promise<readonly Session[]> =>
  store.sessions.list({ profileId, states: ["intended", "running", "ended"] });

/**
 * A session whose wrapper lives is adopted by doing nothing: it holds its lease itself. One whose wrapper is gone is
 * ended on its behalf, with the ending it wrote or as lost.
 */
async function recoverSession(project: Project, session: Session): Promise<void> {
  const { store, runner, clock, log } = project;
  const wrapper = session.wrapper ?? runner.wrapperOf(session);
  if (wrapper && runner.isAlive(wrapper)) return;
  const ending = runner.ending(session);
  if (!ending && session.state === "intended") return recoverUnstarted(project, session, wrapper !== null);
  const reaped = await runner.reap(session);
  if (reaped === "wrapper-alive") return;
  const lost = lostEnding(session, clock.now(), "its wrapper vanished", reaped);
  // What it began to say is kept by its backend, and the next attempt may go on with it.
  const final = ending ?? { ...lost, nativeSessionId: runner.nativeSessionId?.(session) ?? null };
  const asSeen = session.state === "intended" ? "intended" : "running";
  if ((await store.sessions.end(session.id, session.term, final, asSeen)) === "applied") {
    log.warn("session recovered", { sessionId: session.id, exitReason: final.exitReason, reaped });
  }
}

/**
 * A wrapper starts nothing before its row is `running`, and a row that is `ended` never gets there: so ending the row,
 * if it is still `intended`, is all there is to do, and a late wrapper finds the door shut.
 */
async function recoverUnstarted(project: Project, session: Session, hadWrapper: boolean): Promise<void> {
  const { store, clock, log } = project;
  if (!hadWrapper) {
    // Between the intent and the wrapper's first word, only the lease tells whether somebody is still starting it.
    const lease = await store.tasks.lease(session.taskId);
    if (lease && lease.term === session.term && lease.expiresAt > clock.now()) return;
  }
  const why = hadWrapper ? "its wrapper vanished before it started" : "it was never started";
  const lost = lostEnding(session, clock.now(), why, { killed: 0, survivors: 0 });
  if ((await store.sessions.end(session.id, session.term, lost, "intended")) === "applied") {
    log.warn("session recovered", { sessionId: session.id, exitReason: lost.exitReason });
  }
}

const lostEnding = (session: Session, now: number, summary: string, processes: Ending["processes"]): Ending => ({
  exitReason: "lost",
  failureReason: null,
  exitCode: null,
  signal: null,
  startedAt: session.startedAt ?? session.intendedAt,
  endedAt: now,
  nativeSessionId: null,
  usage: {},
  retryAt: null,
  summary,
  processes,
});

/** A claim that a crash left without a session: given back without costing an attempt. */
async function recoverClaim(project: Project, task: Task): Promise<void> {
  const { store, clock } = project;
  const lease = await store.tasks.lease(task.id);
  if (lease && lease.expiresAt > clock.now()) return;
  const adopted = await store.tasks.adopt({ taskId: task.id, term: task.term }, project.runtimeId, project.leaseMs);
  if (adopted === "lost") return;
  const outbox = rowsOnRelease(project.publish, task, `t${task.id}.${adopted.term}`);
  const release = task.cancelRequestedAt
    ? ({ kind: "cancelled", reason: task.reason ?? "cancelled" } as const)
    : releaseNotStarted(
        task,
        { reason: "not-started", summary: "its runtime vanished before it started" },
        clock.now(),
      );
  await store.tasks.release(adopted, release, { actor: project.runtimeId, outbox });
}
