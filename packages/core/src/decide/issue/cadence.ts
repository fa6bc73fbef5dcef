import type { Instant, Millis } from "../../domain/time.ts";
import { type CronCadence, cronTimesAround, readCron } from "./cron.ts";
import { proseLines } from "./prose-lines.ts";

export type Cadence = { readonly kind: "interval"; readonly everyMs: Millis } | CronCadence;

export type CadenceReading =
  | { readonly kind: "none" }
  | { readonly kind: "cadence"; readonly cadence: Cadence; readonly line: string }
  /** Meant as a schedule and not to be followed. `problem` is for the person who wrote it. */
  | { readonly kind: "problem"; readonly problem: string };

const minMs: Millis = 300_000;
const unitMs: Readonly<Record<string, Millis>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * The first schedule line of a text: `Agent schedule: every 6h`, `Schedule: 30m`, `Cadence: 1d`,
 * `Schedule: cron 0 6 * * 1-5`. "Schedule:" is also a word of prose, so a value that looks like neither is none of our
 * business, unless it says "Agent schedule" or "cron".
 */
export function parseCadence(body: string): CadenceReading {
  // Most texts have none, and every text is looked at in every tick.
  if (!/schedule|cadence/i.test(body)) return { kind: "none" };
  for (const line of proseLines(body)) {
    const match = /^(agent schedule|schedule|cadence)\s*:(.*)$/i.exec(line);
    if (!match) continue;
    const reading = readValue((match[2] ?? "").trim(), line.slice(0, 200));
    if (reading.kind !== "none") return reading;
    if (/^agent/i.test(line)) return problem(line, 'expected for example "every 6h" or "cron 0 6 * * 1-5"');
  }
  return { kind: "none" };
}

function readValue(value: string, line: string): CadenceReading {
  const interval = /^(?:every\s+)?(\d{1,6})\s*([mhd])$/i.exec(value);
  if (interval) {
    const everyMs = Number(interval[1]) * (unitMs[(interval[2] ?? "").toLowerCase()] ?? 0);
    if (everyMs < minMs) return problem(line, "the shortest schedule is 5m");
    return { kind: "cadence", cadence: { kind: "interval", everyMs }, line };
  }
  const named = /^cron\s+(.*)$/i.exec(value);
  if (!named && !/^[\d*][\d*,/-]*\s+[\d*][\d*,/-]*\s+\S+\s+\S+\s+\S+$/.test(value)) return { kind: "none" };
  const cron = readCron(named?.[1] ?? value);
  return "problem" in cron ? problem(line, cron.problem) : { kind: "cadence", cadence: cron, line };
}

const problem = (line: string, text: string): CadenceReading => ({
  kind: "problem",
  problem: `"${line.slice(0, 200)}": ${text}`,
});

export interface CadenceFacts {
  /** Which of its times was worked last; null: none yet. */
  readonly lastDueAt: Instant | null;
  /** When it was opted in: the first time of an interval, and the moment from which cron times count. */
  readonly firstSeenAt: Instant;
  readonly now: Instant;
  /** IANA name; a name the runtime does not know throws. */
  readonly timeZone: string;
}

/**
 * The one time that is due now, if any, and the next one after it. After a time away only the latest is due. A time is
 * never due twice and never before one that was worked: where the clock was turned back, nothing is due until it is
 * past `lastDueAt` again.
 */
export function dueAt(cadence: Cadence, facts: CadenceFacts): { readonly due: Instant | null; readonly next: Instant } {
  return cadence.kind === "interval" ? dueInterval(cadence.everyMs, facts) : dueCron(cadence, facts);
}

/** Whole steps from the time that was due, not from the moment it was served: the times do not wander. */
function dueInterval(everyMs: Millis, { lastDueAt, firstSeenAt, now }: CadenceFacts) {
  const first = lastDueAt === null ? firstSeenAt : lastDueAt + everyMs;
  if (now < first) return { due: null, next: first };
  const due = first + Math.floor((now - first) / everyMs) * everyMs;
  return { due, next: due + everyMs };
}

function dueCron(cadence: CronCadence, { lastDueAt, firstSeenAt, now, timeZone }: CadenceFacts) {
  const before = lastDueAt ?? firstSeenAt - 1;
  const { last, next } = cronTimesAround(cadence, Math.max(now, before), timeZone);
  return { due: last !== null && last > before ? last : null, next };
}
