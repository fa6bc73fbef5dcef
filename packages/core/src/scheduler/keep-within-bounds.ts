import { setImmediate as turn } from "node:timers/promises";
import type { RetentionLimits } from "../domain/host.ts";
import type { Instant, Millis } from "../domain/time.ts";
import type { AnchorUpkeep, Clock, HostUpkeep, Log, RunArchive } from "../ports.ts";
import type { FlowBounds } from "../store/ports/retention.ts";
import { StoreFullError } from "../store/sqlite/explain-sqlite-error.ts";
import type { RemovedByTable, Store } from "../store/store.ts";
import type { Jobs } from "./jobs.ts";

export interface Bounds {
  readonly store: Store;
  readonly archives: readonly { readonly profileId: string; readonly archive: RunArchive }[];
  readonly anchors?: readonly { readonly profileId: string; readonly anchor: AnchorUpkeep }[];
  readonly host?: HostUpkeep;
  /** Folders of flows of which nothing is known any more; answers how many went. */
  readonly flowFolders?: { prune(of: { readonly now: Instant; readonly isDry?: boolean }): Promise<number> };
  /** The installed ones; null: they could not be read, and nothing is concluded from that. */
  readonly profiles?: readonly string[] | null;
  readonly limits: RetentionLimits;
  readonly actor: string;
  readonly log: Log;
  /** Most batches of rows of each kind in one round; the next round goes on. Default: all there are. */
  readonly mostBatches?: number;
}

export interface Removed {
  readonly archived: number;
  readonly runFolders: number;
  readonly tasks: number;
  /** Tasks of flows that went as a whole; of a look alone: the flows. */
  readonly flows: number;
  readonly events: number;
  /** Rows of other tables, together. */
  readonly others: number;
  /** The same by table. */
  readonly rows: RemovedByTable;
  /** Of anchor repositories. */
  readonly refs: number;
  /** Files and folders beside these, by rule. */
  readonly files: Readonly<Record<string, number>>;
}

const everyMs: Millis = 3_600_000;
/** A daemon has better things to do when it starts. */
const firstAfterMs: Millis = 120_000;
const dayMs: Millis = 86_400_000;
/** What the charts reach back, at most. */
const sampleDays = 30;

/** Rows in one transaction: others wait for it, ticks among them. */
const batch = 50;
const eventBatch = 500;
/** Of a daemon's round: half a million events, in a store that was never tidied. */
const mostBatches = 1_000;

/** Keeps store and disk within bounds, once an hour, as a job beside the ticks. */
export class RetentionRounds {
  #next: Instant | null = null;

