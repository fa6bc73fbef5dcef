import { describe, expect, test } from "vitest";
import { readLimitText } from "../../src/backends/limit-text.ts";
import { corpusNow, corpusZone, limitTexts, nearMisses } from "./limit-texts.ts";

const read = (text: string, now = corpusNow) => readLimitText(text, now, { timeZone: corpusZone });
const iso = (at: number | null | undefined) => (at === null || at === undefined ? null : new Date(at).toISOString());

describe("a known text of a limit or an error", () => {
  test.each(limitTexts)("$backend, $source: $text", ({ text, reason, resets }) => {
    const found = read(text);
    expect({ reason: found?.reason ?? null, resets: iso(found?.retryAt) }).toEqual({
      reason,
      resets: resets ? new Date(resets).toISOString() : null,
    });
  });

  test("the corpus holds each of them once, and at least sixty", () => {
    expect(limitTexts.length).toBeGreaterThanOrEqual(60);
    expect(new Set(limitTexts.map(({ text }) => text)).size).toBe(limitTexts.length);
  });
});

test.each(nearMisses)("no limit: $text", ({ text }) => {
  expect(read(text)).toBeNull();
});

describe("a clock without a date", () => {
  const at = (text: string, now: string) =>
    iso(read(`You've hit your limit, resets ${text}`, Date.parse(now))?.retryAt);

  test("means the next time that clock shows it, over the change of the clocks too", () => {
    expect(at("9am (Europe/Berlin)", "2027-03-27T20:00:00Z")).toBe("2027-03-28T07:00:00.000Z");
    expect(at("9am (Europe/Berlin)", "2026-10-24T20:00:00Z")).toBe("2026-10-25T08:00:00.000Z");
  });

  test("means nothing when it has just passed", () => {
    expect(at("11am", "2026-11-21T10:05:00Z")).toBeNull();
    expect(at("11am", "2026-11-21T10:15:00Z")).toBe("2026-11-22T10:00:00.000Z");
  });

  test("is read in the zone of this machine when the zone is none", () => {
    expect(at("3pm (Nowhere/Land)", "2026-11-21T10:00:00Z")).toBe("2026-11-21T14:00:00.000Z");
  });

  test("in a week that turns: today's weekday at an hour that has passed is a week away", () => {
    expect(at("Sat 9am", "2026-11-21T10:00:00Z")).toBe("2026-11-28T08:00:00.000Z");
    expect(at("Sat 1pm", "2026-11-21T10:00:00Z")).toBe("2026-11-21T12:00:00.000Z");
  });
});

test("a text without end is read, as far as a first line can be", () => {
  const long = `429 ${"1m ".repeat(20_000)} try again in ${"1 hour ".repeat(20_000)}`;
  expect(read(long)?.reason).toBe("provider-quota-limit");
  expect(read("a ".repeat(500_000))).toBeNull();
});

test.each([
  ["5-hour limit reached \u2219 resets 3pm", "five-hour", false],
  ["You've hit your session limit \u00b7 resets 3pm", "five-hour", false],
  ["Weekly limit reached \u2219 resets Mon 9am", "weekly", false],
  ["Opus weekly limit reached \u2219 resets Nov 26, 1pm", "weekly", true],
  ["You've exceeded your daily limit", "daily", false],
])("%s: the limit is %s", (text, window, isOfModel) => {
  expect(read(text)?.limit).toEqual({ window, isOfModel });
});

test("a limit that does not say which it is, is none of those", () => {
  expect(read("You've hit your usage limit. Try again in 3 days.")).not.toHaveProperty("limit");
});
