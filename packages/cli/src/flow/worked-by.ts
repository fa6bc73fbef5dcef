import { hostname } from "node:os";
import type { Json, RuntimeRow, Store, WorkedBy } from "@agent-control-plane/core";
import { isAlive } from "@agent-control-plane/runners/process-mark";

/** What a runtime reports of flows in its row. */
export interface FlowsReport {
  /** Workers that it cannot run, and why. */
  readonly refuses: Readonly<Record<string, string>>;
}

/** Runtimes of this host that begin tasks of flows. */
export const flowRuntimes = async (store: Pick<Store, "runtimes">): Promise<readonly RuntimeRow[]> =>
  (await store.runtimes.list()).filter(
    (row) => row.host === hostname() && row.state !== "draining" && row.state !== "stopped" && isAlive(row.process),
  );

/** A worker is refused where every runtime refuses it. */
export async function workedBy(store: Pick<Store, "runtimes">): Promise<WorkedBy> {
  const rows = await flowRuntimes(store);
  const [first = {}, ...others] = rows.map(({ lastTick }) => refusalsOf(lastTick));
  const everywhere = Object.entries(first).filter(([worker]) => others.every((each) => Object.hasOwn(each, worker)));
  return { isWorked: rows.length > 0, refusals: new Map(everywhere) };
}

function refusalsOf(lastTick: Json): Readonly<Record<string, string>> {
  const { flows } = (lastTick ?? {}) as { readonly flows?: Partial<FlowsReport> };
  return flows?.refuses ?? {};
}
