import type { Project } from "./project.ts";

/**
 * Retires every worktree whose session is concluded. The only place that removes worktrees: after a crash at any
 * point, the rows that are not `gone` say what is left to do.
 */
export async function sweepWorktrees(project: Project): Promise<void> {
  const { store, profileId, jobs, worktrees, log } = project;
  const rows = await store.worktrees.list({ profileId, states: ["planned", "ready", "retiring"] });
  if (rows.length === 0 || !(await isOurTurn(project))) return;
  for (const row of rows) {
    const session = await store.sessions.get(row.sessionId);
    if (session && session.state !== "concluded") continue;
    jobs.start(`retire:${row.sessionId}`, async () => {
      await store.worktrees.setState(row.path, "retiring");
      const { rescueRef } = await worktrees.retire(row.sessionId, {
        abandoned: session?.outcome === "cancelled",
      });
      await store.worktrees.setState(row.path, "gone", rescueRef ?? undefined);
      if (rescueRef) log.info("unsaved work kept", { sessionId: row.sessionId, rescueRef });
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
