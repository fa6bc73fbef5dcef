import type { Project } from "./project.ts";

/**
 * Retires every worktree whose session is concluded. The only place that removes worktrees: after a crash at any
 * point, the rows that are not `gone` say what is left to do.
 */
export async function sweepWorktrees(project: Project): Promise<void> {
  const { store, profileId, jobs, worktrees, log } = project;
  for (const row of await store.worktrees.list({ profileId, states: ["planned", "ready", "retiring"] })) {
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
