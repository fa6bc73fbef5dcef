import type { HostView } from "../../domain/snapshot.ts";

/**
 * How many of the host's free places this profile may take now. They go one by one to the profile with the fewest
 * sessions, of equals to the one that has waited longest; so a profile that wants much gets what the others leave, and
 * one that wants little is not kept waiting by it.
 */
export function fairShare(host: HostView, profileId: string): number {
  const running = [...host.load.values()].reduce((sum, load) => sum + load.running, 0);
  let free = Math.max(0, host.maxWorkers - running);
  const rivals = [...host.load]
    .filter(([id, { wanting }]) => id !== profileId && wanting > 0)
    .map(([id, load]) => ({ ...load, id, isUs: false }));
  const own = host.load.get(profileId);
  // We may want any number: what we do not use is asked for again in the next tick by whoever does.
  const us = {
    id: profileId,
    running: own?.running ?? 0,
    wanting: Number.POSITIVE_INFINITY,
    waitingSince: own?.waitingSince ?? null,
    isUs: true,
  };
  const all = [...rivals, us];
  let ours = 0;
  for (; free > 0; free -= 1) {
    const next = all.filter((each) => each.wanting > 0).sort(byNeed)[0];
    if (!next) break;
    next.running += 1;
    next.wanting -= 1;
    if (next.isUs) ours += 1;
  }
  return ours;
}

interface Need {
  id: string;
  running: number;
  waitingSince: number | null;
  isUs: boolean;
}

/** One that does not wait yet comes after those that do. Of equals all profiles name the same one: its id comes first. */
const byNeed = (a: Need, b: Need): number =>
  a.running - b.running ||
  (a.waitingSince ?? Number.MAX_SAFE_INTEGER) - (b.waitingSince ?? Number.MAX_SAFE_INTEGER) ||
  (a.id < b.id ? -1 : 1);
