import type { Log } from "../ports.ts";

/**
 * Slow work that a tick starts and does not wait for: making a worktree, collecting a change, delivering the outbox.
 * One job per key at a time, so that asking twice is safe. Jobs hold nothing that a crash could lose: each begins with
 * a claim in the store and is found again by recovery.
 */
export class Jobs {
  readonly #running = new Map<string, Promise<void>>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Starts the job unless one with its key is under way. */
  start(key: string, work: () => Promise<void>): boolean {
    if (this.#running.has(key)) return false;
    const job = work()
      .catch((error: unknown) => this.#log.error("job failed", { job: key, error }))
      .finally(() => this.#running.delete(key));
    this.#running.set(key, job);
    return true;
  }

  get size(): number {
    return this.#running.size;
  }

  /** Waits until none is left, those started meanwhile included. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values());
  }
}
