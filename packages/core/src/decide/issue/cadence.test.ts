import { describe, expect, it } from "vitest";
import { chanceOf, day, hour, minute } from "../../../test/decide/issue-builders.ts";
import { type Cadence, dueAt, parseCadence } from "./cadence.ts";

const cadenceOf = (line: string): Cadence => {
  const reading = parseCadence(line);
  if (reading.kind !== "cadence") throw new Error(JSON.stringify(reading));
  return reading.cadence;
};
const interval = (everyMs: number) => ({ kind: "cadence", cadence: { kind: "interval", everyMs } });
const cron = (expression: string) => ({ kind: "cadence", cadence: { kind: "cron", expression } });
const none = { kind: "none" };
const problem = (text: string) => ({ kind: "problem", problem: expect.stringContaining(text) });

describe("a schedule line", () => {
  it.each<[string, object]>([
    ["Agent schedule: every 6h", interval(6 * hour)],
    ["Schedule: 30m", interval(30 * minute)],
    ["Cadence: 1d", interval(day)],
    ["  CADENCE :  Every 2 H  ", interval(2 * hour)],
    ["text\r\nSchedule: 5m\r\nmore", interval(5 * minute)],
    ["Schedule: cron 0 6 * * 1-5", cron("0 6 * * 1-5")],
    ["Schedule: 0 6 * * 1-5", cron("0 6 * * 1-5")],
    ["Agent schedule: CRON 15 8-18/2 * * MON-FRI", cron("15 8,10,12,14,16,18 * * MON-FRI")],
    ["Schedule: */20 * * * *", cron("0,20,40 * * * *")],
    ["Schedule: 0 */6 * * *", cron("0 0,6,12,18 * * *")],
    ["Schedule: 30m\nSchedule: 1h", interval(30 * minute)],
    // No schedule of ours.
    ["", none],
    ["Schedule: to be agreed", none],
    ["Schedule: one two three four five", none],
    ["The schedule: 30m", none],
    ["Schedule: 30m, or so", none],
    ["> Schedule: 30m", none],
    ["```\nSchedule: 30m\n```", none],
    ["~~~~ text\nSchedule: 30m\n~~~\nSchedule: 1h\n~~~~", none],
    ["<!--\nSchedule: 30m\n-->", none],
    ["<!-- Schedule: 30m -->\nCadence: 1d", interval(day)],
    ["```\nSchedule: 30m\n```\nCadence: 1d", interval(day)],
    // Meant, and not possible.
    ["Schedule: 4m", problem("shortest schedule is 5m")],
    ["Cadence: 0d", problem("shortest schedule is 5m")],
    ["Agent schedule: now and then", problem('expected for example "every 6h"')],
    ["Schedule: cron 0 6 * *", problem("five fields")],
    ["Schedule: * * * * *", problem("more often than every 5 minutes")],
    ["Schedule: */4 * * * *", problem("more often than every 5 minutes")],
    ["Schedule: 1,59 * * * *", problem("more often than every 5 minutes")],
    ["Schedule: 0 24 * * *", problem("no list of hours")],
    ["Schedule: 61 6 * * *", problem("no list of minutes")],
    ["Schedule: 0 6 * * 9", problem("dayOfWeek")],
    ["Schedule: 0 6 30 2 *", problem("no day at all")],
    ["Schedule: 0/0 6 * * *", problem("no list of minutes")],
  ])("%j", (body, expected) => {
    expect(parseCadence(body)).toMatchObject(expected);
  });

  it("is found in time that grows with the text only", () => {
    const hostile = [
      " ".repeat(60_000),
      "Schedule:".repeat(7_000),
      `Schedule: ${"* ".repeat(30_000)}`,
      "`".repeat(60_000),
    ];
    for (const text of hostile) expect(parseCadence(`${text}\n${"\n".repeat(1000)}`).kind).toBe("none");
    expect(parseCadence(`Schedule: cron ${"0,".repeat(30_000)} 1 * * *`).kind).toBe("problem");
  });
});

