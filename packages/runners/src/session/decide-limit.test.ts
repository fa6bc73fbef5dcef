import { describe, expect, test } from "vitest";
import { decideLimit } from "./decide-limit.ts";

const limits = { startupMs: 100, stallMs: 300, toolMs: 400, wallClockMs: 1_000, graceMs: 10 };

test.each([
  ["a young session", { now: 99, firstSignAt: null, lastProgressAt: 0 }, null],
  [
    "silence at the start",
    { now: 100, firstSignAt: null, lastProgressAt: 0 },
    "no-agent-output-before-stall-threshold",
  ],
  ["progress in time", { now: 500, firstSignAt: 50, lastProgressAt: 201 }, null],
  ["no progress since", { now: 500, firstSignAt: 50, lastProgressAt: 200 }, "no-agent-progress-before-stall-threshold"],
  ["a live tool call in its limit", { now: 599, firstSignAt: 50, lastProgressAt: 200, liveTools: [200] }, null],
  [
    "a live tool call over its limit: the stall begins there",
    { now: 899, firstSignAt: 50, lastProgressAt: 200, liveTools: [200] },
    null,
  ],
  [
    "a live tool call that long over its limit",
    { now: 900, firstSignAt: 50, lastProgressAt: 200, liveTools: [200] },
    "no-agent-progress-before-stall-threshold",
  ],
  [
    "the youngest of several live tool calls counts",
    { now: 950, firstSignAt: 50, lastProgressAt: 260, liveTools: [200, 260] },
    null,
  ],
  [
    "progress beside a tool call over its limit",
    { now: 950, firstSignAt: 50, lastProgressAt: 900, liveTools: [200] },
    null,
  ],
  [
    "the wall clock, whatever tool runs",
    { now: 1_000, firstSignAt: 50, lastProgressAt: 200, liveTools: [990] },
    "timeout",
  ],
  ["the wall clock, whatever the progress", { now: 1_000, firstSignAt: 50, lastProgressAt: 999 }, "timeout"],
])("%s", (_, seen, failureReason) => {
  expect(decideLimit({ startedAt: 0, limits, ...seen })?.failureReason ?? null).toBe(failureReason);
});

test.each([
  [
    "the start may take longer than a stall",
    { startupMs: 500 },
    { now: 499, firstSignAt: null, lastProgressAt: 0 },
    null,
  ],
  [
    "and has its own end",
    { startupMs: 500 },
    { now: 500, firstSignAt: null, lastProgressAt: 0 },
    "no-agent-output-before-stall-threshold",
  ],
  [
    "a session of a profile without a limit for tools has none",
    { toolMs: 0 },
    { now: 500, firstSignAt: 50, lastProgressAt: 200, liveTools: [200] },
    "no-agent-progress-before-stall-threshold",
  ],
])("each limit is its own: %s", (_, change, seen, failureReason) => {
  expect(decideLimit({ startedAt: 0, limits: { ...limits, ...change }, ...seen })?.failureReason ?? null).toBe(
    failureReason,
  );
});

describe("a provider that refuses", () => {
  const state = (passedMs: number, untilMs: number | null, stallMs = 300_000) =>
    decideLimit({
      now: 1_000_000 + passedMs,
      startedAt: 1_000_000,
      firstSignAt: 1_000_000,
      // Whatever it computes while it waits.
      lastProgressAt: 1_000_000 + passedMs,
      waiting: {
        since: 1_000_000,
        reason: "provider-quota-limit",
        until: untilMs === null ? null : 1_000_000 + untilMs,
      },
      limits: { startupMs: 60_000, stallMs, wallClockMs: 3_600_000, graceMs: 1_000 },
    });
  const ended = { exitReason: "failed", failureReason: "provider-quota-limit" };

  test("and names a far time ends the session soon, with the provider's reason", () => {
    expect(state(4_000, 3_600_000)).toBeNull();
    expect(state(5_000, 3_600_000)).toEqual(ended);
  });

  test("is waited for when its time is near, or when it names none, for a minute or the stall limit", () => {
    expect(state(30_000, 40_000)).toBeNull();
    expect(state(59_000, null)).toBeNull();
    expect(state(60_000, null)).toEqual(ended);
    expect(state(10_000, null, 10_000)).toEqual(ended);
  });
});

test("a program may claim to run any number of tools", () => {
  const liveTools = Array.from({ length: 300_000 }, () => 200);
  const seen = { now: 599, startedAt: 0, firstSignAt: 50, lastProgressAt: 200, liveTools, limits };
  expect(decideLimit(seen)).toBeNull();
});
