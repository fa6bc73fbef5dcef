import { ManualClock } from "@agent-control-plane/testkit";
import { afterEach, expect, it, vi } from "vitest";
import type { ProcessRecorder } from "./record-processes.ts";
import type { SessionSpec } from "./session-spec.ts";
import { watchLimits } from "./watch-limits.ts";

afterEach(() => {
  vi.useRealTimers();
});

/** What comes of a program that prints nothing and uses `cpuAt` ms of the processor in that second, for so long. */
function stoppedAfter(seconds: number, cpuAt: (second: number) => number): number | null {
  vi.useFakeTimers();
  const clock = new ManualClock();
  let [used, stoppedAt]: [number, number | null] = [0, null];
  const limits = { startupMs: 60_000, stallMs: 120_000, wallClockMs: 3_600_000, graceMs: 1_000 };
  const watch = watchLimits({
    spec: { limits, cwd: "/nowhere" } as SessionSpec,
    ...{ clock, startedAt: clock.now(), workIsLife: true },
    recorder: { look: () => used } as ProcessRecorder,
    requestStop: () => {
      stoppedAt ??= second;
    },
  });
  watch.sawLife();
  let second = 0;
  for (; second < seconds && stoppedAt === null; second += 1) {
    used += cpuAt(second);
    clock.advance(1_000);
    vi.advanceTimersByTime(1_000);
  }
  watch.close();
  return stoppedAt;
}

it("a program that tidies up once a minute is stalled, one that works a little all the time is not", () => {
  expect(stoppedAfter(600, (second) => (second % 60 === 0 ? 150 : 1))).toBe(119);
  expect(stoppedAfter(600, () => 60)).toBe(null);
  // Some seconds of work a minute are work.
  expect(stoppedAfter(600, (second) => (second % 60 < 2 ? 600 : 0))).toBe(null);
});
