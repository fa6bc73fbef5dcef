import type { Millis } from "../../domain/time.ts";
import { UserError } from "../../errors.ts";

/** What a try answers when another process holds the lock. */
export const busy = Symbol("busy");

/** Which file, and how long its lock may be waited for. */
export interface LockWait {
  readonly path: string;
  readonly waitMs: Millis;
  /** Told once when the first try finds the lock taken. */
  readonly onWait?: () => void;
}

/**
 * Tries until the lock is ours. SQLite's own busy handler starves processes under full synchronous (one waited three
 * seconds while its neighbour wrote thousands of rows); short random pauses of our own share the lock evenly for
 * about 5 % of the throughput. The pauses are asynchronous, so heartbeats and timers go on.
 */
export async function retryWhileBusy<T>(lock: LockWait, attempt: () => T | typeof busy): Promise<T> {
  const first = attempt();
  if (first !== busy) return first;
  lock.onWait?.();
  const startedAt = performance.now();
  for (let tries = 1; ; tries++) {
    await pause(pauseMs(tries));
    const answer = attempt();
    if (answer !== busy) return answer;
    const waitedMs = performance.now() - startedAt;
    if (waitedMs > lock.waitMs) throw lockedTooLong(lock.path, waitedMs);
  }
}

/** Random between 0.2 ms and a ceiling that grows from 1 to 3 ms: two waiters do not stay in step. */
function pauseMs(tries: number): number {
  const ceiling = Math.min(3, 1 + tries * 0.1);
  return 0.2 + Math.random() * (ceiling - 0.2);
}

/** Timers count whole milliseconds, so a shorter pause is one millisecond. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function lockedTooLong(path: string, waitedMs: number): UserError {
  return new UserError(
    `Store ${path} stayed locked by another process for ${Math.round(waitedMs / 1000)} s; a transaction takes ` +
      `milliseconds. Look for a stopped process or a database tool with an open transaction (lsof ${path}) and end it.`,
  );
}
