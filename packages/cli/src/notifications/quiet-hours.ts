import type { QuietHours } from "@agent-control-plane/core";

/** Pure. Whether it is a time in which only the exceptions are told. A range that begins where it ends is the whole day. */
export function isQuiet({ fromMinute, toMinute, timeZone }: QuietHours, now: number): boolean {
  const minute = minuteOfDay(now, timeZone);
  if (fromMinute < toMinute) return minute >= fromMinute && minute < toMinute;
  return minute >= fromMinute || minute < toMinute;
}

function minuteOfDay(now: number, timeZone: string | null): number {
  const parts = clockOf(timeZone).formatToParts(now);
  const number = (type: "hour" | "minute") => Number(parts.find((part) => part.type === type)?.value ?? 0);
  return number("hour") * 60 + number("minute");
}

/** Making one takes a thousand times as long as asking it. */
const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(timeZone: string | null): Intl.DateTimeFormat {
  const known = clocks.get(timeZone ?? "");
  if (known) return known;
  const options = { hour: "numeric", minute: "numeric", hourCycle: "h23" } as const;
  const made = new Intl.DateTimeFormat("en", timeZone === null ? options : { ...options, timeZone });
  clocks.set(timeZone ?? "", made);
  return made;
}
