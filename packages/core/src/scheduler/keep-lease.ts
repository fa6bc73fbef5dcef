import type { LeaseKey } from "../domain/task.ts";
import type { Project } from "./project.ts";

/**
 * Heartbeats a lease while host work goes on under it. `lost` tells the work to stop: somebody else may be at it. A
 * heartbeat that fails (busy disk) is tried again at the next beat; the store's guard, not this timer, is what keeps a
 * late writer out.
 */
export function keepLease(
  { store, clock, log, leaseMs, heartbeatMs }: Pick<Project, "store" | "clock" | "log" | "leaseMs" | "heartbeatMs">,
  lease: LeaseKey,
): { readonly lost: AbortSignal; stop(): Promise<void> } {
  const lost = new AbortController();
  const stopped = new AbortController();
  const beating = beat();
  return {
    lost: lost.signal,
    async stop() {
      stopped.abort();
      await beating;
    },
  };

  async function beat(): Promise<void> {
    for (;;) {
      await clock.sleep(heartbeatMs, stopped.signal);
      if (stopped.signal.aborted) return;
      try {
        if ((await store.tasks.heartbeat(lease, leaseMs)) !== "lost") continue;
        lost.abort();
        return;
      } catch (error) {
        log.warn("heartbeat failed", { taskId: lease.taskId, term: lease.term, error });
      }
    }
  }
}
