import { hostname } from "node:os";
import { keepWithinBounds, type Log, loadHostLimits, type Store } from "@agent-control-plane/core";
import { isAlive } from "@agent-control-plane/runners";
import { backends } from "@agent-control-plane/runners/backends";
import { boundsOf } from "../retention/bounds-of.ts";

/** So long a runtime that is gone is of use to others, who take over what it ran. */
const knownMs = 120_000;

/** What a daemon does once an hour, where only flows are worked: what is over goes when its time has come. Never throws. */
export async function tidyUp(
  home: string,
  store: Store,
  { actor, log, now }: { readonly actor: string; readonly log: Log; readonly now: number },
): Promise<void> {
  try {
    for (const { id, host, process, heartbeatAt } of await store.runtimes.list()) {
      const isGone = host === hostname() && now - heartbeatAt > knownMs && !isAlive(process);
      if (isGone) await store.runtimes.remove(id);
    }
    const limits = loadHostLimits(home, backends).retention;
    await keepWithinBounds(boundsOf({ home, profiles: [], store, limits, actor, log }));
  } catch (error) {
    log.warn("not kept within bounds", { error });
  }
}
