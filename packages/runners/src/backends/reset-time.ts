import type { Instant } from "@agent-control-plane/core";
import { instantOf, isTimeZone, wallTimeOf } from "./zoned-time.ts";

/**
 * Pure. When a limit ends, as an error text says it: a field of the vendor's answer first, then words. A clock without
 * a zone is read in `timeZone`. Null when the text does not say, or names a time that has passed.
 */
export function readResetTime(text: string, now: Instant, timeZone: string): Instant | null {
  const at = fromDayQuota(text, now) ?? fromFields(text, now) ?? fromWords(text, now, timeZone);
  return at !== null && at > now ? at : null;
}

/** Google's daily quotas are filled up at midnight in California; the delay of seconds beside them helps nobody. */
function fromDayQuota(text: string, now: Instant): Instant | null {
  if (!/"quotaId":\s*"\w+PerDay|exhausted your daily quota/.test(text)) return null;
  const zone = "America/Los_Angeles";
  const { year, month, day } = wallTimeOf(now, zone);
  return instantOf({ year, month, day: day + 1, hour: 0, minute: 0 }, zone);
}

function fromFields(text: string, now: Instant): Instant | null {
  const epoch = /(?:\||reset(?:s_at|s|_at|_time|At)?["']?\s*[:=]\s*["']?)(\d{10}(?:\d{3})?)\b/i.exec(text)?.[1];
  if (epoch) return Number(epoch) * (epoch.length === 10 ? 1000 : 1);
  const date = /retry-after["']?\s*[:=]\s*["']?(\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT)/i.exec(text)?.[1];
  if (date) return Date.parse(date);
  const ms = /retry-after-ms["']?\s*[:=]\s*["']?(\d+)/i.exec(text)?.[1];
  if (ms) return now + Number(ms);
  const seconds =
    /(?:retry[-_]after|(?:resets|reset|retry)_(?:in|after)_seconds)["']?\s*[:=]\s*["']?(\d+(?:\.\d+)?)\b(?!\s*(?:ms|m|h|d)\b)/i;
  const inSeconds = seconds.exec(text)?.[1];
  if (inSeconds) return now + Number(inSeconds) * 1000;
  // Several counters may be named, and not which of them is used up.
  const spans =
    /(?:retryDelay|reset[-_](?:requests|tokens|time))["']?\s*[:=]\s*["']?((?:\d+(?:\.\d+)?(?:ms|[dhms]))+)/gi;
  const longest = Math.max(0, ...[...text.matchAll(spans)].map(([, span = ""]) => durationMs(span)));
  return longest > 0 ? now + longest : null;
}

/** What follows the words that announce a time. */
const announced =
  /(?:resets?|try again|retry(?:ing)?|available(?: again)?|regain access|come back|until|wait|将在)\b["'\s:=]*(?:(?:on|at|in|after|for|by)\b)?["'\s:=]*(.{1,60})/gi;

function fromWords(text: string, now: Instant, timeZone: string): Instant | null {
  for (const [said, rest = ""] of text.replaceAll(/将在/g, "reset ").matchAll(announced)) {
    // Z.ai writes the clock of Beijing, and no zone.
    const usual = /Usage limit reached for \d+ hour|Limit Exhausted|使用上限/.test(text) ? "Asia/Shanghai" : timeZone;
    const named = /^[^()]{0,40}\(([A-Za-z_]+(?:\/[\w+-]+)*)\)/.exec(rest)?.[1];
    const zone = named && isTimeZone(named) ? named : usual;
    const at = fromIsoDate(rest, zone) ?? fromNamedDay(rest, now, zone) ?? fromClock(rest, now, zone);
    if (at !== null) return at;
    const span = new RegExp(`^(?:${spanPart.source}[\\s,]*(?:and\\s+)?)+`, "i").exec(rest)?.[0];
    if (span && /\b(?:in|after|for|wait|come back)\b/i.test(said)) return now + durationMs(span);
  }
  return null;
}

function fromIsoDate(rest: string, zone: string): Instant | null {
  const found =
    /^(\d{4})-(\d\d)-(\d\d)(?:T| at | )(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?\s?(Z|UTC|GMT|[+-]\d\d:?\d\d)?/.exec(rest);
  if (!found) return null;
  const [, year, month, day, hour, minute, second = "0", offset] = found;
  const wall = {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
  };
  const at = instantOf({ ...wall, second: Number(second) }, offset ? "UTC" : zone);
  const shift = /^([+-])(\d\d):?(\d\d)$/.exec(offset ?? "");
  if (!shift) return at;
  return at - (shift[1] === "-" ? -1 : 1) * (Number(shift[2]) * 60 + Number(shift[3])) * 60_000;
}

const clock = String.raw`(\d{1,2})(?::(\d\d))?\s*([ap])\.?m\b`;

/** "Nov 24th, 2026 3:05 PM", "Sep 15 at 7pm", "Jul 31, 2am", "Mon 9am". */
function fromNamedDay(rest: string, now: Instant, zone: string): Instant | null {
  const today = wallTimeOf(now, zone);
  const dated = new RegExp(
    String.raw`^([a-z]{3})[a-z]*\.? (\d{1,2})(?:st|nd|rd|th)?,?(?: (\d{4}),?)?(?: at)? ${clock}`,
    "i",
  );
  const found = dated.exec(rest);
  const month = found ? months.indexOf((found[1] ?? "").toLowerCase()) + 1 : 0;
  if (found && month > 0) {
    const [, , day, year, ...time] = found;
    const wall = { year: Number(year ?? today.year), month, day: Number(day), ...clockOf(time) };
    const at = instantOf(wall, zone);
    return year === undefined && at <= now ? instantOf({ ...wall, year: wall.year + 1 }, zone) : at;
  }
  const weekly = new RegExp(`^(sun|mon|tue|wed|thu|fri|sat)[a-z]*,?(?: at)? ${clock}`, "i").exec(rest);
  if (!weekly) return null;
  const [, name = "", ...time] = weekly;
  const ahead = (weekdays.indexOf(name.toLowerCase()) - today.weekday + 7) % 7;
  const wall = { year: today.year, month: today.month, day: today.day + ahead, ...clockOf(time) };
  const at = instantOf(wall, zone);
  return at <= now ? instantOf({ ...wall, day: wall.day + 7 }, zone) : at;
}

/** What was said a moment ago of a moment ago does not mean tomorrow. */
const justPassedMs = 10 * 60_000;

/** "3pm", "11:10 PM": today there, or tomorrow. */
function fromClock(rest: string, now: Instant, zone: string): Instant | null {
  const found = new RegExp(`^${clock}`, "i").exec(rest);
  if (!found) return null;
  const { year, month, day } = wallTimeOf(now, zone);
  const wall = { year, month, day, ...clockOf(found.slice(1)) };
  const at = instantOf(wall, zone);
  if (at > now - justPassedMs) return at;
  return instantOf({ ...wall, day: day + 1 }, zone);
}

function clockOf([hour, minute, half]: readonly (string | undefined)[]): { hour: number; minute: number } {
  return { hour: (Number(hour) % 12) + (half?.toLowerCase() === "p" ? 12 : 0), minute: Number(minute ?? 0) };
}

const spanPart =
  /(\d+(?:\.\d+)?)\s*(milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w)(?![a-z])/;

/** "2 days 3 hours", "1m12.5s", "6173ms". */
function durationMs(span: string): number {
  return [...span.matchAll(new RegExp(spanPart.source, "gi"))].reduce((sum, [, count, unit = ""]) => {
    const name = /^(?:ms|milli)/i.test(unit) ? "ms" : unit.charAt(0).toLowerCase();
    return sum + Number(count) * (unitMs[name] ?? 0);
  }, 0);
}

const unitMs: { readonly [unit: string]: number } = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
