import type { Clock, Log } from "@agent-control-plane/core";
import { ChangeLog, type Frame } from "./change-log.ts";
import { changesBetween } from "./changes-between.ts";
import type { DocumentSource, Documents } from "./document.ts";

export interface LiveStateOptions {
  readonly source: DocumentSource;
  readonly clock: Clock;
  readonly log: Log;
  readonly epoch: string;
  /** Between looks while somebody follows. */
  readonly lookMs?: number;
}

/** Everything, and the id to go on from. */
export interface State {
  readonly id: string;
  readonly documents: Documents;
}

type Follower = (frame: Frame) => void;

/**
 * The documents as they are, and what changes of them. Looks only while somebody follows or asks: a dashboard that nobody
 * has open reads nothing.
 */
export class LiveState {
  readonly #options: LiveStateOptions;
  readonly #changes: ChangeLog;
  readonly #followers = new Set<Follower>();
  #documents: Documents = new Map();
  #looking: Promise<void> | null = null;
  #isFollowing = false;
  #idle = new AbortController();

  constructor(options: LiveStateOptions) {
    this.#options = options;
    this.#changes = new ChangeLog(options.epoch);
  }

  /** As it is now; those who ask at the same time share one look. */
  async current(): Promise<State> {
    await this.#look();
    return { id: this.#changes.lastId, documents: this.#documents };
  }

  /**
   * What came after `lastId`, and from then on every change as it is seen, until the answer is called. `lost`: it cannot
   * be told what came after it; `state` is everything.
   */
  async follow(
    lastId: string | null,
    follower: Follower,
  ): Promise<{ readonly missed: readonly Frame[] | null; readonly state: State; readonly stop: () => void }> {
    const state = await this.current();
    const missed = lastId === null ? null : this.#changes.after(lastId);
    // Nothing awaits between here and the answer: no change can fall between what is told and what is followed.
    this.#followers.add(follower);
    if (!this.#isFollowing) void this.#keepLooking();
    const stop = () => {
      this.#followers.delete(follower);
      if (this.#followers.size === 0) this.#idle.abort();
    };
    return { missed, state, stop };
  }

  async #keepLooking(): Promise<void> {
    const { clock, log, lookMs = 250 } = this.#options;
    this.#isFollowing = true;
    while (this.#followers.size > 0) {
      this.#idle = new AbortController();
      await clock.sleep(lookMs, this.#idle.signal);
      await this.#look().catch((error: unknown) => log.error("state not read", { error }));
    }
    this.#isFollowing = false;
  }

  #look(): Promise<void> {
    this.#looking ??= this.#readOnce().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  async #readOnce(): Promise<void> {
    const before = this.#documents;
    const after = await this.#options.source.read(before);
    const changes = changesBetween(before, after);
    this.#documents = after;
    if (changes.length === 0) return;
    const frame = this.#changes.add(changes);
    for (const follower of this.#followers) follower(frame);
  }
}
