import type { FailureReason } from "../../domain/reason.ts";
import type { Release, Task } from "../../domain/task.ts";
import type { Instant, Millis } from "../../domain/time.ts";
import { retryDelayMs } from "./retry-delay.ts";

/** Between launches that fail on the host's side: no attempt is charged, so only the pause keeps them rare. */
const launchPausesMs: readonly Millis[] = [60_000, 120_000, 300_000, 900_000];

/** The same when the forge was away for a moment: it may be back in the next one. */
const passingPausesMs: readonly Millis[] = [2_000, 10_000, ...launchPausesMs];

/** And when its runtime was killed, which says nothing of the next launch; a few in a row do. */
const vanishedPausesMs: readonly Millis[] = [0, ...passingPausesMs];

/**
 * Gives a task back that never came to run. The failures in a row are counted in its result, which every other release
 * overwrites.
 */
export function releaseNotStarted(
  task: Task,
  failure: {
    readonly reason: FailureReason;
    readonly summary: string;
    readonly isPassing?: boolean;
    readonly notBefore?: Instant;
  },
  now: Instant,
): Extract<Release, { kind: "snooze" }> {
  const before = launchFailuresOf(task);
  const pauseMs = retryDelayMs(before + 1, ladderFor(failure));
  const result = { summary: failure.summary, launchFailures: before + 1 };
  return { kind: "snooze", runAt: Math.max(now + pauseMs, failure.notBefore ?? 0), reason: failure.reason, result };
}

function ladderFor(failure: { readonly reason: FailureReason; readonly isPassing?: boolean }): readonly Millis[] {
  if (failure.reason !== "launch-failed") return vanishedPausesMs;
  return failure.isPassing ? passingPausesMs : launchPausesMs;
}

function launchFailuresOf({ result }: Task): number {
  if (result === null || typeof result !== "object" || !("launchFailures" in result)) return 0;
  return typeof result.launchFailures === "number" ? result.launchFailures : 0;
}
