import { hostname } from "node:os";
import type { RuntimeRow, Store, WorkedBy } from "@agent-control-plane/core";
import { isAlive } from "@agent-control-plane/runners/process-mark";
import { refusalOf } from "./known-workers.ts";

/** Runtimes of this host that begin tasks of flows. */
export const flowRuntimes = async (store: Pick<Store, "runtimes">): Promise<readonly RuntimeRow[]> =>
  (await store.runtimes.list()).filter(
    (row) => row.host === hostname() && row.state !== "draining" && row.state !== "stopped" && isAlive(row.process),
  );

export const workedBy = async (store: Pick<Store, "runtimes">): Promise<WorkedBy> => ({
  isWorked: (await flowRuntimes(store)).length > 0,
  refuses: refusalOf,
});
