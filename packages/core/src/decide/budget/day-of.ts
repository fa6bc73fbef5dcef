import type { Instant } from "../../domain/time.ts";
import { type CronCadence, cronTimesAround } from "../issue/cron.ts";

export interface Day {
  readonly from: Instant;
  /** The begin of the next one: 23, 24 or 25 hours later where clocks change. */
  readonly until: Instant;
}

const dayMs = 24 * 3_600_000;
const midnight: CronCadence = { kind: "cron", expression: "0 0 * * *" };

/** Pure. The calendar day of a place that a moment is in. */
export function dayOf(moment: Instant, timeZone: string): Day {
  // Days of UTC are all alike, and a calendar costs more than the rest of a short command.
  if (timeZone === "UTC") {
    const from = Math.floor(moment / dayMs) * dayMs;
    return { from, until: from + dayMs };
  }
  const { last, next } = cronTimesAround(midnight, moment, timeZone);
  return { from: last ?? 0, until: next };
}
