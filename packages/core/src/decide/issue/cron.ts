import { Cron } from "croner";
import type { Instant } from "../../domain/time.ts";

/** Five fields, with minutes and hours written out; see `readCron`. */
export interface CronCadence {
  readonly kind: "cron";
  readonly expression: string;
}

const minMinutes = 5;

/**
 * A cron expression of five fields, or what is wrong with it.
 *
 * Steps in minutes and hours are written out as lists: croner takes a star with a step for "whenever so much time has
 * passed" and would run it twice in the hour that a clock change doubles, and not at all in one that is skipped. An hour
 * of `*` stays: it means every hour there is.
 */
export function readCron(text: string): CronReading {
  if (text.length > 200) return { problem: "it is longer than any cron expression" };
  return readings.get(text) ?? remember(readings, text, readFields(text.split(/\s+/)));
}

type CronReading = CronCadence | { readonly problem: string };
const readings = new Map<string, CronReading>();

function readFields(fields: readonly string[]): CronReading {
  if (fields.length !== 5) {
    return { problem: "a cron expression has five fields: minute hour day-of-month month day-of-week" };
  }
  const [minute, hour, ...days] = fields as [string, string, ...string[]];
  const minutes = listed(minute, 59);
  const hours = hour === "*" ? ["*"] : listed(hour, 23);
  if (!minutes) return { problem: `"${minute}" is no list of minutes` };
  if (!hours) return { problem: `"${hour}" is no list of hours` };
  if (closest(minutes) < minMinutes) return { problem: `"${minute}" runs more often than every ${minMinutes} minutes` };
  const cadence: CronCadence = { kind: "cron", expression: [minutes.join(), hours.join(), ...days].join(" ") };
  try {
    // Any moment will do: what has no date in the years after it never has one.
    if (!cronOf(cadence, "UTC").nextRun(new Date(0))) return { problem: `"${days.join(" ")}" is on no day at all` };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
  return cadence;
}

/** The last of its times up to and including `moment`, null before the first; and the first after it. */
export function cronTimesAround(
  cadence: CronCadence,
  moment: Instant,
  timeZone: string,
): { readonly last: Instant | null; readonly next: Instant } {
  const key = `${timeZone} ${cadence.expression}`;
  const known = times.get(key);
  if (known && known.last !== null && known.last <= moment && moment < known.next) return known;
  const cron = cronOf(cadence, timeZone);
  const last = cron.previousRuns(1, new Date(moment + 1))[0]?.getTime() ?? null;
  return remember(times, key, { last, next: cron.nextRun(new Date(moment))?.getTime() ?? endOfTime });
}

/** The same question is asked every tick, and its answer takes most of a millisecond: it holds until the next time. */
const times = new Map<string, { readonly last: Instant | null; readonly next: Instant }>();

/** Bounded, because the texts are anyone's. Forgetting costs time and changes no answer. */
function remember<T>(answers: Map<string, T>, key: string, answer: T): T {
  if (answers.size >= 1000) answers.clear();
  answers.set(key, answer);
  return answer;
}

const endOfTime: Instant = 8_640_000_000_000_000;

/** A day lists its hours in the zone: one the clocks skip runs once after, one they double runs the first time only. */
const cronOf = ({ expression }: CronCadence, timeZone: string): Cron =>
  new Cron(expression, { timezone: timeZone, mode: "5-part", fixedTimeRule: "no-wildcard" });

function listed(field: string, max: number): readonly number[] | null {
  const all = new Set<number>();
  for (const part of field.split(",")) {
    const match = /^(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:\/(\d{1,2}))?$/.exec(part);
    if (!match) return null;
    const [, from, to, step] = match;
    if (from !== undefined && to === undefined && step !== undefined) return null;
    const first = Number(from ?? 0);
    const last = from === undefined ? max : Number(to ?? from);
    const by = Number(step ?? 1);
    if (by === 0 || first > last || last > max) return null;
    for (let each = first; each <= last; each += by) all.add(each);
  }
  return [...all].sort((a, b) => a - b);
}

/** Minutes between two neighbours on the clock face, over the full hour as well. */
function closest(minutes: readonly number[]): number {
  return Math.min(...minutes.map((each, at) => (minutes[at + 1] ?? (minutes[0] ?? 0) + 60) - each));
}
