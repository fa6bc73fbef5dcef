import type { Clock, Instant, Millis } from "@agent-control-plane/core";

interface Sleeper {
  readonly wakesAt: Instant;
  readonly wake: () => void;
}

/** A clock that stands still until a test turns it. Sleepers wake, in order, as `advance` passes their time. */
export class ManualClock implements Clock {
  #now: Instant;
  #sleepers: Sleeper[] = [];

  constructor(startsAt: Instant = 1_800_000_000_000) {
    this.#now = startsAt;
  }

  now(): Instant {
    return this.#now;
  }

  /** How many wait: lets a test wait for code to have gone to sleep. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  advance(ms: Millis): void {
    this.#now += ms;
    const due = this.#sleepers.filter((sleeper) => sleeper.wakesAt <= this.#now);
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.wakesAt > this.#now);
    for (const sleeper of due.sort((a, b) => a.wakesAt - b.wakesAt)) sleeper.wake();
  }

  /** Like the system clock's: ends early, without an error, when the signal aborts. */
  sleep(ms: Millis, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted || ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const stop = (): void => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        wake();
      };
      const wake = (): void => {
        signal?.removeEventListener("abort", stop);
        resolve();
      };
      const sleeper: Sleeper = { wakesAt: this.#now + ms, wake };
      this.#sleepers.push(sleeper);
      signal?.addEventListener("abort", stop);
    });
  }
}
