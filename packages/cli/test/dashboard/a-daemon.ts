import { hostname } from "node:os";
import { type Json, profileFile, type Store } from "@agent-control-plane/core";
import { processMark } from "@agent-control-plane/runners";
import { fileStamp } from "../../src/runtime/file-stamp.ts";

/** The row of a daemon (this process) that serves these profiles, as a daemon writes it. */
export async function aDaemon(
  { home, store }: { readonly home: string; readonly store: Store },
  profileIds: readonly string[],
  over: { readonly lastTick?: { readonly [key: string]: Json }; readonly startedMark?: string } = {},
): Promise<void> {
  const own = processMark(process.pid) ?? { pid: 0, startedMark: "" };
  const factsOf = (id: string) => ({
    ...{ stamp: fileStamp(profileFile(home, id)), timeZone: "UTC", limit: { usd: 5, tokens: null }, workers: 3 },
    repository: { slug: `ann/${id}`, url: `https://forge.test/ann/${id}` },
  });
  await store.runtimes.put({
    ...{ id: "r-1", host: hostname(), version: "1.2.3", profileIds, startedAt: 1, heartbeatAt: 2, state: "ready" },
    process: { ...own, startedMark: over.startedMark ?? own.startedMark },
    lastTick: {
      ...Object.fromEntries(profileIds.map((id) => [id, { at: 1, forge: "seen", holds: {}, facts: factsOf(id) }])),
      ...over.lastTick,
    },
  });
}
