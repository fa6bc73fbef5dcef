import type { Project } from "./project.ts";

/**
 * Retires every worktree whose session is concluded. The only place that removes worktrees: after a crash at any
 * point, the rows that are not `gone` say what is left to do. The disk is looked at, too: a runtime that stood still
 * while its session was given up, and was killed when it went on, has made a folder whose row says that it is gone.
 */
export async function sweepWorktrees(project: Project): Promise<void> {
  const { store, profileId, jobs, worktrees, log } = project;
  const rows = await store.worktrees.list({ profileId, states: ["planned", "ready", "retiring"] });
  const known = new Set(rows.map((row) => row.sessionId));
  const onDisk = (await worktrees.onDisk()).filter((sessionId) => !known.has(sessionId));
  if ((rows.length === 0 && onDisk.length === 0) || !(await isOurTurn(project))) return;
  for (const sessionId of [...known, ...onDisk]) {
    const session = await store.sessions.get(sessionId);
    // A row without a session was planned in vain; a folder without one is not ours to judge.
    if (session ? session.state !== "concluded" : !known.has(sessionId)) continue;
    const path = worktrees.pathFor(sessionId);
    jobs.start(`retire:${sessionId}`, async () => {
      await store.worktrees.setState(path, "retiring");
      const { rescueRef } = await worktrees.retire(sessionId, { abandoned: session?.outcome === "cancelled" });
      await store.worktrees.setState(path, "gone", rescueRef ?? undefined);
      if (rescueRef) log.info("unsaved work kept", { sessionId, rescueRef });
    });
  }
}

/** A runtime that reports nothing for this long does not sweep any more; it reports every ten seconds. */
const silentMs = 45_000;

/**
 * Of several runtimes on this host the oldest sweeps: two that retire one folder would find it changing under their
 * hands. That keeps them apart in all but the moment of a change; retiring twice at once fails and loses nothing.
 */
async function isOurTurn({ store, runner, clock, profileId, runtimeId }: Project): Promise<boolean> {
  const first = (await store.runtimes.list()).find(
    (row) =>
      row.profileIds.includes(profileId) && runner.isAlive(row.process) && clock.now() - row.heartbeatAt < silentMs,
  );
  return first === undefined || first.id === runtimeId;
}
