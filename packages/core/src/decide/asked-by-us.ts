import type { Timeline } from "../domain/reading.ts";
import type { Stuck } from "../domain/snapshot.ts";
import { oneLine } from "./publish/inert-text.ts";
import { labelSetBy } from "./trust.ts";

/**
 * Whether the blocked label of an item is the one by which we asked people about work the forge refused, and not their
 * wish that nothing is done. While it is not known who set it, it is ours: that is why it is there.
 */
export function isAskedByUs(
  stuck: Stuck | undefined,
  timeline: Timeline | null,
  blockedLabel: string,
  selfLogin: string | null,
): boolean {
  if (!stuck?.asked) return false;
  const act = timeline && labelSetBy(timeline, blockedLabel);
  return !act || selfLogin === null || act.actor.toLowerCase() === selfLogin.toLowerCase();
}

/** For `why`: the row that failed, and what was said of it. */
export function refusedIn(stuck: Stuck | undefined, row: number): string {
  if (!stuck?.refused) return `outbox row ${row}`;
  const { rowId, kind, error } = stuck.refused;
  return `outbox row ${rowId}, ${kind}: ${oneLine(error).slice(0, 300)}`;
}