const at = (iso: string): number => Date.parse(iso);
const iso = (moment: number | null): string | null =>
  moment === null ? null : new Date(moment).toISOString().slice(0, 16);
const stockholm = (line: string, facts: { last?: string; first?: string; now: string }) => {
  const { due, next } = dueAt(cadenceOf(line), {
    lastDueAt: facts.last === undefined ? null : at(facts.last),
    firstSeenAt: at(facts.first ?? "2026-01-01T00:00Z"),
    now: at(facts.now),
    timeZone: "Europe/Stockholm",
  });
  return [iso(due), iso(next)];
};

describe("what is due", () => {
  it.each<[string, string, { last?: string; first?: string; now: string }, (string | null)[]]>([
    [
      "an interval that never ran is due at once, at the time it was opted in",
      "Schedule: 1h",
      { first: "2026-01-01T10:07Z", now: "2026-01-01T10:08Z" },
      ["2026-01-01T10:07", "2026-01-01T11:07"],
    ],
    [
      "an interval is not due before its step is over",
      "Schedule: 1h",
      { last: "2026-01-01T10:00Z", now: "2026-01-01T10:59Z" },
      [null, "2026-01-01T11:00"],
    ],
    [
      "an interval advances from the time it was due, however late it was served",
      "Schedule: 1h",
      { last: "2026-01-01T10:00Z", now: "2026-01-01T11:40Z" },
      ["2026-01-01T11:00", "2026-01-01T12:00"],
    ],
    [
      "after days away one time is due, on the old grid",
      "Schedule: 1h",
      { last: "2026-01-01T10:00Z", now: "2026-01-04T15:59Z" },
      ["2026-01-04T15:00", "2026-01-04T16:00"],
    ],
    [
      "an interval that was worked is not due again on a clock turned back",
      "Schedule: 1h",
      { last: "2026-01-01T10:00Z", now: "2026-01-01T08:00Z" },
      [null, "2026-01-01T11:00"],
    ],
    [
      "nothing is due before its opt-in",
      "Schedule: 1h",
      { first: "2026-01-01T10:00Z", now: "2026-01-01T09:59Z" },
      [null, "2026-01-01T10:00"],
    ],
    [
      "a cron line that never ran waits for its time",
      "Schedule: 0 6 * * 1-5",
      { first: "2026-01-09T10:00Z", now: "2026-01-09T12:00Z" },
      [null, "2026-01-12T05:00"],
    ],
    [
      "a cron line is due at its time in the profile's zone",
      "Schedule: 0 6 * * 1-5",
      { first: "2026-01-09T10:00Z", now: "2026-01-12T05:00Z" },
      ["2026-01-12T05:00", "2026-01-13T05:00"],
    ],
    [
      "a cron line was due on Friday when it was away over the weekend",
      "Schedule: 0 6 * * 1-5",
      { last: "2026-01-07T05:00Z", now: "2026-01-11T12:00Z" },
      ["2026-01-09T05:00", "2026-01-12T05:00"],
    ],
    [
      "a cron line that was worked is not due again",
      "Schedule: 0 6 * * 1-5",
      { last: "2026-01-12T05:00Z", now: "2026-01-12T05:00Z" },
      [null, "2026-01-13T05:00"],
    ],
    [
      "a cron line that was worked is not due again on a clock turned back",
      "Schedule: 0 6 * * *",
      { last: "2026-01-12T05:00Z", now: "2026-01-10T12:00Z" },
      [null, "2026-01-13T05:00"],
    ],
    [
      "a cron line moves with summer time",
      "Schedule: 0 6 * * *",
      { last: "2026-03-28T05:00Z", now: "2026-03-29T04:00Z" },
      ["2026-03-29T04:00", "2026-03-30T04:00"],
    ],
    [
      "a time the clocks skip is due right after",
      "Schedule: 30 2 * * *",
      { last: "2026-03-28T01:30Z", now: "2026-03-29T01:00Z" },
      ["2026-03-29T01:00", "2026-03-30T00:30"],
    ],
    [
      "a time the clocks skip is due once",
      "Schedule: 30 2 * * *",
      { last: "2026-03-29T01:00Z", now: "2026-03-29T20:00Z" },
      [null, "2026-03-30T00:30"],
    ],
    [
      "a time the clocks double is due the first time",
      "Schedule: 30 2 * * *",
      { last: "2026-10-24T00:30Z", now: "2026-10-25T00:30Z" },
      ["2026-10-25T00:30", "2026-10-26T01:30"],
    ],
    [
      "a time the clocks double is not due the second time",
      "Schedule: 30 2 * * *",
      { last: "2026-10-25T00:30Z", now: "2026-10-25T01:45Z" },
      [null, "2026-10-26T01:30"],
    ],
    [
      "steps of hours are times of the day and not doubled either",
      "Schedule: 0 */2 * * *",
      { last: "2026-10-25T00:00Z", now: "2026-10-25T01:30Z" },
      [null, "2026-10-25T03:00"],
    ],
    [
      "steps of minutes in an hour the clocks skip are due once after it",
      "Schedule: */30 2 * * *",
      { last: "2026-03-28T01:30Z", now: "2026-03-29T04:00Z" },
      ["2026-03-29T01:00", "2026-03-30T00:00"],
    ],
    [
      "every hour is every hour there is",
      "Schedule: 0 * * * *",
      { last: "2026-10-25T00:00Z", now: "2026-10-25T01:00Z" },
      ["2026-10-25T01:00", "2026-10-25T02:00"],
    ],
  ])("%s", (_name, line, facts, expected) => {
    expect(stockholm(line, facts)).toEqual(expected);
  });

  it.each(["Schedule: 47m", "Schedule: 30 2 * * *", "Schedule: */20 * * * *", "Cadence: 1d"])(
    "%s: under any jumps of the clock, what is served comes later each time and is never ahead of the clock",
    (line) => {
      const cadence = cadenceOf(line);
      for (let seed = 1; seed <= 8; seed += 1) {
        const random = chanceOf(seed);
        const firstSeenAt = at("2026-03-27T12:00Z") + random.below(day);
        let lastDueAt: number | null = null;
        let now = firstSeenAt;
        let served = 0;
        for (let step = 0; step < 150; step += 1) {
          now +=
            random.pick([-3 * day, -hour, -minute, 0, minute, hour, 5 * hour, day, 4 * day]) + random.below(minute);
          const facts = { lastDueAt, firstSeenAt, now, timeZone: "Europe/Stockholm" };
          const { due, next } = dueAt(cadence, facts);
          expect(next).toBeGreaterThan(due ?? lastDueAt ?? 0);
          if (due === null) {
            expect(next).toBeGreaterThan(now);
            continue;
          }
          expect(due).toBeLessThanOrEqual(now);
          expect(due).toBeGreaterThan(lastDueAt ?? 0);
          lastDueAt = due;
          served += 1;
        }
        expect(served).toBeGreaterThan(3);
      }
    },
  );

  it("ticks through both clock changes serve each time once, in order, without one left out", () => {
    const cadence = cadenceOf("Schedule: 30 2 * * *");
    for (const start of ["2026-03-26T12:00Z", "2026-10-22T12:00Z"]) {
      const served: number[] = [];
      for (let now = at(start); now < at(start) + 6 * day; now += 7 * minute) {
        const facts = { lastDueAt: served.at(-1) ?? null, firstSeenAt: at(start), now, timeZone: "Europe/Stockholm" };
        const { due } = dueAt(cadence, facts);
        if (due !== null) served.push(due);
      }
      expect(served).toHaveLength(6);
    }
  });
});
