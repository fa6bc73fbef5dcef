import type { Snapshot } from "../domain/snapshot.ts";
import type { Instant, Millis } from "../domain/time.ts";
import type { Project } from "./project.ts";

const everyMs: Millis = 300_000;

/** Which sample a profile's runtime kept last. */
const kept = new WeakMap<Project["known"], Instant>();

/** How the profile stands, for the charts: once in five minutes, and nothing at all in every other tick. */
export async function keepSample(project: Project, snapshot: Snapshot): Promise<void> {
  const { store, profileId, known } = project;
  const at = snapshot.now - (snapshot.now % everyMs);
  if (kept.get(known) === at) return;
  kept.set(known, at);
  const spent = snapshot.spend?.day.spent;
  try {
    const { pending } = await store.outbox.counts(profileId);
    await store.samples.add({
      ...{ at, profileId, pending, ...standing(snapshot) },
      ...{ tokens: spent?.tokens ?? 0, usd: spent?.usd ?? 0, allowanceLeft: project.allowanceLeft?.() ?? null },
    });
  } catch (error) {
    // A gap in a chart, and no reason for the tick to fail.
    project.log.warn("sample not kept", { profileId, error });
  }
}

/** Pure. */
function standing({ tasks, now }: Snapshot) {
  const waiting = tasks.filter(({ state }) => state === "queued" || state === "scheduled");
  const due = waiting.filter(({ runAt }) => runAt <= now);
  const oldest = Math.min(now, ...due.map(({ createdAt, runAt }) => Math.max(createdAt, runAt)));
  return {
    running: tasks.filter(({ state }) => state === "running").length,
    waiting: waiting.length,
    oldestWaitS: Math.floor((now - oldest) / 1_000),
  };
}
