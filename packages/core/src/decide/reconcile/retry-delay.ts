import type { Millis } from "../../domain/time.ts";

/** Backoff after our own failures: five minutes, then longer, then hourly for ever. */
export const defaultRetryLadder: readonly Millis[] = [300_000, 900_000, 1_800_000, 3_600_000];

/** How long to wait after failed attempt number `attempt` (from 1); attempts past the ladder stay on its last rung. */
export function retryDelayMs(attempt: number, ladder: readonly Millis[] = defaultRetryLadder): Millis {
  const rung = Math.min(Math.max(attempt, 1), ladder.length) - 1;
  return ladder[rung] ?? 0;
}