  start(clock: Clock, jobs: Jobs, bounds: () => Bounds): void {
    const now = clock.now();
    this.#next ??= now + firstAfterMs;
    // Further away than one round: the clock was set back.
    if (now < this.#next && this.#next - now <= everyMs) return;
    if (jobs.start("retention", async () => void (await keepWithinBounds({ mostBatches, ...bounds() }))))
      this.#next = now + everyMs;
  }
}

/** Moves what is over to the history, and removes what is older than the limits: files first, rows after. */
export async function keepWithinBounds(bounds: Bounds): Promise<Removed> {
  const { store, archives, limits, actor, log } = bounds;
  const now = await lookWithRoom(bounds);
  let archived = 0;
  let runFolders = 0;
  for (const { profileId, archive } of archives) {
    archived += await archiveEnded(store, profileId, archive, log);
    const pruned = await archive.prune(boundsOfRuns(store, limits, now));
    runFolders += pruned.removed;
    if (pruned.failed.length > 0) log.warn("run folders could not be removed", { profileId, failed: pruned.failed });
  }
  const refs = await pruneAnchors(bounds, now);
  const ofHost = await pruneHost(bounds, now);
  const horizons = horizonsOf(bounds, now);
  const most = bounds.mostBatches ?? Number.MAX_SAFE_INTEGER;
  const tasks = await untilDone(batch, most, () => store.retention.pruneEnded(horizons.rest.before, batch, actor));
  const ofFlows = await boundsOfFlows(bounds, now);
  const flows = await untilDone(batch, most, () => store.retention.pruneFlows(ofFlows, batch, actor));
  const leftFolders = await bounds.flowFolders?.prune({ now });
  const events = await untilDone(eventBatch, most, () => store.retention.pruneLog(horizons.log, eventBatch, actor));
  const rows: Record<string, number> = {};
  await untilDone(eventBatch, most, async () => {
    const removed = await store.retention.pruneRest(horizons.rest, eventBatch);
    for (const [table, count] of Object.entries(removed)) rows[table] = (rows[table] ?? 0) + count;
    return Math.max(0, ...Object.values(removed));
  });
  const others = sum(Object.values(rows));
  const files = leftFolders ? { ...ofHost, flows: leftFolders } : ofHost;
  const removed = { archived, runFolders, tasks, flows, events, others, rows, refs, files };
  if (archived + runFolders + tasks + flows + events + others + refs + sum(Object.values(files)) > 0)
    log.info("kept within bounds", removed);
  return removed;
}

/** A store that cannot take a line is full because the disk is. */
async function lookWithRoom(bounds: Bounds): Promise<Instant> {
  const { store, log } = bounds;
  try {
    return await store.retention.look();
  } catch (error) {
    if (!(error instanceof StoreFullError)) throw error;
    log.warn("disk is full; what there is too much of goes first", await makeRoom(bounds));
    return store.retention.look();
  }
}

/**
 * For a full disk: removes what there is too much of by number or size, which takes neither the store nor a time to count
 * from. What is too old goes when there is room to say from when that is counted.
 */
export async function makeRoom({ archives, host, limits }: Pick<Bounds, "archives" | "host" | "limits">): Promise<{
  readonly runFolders: number;
  readonly files: Readonly<Record<string, number>>;
}> {
  const { count, sizeMb } = limits.runs;
  const most = { before: 0, mostCount: count, mostBytes: sizeMb * 1024 * 1024, isKnown: async () => true };
  let runFolders = 0;
  for (const { archive } of archives) runFolders += (await archive.prune(most)).removed;
  return { runFolders, files: (await host?.prune({ now: 0, limits })) ?? {} };
}

/** What the next round would remove; nothing is changed. */
export async function wouldRemove(
  bounds: Omit<Bounds, "actor" | "log">,
  now: Instant,
): Promise<Omit<Removed, "archived">> {
  const { store, archives, limits } = bounds;
  let runFolders = 0;
  for (const { archive } of archives) {
    runFolders += (await archive.prune({ ...boundsOfRuns(store, limits, now), isDry: true })).removed;
  }
  let refs = 0;
  for (const { anchor } of bounds.anchors ?? [])
    refs += (await anchor.prune({ ...boundsOfRefs(store, limits, now), isDry: true })).removed;
  const ofHost = (await bounds.host?.prune({ now, limits, isDry: true })) ?? {};
  const left = (await bounds.flowFolders?.prune({ now, isDry: true })) ?? 0;
  const files = left > 0 ? { ...ofHost, flows: left } : ofHost;
  const horizons = horizonsOf(bounds, now);
  const rows = await store.retention.countRest(horizons.rest);
  return {
    ...{ runFolders, refs, files, rows, others: sum(Object.values(rows)) },
    tasks: await store.retention.countEnded(horizons.rest.before),
    flows: await store.retention.countFlows(await boundsOfFlows(bounds, now)),
    events: await store.retention.countLog(horizons.log),
  };
}

const horizonsOf = ({ limits, profiles = null }: Pick<Bounds, "limits" | "profiles">, now: Instant) => {
  const before = now - limits.endedDays * dayMs;
  return {
    log: { decisions: now - Math.min(limits.decisionDays, limits.endedDays) * dayMs, others: before },
    rest: {
      ...{ before, profiles, forgeCache: now - limits.forgeCacheDays * dayMs },
      totals: now - Math.max(limits.totalsDays, limits.endedDays) * dayMs,
      samples: now - sampleDays * dayMs,
    },
  };
};

/** By age, and by number; none of the last day, whatever their number. */
async function boundsOfFlows({ store, limits }: Pick<Bounds, "store" | "limits">, now: Instant): Promise<FlowBounds> {
  const beyond = await store.retention.flowsBeyond(limits.flows.count);
  const before = now - limits.flows.days * dayMs;
  return beyond === null ? { before, beyond: 0, quiet: before } : { before, beyond: beyond + 1, quiet: now - dayMs };
}

/** Before rows go: they tell what became of the work. A repository that cannot be tidied keeps nothing else from it. */
async function pruneAnchors({ store, anchors = [], limits, log }: Bounds, now: Instant): Promise<number> {
  let refs = 0;
  for (const { profileId, anchor } of anchors) {
    try {
      refs += (await anchor.prune(boundsOfRefs(store, limits, now))).removed;
      if (await anchor.pack(now)) log.info("anchor repository packed", { profileId });
    } catch (error) {
      log.warn("anchor repository could not be tidied", { profileId, error });
    }
  }
  return refs;
}

async function pruneHost({ host, limits, log }: Bounds, now: Instant): Promise<Readonly<Record<string, number>>> {
  try {
    return (await host?.prune({ now, limits })) ?? {};
  } catch (error) {
    log.warn("files of this host could not be tidied", { error });
    return {};
  }
}

const boundsOfRefs = (store: Store, limits: RetentionLimits, now: Instant) => ({
  stateOf: (sessionId: string) =>
    store.retention.runState(sessionId, now - Math.min(limits.runs.days, limits.endedDays) * dayMs),
  savedBefore: now - limits.rescueDays * dayMs,
});

const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0);

const boundsOfRuns = (store: Store, { runs }: RetentionLimits, now: Instant) => ({
  before: now - runs.days * dayMs,
  mostCount: runs.count,
  mostBytes: runs.sizeMb * 1024 * 1024,
  isKnown: async (sessionId: string) => (await store.sessions.get(sessionId)) !== null,
});

/** A folder that cannot be moved stays where it is, is tried again in the next round, and keeps none of the others. */
async function archiveEnded(store: Store, profileId: string, archive: RunArchive, log: Log): Promise<number> {
  const failed = new Set<string>();
  let count = 0;
  for (;;) {
    const limit = batch + failed.size;
    const sessions = await store.retention.toArchive(profileId, limit);
    for (const session of sessions.filter(({ id }) => !failed.has(id))) {
      try {
        await store.retention.archived(session.id, await archive.archive(session));
        count += 1;
      } catch (error) {
        failed.add(session.id);
        log.warn("run folder could not be moved to the history", { sessionId: session.id, error });
      }
    }
    if (sessions.length < limit) return count;
  }
}

/** Between batches everybody else has a turn. */
async function untilDone(limit: number, most: number, prune: () => Promise<number>): Promise<number> {
  let all = 0;
  for (let round = 0; round < most; round += 1) {
    const removed = await prune();
    all += removed;
    if (removed < limit) break;
    await turn();
  }
  return all;
}
