import { hashOf, readRoute } from "../routes.ts";

/** No place of ours is longer. */
const longest = 2_000;

/**
 * Pure. The hash of the place that a kept text names; null: it names none. Whatever else served this origin before may have
 * written it, so the hash is made anew from what was read: never an address, only a place of this page.
 */
export function wantedPlace(kept: string | null): string | null {
  if (kept === null || kept.length > longest || !/^#\/[a-z]/.test(kept)) return null;
  const route = readRoute(kept);
  return route.page === "unknown" ? null : hashOf(route, route.query);
}
