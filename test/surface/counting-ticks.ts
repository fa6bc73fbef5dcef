// What whole ticks of a daemon cost: counted by the forge, by the store's files and by what the daemon starts.
import { existsSync, readFileSync, statSync } from "node:fs";
import { type OpenStore, storePath } from "@agent-control-plane/core";
import type { ForgeCounters } from "@agent-control-plane/local-forge";
import { type Product, until } from "../support/product.ts";

/** A tick asks for the open pull requests once. */
const pulls = "GET /repos/{owner}/{repo}/pulls";

interface Counted extends ForgeCounters {
  readonly ticks: number;
  readonly lastedMs: number;
  /** Processes that had the daemon as parent whenever we looked. */
  readonly children: readonly number[];
  /** How often the store's files were found changed. */
  readonly storeWrites: number;
}

/** What is asked, started and written during whole ticks, from one pause between ticks to another; `act` comes first. */
export async function countTicks(
  from: Product,
  wanted: number,
  act?: (product: Product) => Promise<unknown>,
): Promise<Counted> {
  const { pid } = (await from.json<{ profiles: { pid: number }[] }>("runtime", "status")).profiles[0] ?? { pid: 0 };
  const forge = from.forge();
  await betweenTicks(from);
  const startedAt = performance.now();
  await forge.resetCounters();
  let stamp = storeStamp(from);
  let storeWrites = 0;
  const children = new Set<number>();
  const look = () => {
    for (const child of childrenOf(pid)) children.add(child);
    const now = storeStamp(from);
    if (now !== stamp) storeWrites += 1;
    stamp = now;
  };
  const watch = setInterval(look, 20);
  try {
    await act?.(from);
    await until(`${wanted} ticks`, async () => ((await forge.counters()).byRoute[pulls] ?? 0) >= wanted);
    await betweenTicks(from);
  } finally {
    clearInterval(watch);
  }
  const counters = await forge.counters();
  const lastedMs = performance.now() - startedAt;
  return { ...counters, lastedMs, storeWrites, ticks: counters.byRoute[pulls] ?? 0, children: [...children] };
}

/** Just after a tick was answered, when the next one is most of an interval away. */
async function betweenTicks(from: Product): Promise<void> {
  const forge = from.forge();
  const { requests } = await forge.counters();
  let seen = requests;
  let still = 0;
  await until("a pause between two ticks", async () => {
    const now = (await forge.counters()).requests;
    still = now === seen && now > requests ? still + 1 : 0;
    seen = now;
    return still >= 1;
  });
}

/** Waits until the daemon has nothing left to read or to say, and answers where the event log stands then. */
export async function quietMoment(from: Product, store: OpenStore): Promise<number> {
  let before = { seq: -1, metered: -1 };
  await until("the event log is still, and nothing is new at the forge", async () => {
    const now = { seq: await lastSeq(store), metered: (await from.forge().counters()).metered };
    const still = now.seq === before.seq && now.metered === before.metered;
    before = now;
    await betweenTicks(from);
    return still;
  });
  return before.seq;
}

export const lastSeq = async (store: OpenStore): Promise<number> => (await store.events.latest(1, {})).at(-1)?.seq ?? 0;

/** Each commit that changes anything writes to the write-ahead log; empty transactions and reads do not. */
function storeStamp(from: Product): string {
  return [storePath(from.home), `${storePath(from.home)}-wal`]
    .map((file) => statSync(file, { bigint: true }))
    .map(({ mtimeNs, size }) => `${mtimeNs} ${size}`)
    .join(" ");
}

/** Linux only; elsewhere the logging git is what tells. */
function childrenOf(pid: number): readonly number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  return existsSync(file) ? readFileSync(file, "utf8").split(" ").filter(Boolean).map(Number) : [];
}
