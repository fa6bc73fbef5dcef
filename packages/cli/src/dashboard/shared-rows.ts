import { hostname } from "node:os";
import type { Cooldown, Quota, RuntimeRow, Store } from "@agent-control-plane/core";
import type { ShownFlow } from "@agent-control-plane/dashboard";
import { isAlive } from "@agent-control-plane/runners/process-mark";
import { flowsUnderWay, type Shared } from "../runtime/status-in-store.ts";

/** What the store holds of no single profile. */
export interface SharedRows extends Omit<Shared, "daemons"> {
  readonly runtimes: readonly RuntimeRow[];
  readonly cooldowns: readonly Cooldown[];
  readonly quotas: readonly Quota[];
  readonly flows: readonly ShownFlow[];
}

/** `flows`: as they were read before, where nothing happened to any. */
export async function readSharedRows(store: Store, flows: SharedRows["flows"] | null): Promise<SharedRows> {
  return {
    runtimes: await store.runtimes.list(),
    pauses: await store.pauses.list(),
    paces: await store.pace.waits(),
    cooldowns: await store.cooldowns.active(),
    quotas: await store.quotas.list(),
    flows: flows ?? (await flowsUnderWay(store)),
  };
}

/** The rows as they are at this moment: processes die and times pass without a word to the store. */
export interface SharedNow extends SharedRows, Shared {}

export function sharedNow(rows: SharedRows, now: number): SharedNow {
  const daemons = rows.runtimes
    .filter(({ host, process }) => host === hostname() && isAlive(process))
    .sort((a, b) => b.startedAt - a.startedAt);
  return {
    ...rows,
    daemons,
    cooldowns: rows.cooldowns.filter(({ until }) => until > now),
    paces: rows.paces.filter(({ until }) => until > now),
  };
}
