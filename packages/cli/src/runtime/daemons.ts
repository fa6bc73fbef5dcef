import { hostname } from "node:os";
import type { RuntimeRow, Store } from "@agent-control-plane/core";
// By itself, for a quick `status`: the package's index would bring everything that starts processes into its bundle.
import { isAlive } from "@agent-control-plane/runners/process-mark";

/** The daemons of this host that are alive, newest first; `null` store when nothing was ever set up. Reads only. */
export async function liveDaemons(store: Store): Promise<readonly RuntimeRow[]> {
  const rows = await store.runtimes.list();
  return rows
    .filter((row) => row.host === hostname() && isAlive(row.process))
    .sort((a, b) => b.startedAt - a.startedAt);
}
