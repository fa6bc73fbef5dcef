import { expect, test } from "vitest";
import { decideLimit } from "./decide-limit.ts";

const limits = { startupMs: 100, stallMs: 300, wallClockMs: 1_000, graceMs: 10 };

test.each([
  ["a young session", { now: 99, firstSignAt: null, lastProgressAt: 0 }, null],
  [
    "silence at the start",
    { now: 100, firstSignAt: null, lastProgressAt: 0 },
    "no-agent-output-before-stall-threshold",
  ],
  ["progress in time", { now: 500, firstSignAt: 50, lastProgressAt: 201 }, null],
  ["no progress since", { now: 500, firstSignAt: 50, lastProgressAt: 200 }, "no-agent-progress-before-stall-threshold"],
  ["the wall clock, whatever the progress", { now: 1_000, firstSignAt: 50, lastProgressAt: 999 }, "timeout"],
])("%s", (_, seen, failureReason) => {
  expect(decideLimit({ startedAt: 0, limits, ...seen })?.failureReason ?? null).toBe(failureReason);
});
