import type { RetentionLimits } from "../domain/host.ts";
import type { Instant, Millis } from "../domain/time.ts";
import type { Clock, Log, RunArchive } from "../ports.ts";
import type { Store } from "../store/store.ts";
import type { Jobs } from "./jobs.ts";

export interface Bounds {
  readonly store: Store;
  readonly archives: readonly { readonly profileId: string; readonly archive: RunArchive }[];
  readonly limits: RetentionLimits;
  readonly actor: string;
  readonly log: Log;
}

export interface Removed {
  readonly archived: number;
  readonly runFolders: number;
  readonly tasks: number;
  readonly events: number;
  readonly others: number;
}

const everyMs: Millis = 3_600_000;
/** A daemon has better things to do when it starts. */
const firstAfterMs: Millis = 120_000;
const dayMs: Millis = 86_400_000;

/** Rows in one transaction: others wait for it. */
const batch = 200;
const eventBatch = 2_000;

/** Keeps store and disk within bounds, once an hour, as a job beside the ticks. */
export class RetentionRounds {
  #next: Instant | null = null;

  start(clock: Clock, jobs: Jobs, bounds: () => Bounds): void {
    const now = clock.now();
    this.#next ??= now + firstAfterMs;
    // Further away than one round: the clock was set back.
    if (now < this.#next && this.#next - now <= everyMs) return;
    if (jobs.start("retention", async () => void (await keepWithinBounds(bounds())))) this.#next = now + everyMs;
  }
}

/** Moves what is over to the history, and removes what is older than the limits: files first, rows after. */
export async function keepWithinBounds({ store, archives, limits, actor, log }: Bounds): Promise<Removed> {
  const now = await store.retention.look();
  let archived = 0;
  let runFolders = 0;
  for (const { profileId, archive } of archives) {
    archived += await archiveEnded(store, profileId, archive, log);
    const pruned = await archive.prune(boundsOfRuns(store, limits, now));
    runFolders += pruned.removed;
    if (pruned.failed.length > 0) log.warn("run folders could not be removed", { profileId, failed: pruned.failed });
  }
  const before = now - limits.endedDays * dayMs;
  const decisions = now - Math.min(limits.decisionDays, limits.endedDays) * dayMs;
  const tasks = await untilDone(batch, () => store.retention.pruneEnded(before, batch, actor));
  const events = await untilDone(eventBatch, () =>
    store.retention.pruneLog({ decisions, others: before }, eventBatch, actor),
  );
  const others = await untilDone(eventBatch, () => store.retention.pruneRest(before, eventBatch));
  const removed = { archived, runFolders, tasks, events, others };
  if (Object.values(removed).some((count) => count > 0)) log.info("kept within bounds", removed);
  return removed;
}

/** What the next round would remove, as far as it can be said without doing it; nothing is changed. */
export async function wouldRemove(
  { store, archives, limits }: Omit<Bounds, "actor" | "log">,
  now: Instant,
): Promise<Pick<Removed, "runFolders" | "tasks">> {
  let runFolders = 0;
  for (const { archive } of archives) {
    runFolders += (await archive.prune({ ...boundsOfRuns(store, limits, now), isDry: true })).removed;
  }
  return { runFolders, tasks: await store.retention.countEnded(now - limits.endedDays * dayMs) };
}

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

async function untilDone(limit: number, prune: () => Promise<number>): Promise<number> {
  let sum = 0;
  for (;;) {
    const removed = await prune();
    sum += removed;
    if (removed < limit) return sum;
  }
}
