import type { Instant } from "@agent-control-plane/core";

/** A time as a clock on the wall of some zone shows it. Months count from 1; days and hours may run over. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second?: number;
}

/** Pure. The instant at which a clock in that zone shows this time. An unknown zone counts as UTC. */
export function instantOf(wall: WallTime, timeZone: string): Instant {
  const asUtc = Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute, wall.second ?? 0);
  // The offset is asked for where the first guess lands: beside a change of the clocks it is another one there.
  const guess = asUtc - offsetMs(asUtc, timeZone);
  return asUtc - offsetMs(guess, timeZone);
}

/** Pure. What a clock in that zone shows then; `weekday` 0 is Sunday. */
export function wallTimeOf(at: Instant, timeZone: string): WallTime & { readonly weekday: number } {
  const local = new Date(at + offsetMs(at, timeZone));
  return {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    weekday: local.getUTCDay(),
  };
}

export function isTimeZone(name: string): boolean {
  return formatOf(name) !== null;
}

function offsetMs(at: Instant, timeZone: string): number {
  const format = formatOf(timeZone);
  if (!format) return 0;
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}

function formatOf(timeZone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat("en-US", {
      timeZone,
      calendar: "gregory",
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch {
    return null;
  }
}
