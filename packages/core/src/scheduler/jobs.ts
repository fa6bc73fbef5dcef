import type { Instant, Millis } from "../domain/time.ts";
import type { Clock, Log } from "../ports.ts";

/** After a failure, how long a key rests: a full disk or a folder that will not go is not asked four times a second. */
const restsMs: readonly Millis[] = [2_000, 10_000, 60_000, 300_000];

interface Rest {
  readonly until: Instant;
  readonly failures: number;
  readonly message: string;
}

/**
 * Slow work that a tick starts and does not wait for: making a worktree, collecting a change, delivering the outbox.
 * One job per key at a time, and one that failed rests, so that asking again at any time is safe. Jobs hold nothing
 * that a crash could lose: each begins with a claim in the store and is found again by recovery.
 */
export class Jobs {
  readonly #running = new Map<string, Promise<void>>();
  readonly #resting = new Map<string, Rest>();
  readonly #log: Log;
  readonly #clock: Clock;

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Starts the job unless one with its key is under way or rests after a failure. */
  start(key: string, work: () => Promise<void>): boolean {
    if (this.#running.has(key) || this.#rests(key)) return false;
    this.#begin(key, work);
    return true;
  }

  /** Starts it in the same way and waits for it; a failure is logged and never thrown. */
  async finish(key: string, work: () => Promise<void>): Promise<void> {
    if (!this.#running.has(key) && !this.#rests(key)) await this.#begin(key, work);
  }

  #begin(key: string, work: () => Promise<void>): Promise<void> {
    const job = work()
      .then(() => void this.#resting.delete(key))
      .catch((error: unknown) => this.#rest(key, error))
      .finally(() => this.#running.delete(key));
    this.#running.set(key, job);
    return job;
  }

  get size(): number {
    return this.#running.size;
  }

  /** Waits until none is left, those started meanwhile included. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values());
  }

  #rests(key: string): boolean {
    const rest = this.#resting.get(key);
    if (!rest) return false;
    const leftMs = rest.until - this.#clock.now();
    // A clock that was set back must not make a rest of minutes one of hours.
    return leftMs > 0 && leftMs <= restMs(rest.failures);
  }

  #rest(key: string, error: unknown): void {
    const before = this.#resting.get(key);
    const failures = (before?.failures ?? 0) + 1;
    const message = error instanceof Error ? error.message : String(error);
    // The same failure again is no news.
    const fields = { job: key, failures, error };
    if (before?.message === message) this.#log.debug("job failed again", fields);
    else this.#log.error("job failed", fields);
    this.#resting.set(key, { until: this.#clock.now() + restMs(failures), failures, message });
  }
}

const restMs = (failures: number): Millis => restsMs[Math.min(failures, restsMs.length) - 1] ?? 0;
