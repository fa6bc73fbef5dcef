import { cpus } from "node:os";
import type { Instant } from "../../domain/time.ts";
import type { NextRequest } from "../../store/ports/flows.ts";
import { beginTasks, launch, nextOf } from "./begin-tasks.ts";
import type { FlowEngineOptions } from "./engine-options.ts";
import { LeftBehind } from "./left-behind.ts";
import { OwnAttempts } from "./own-attempts.ts";
import { OwnMailboxes } from "./own-mailboxes.ts";
import { recoverAttempts } from "./recover-attempts.ts";

const heartbeatMs = 5_000;
const recoverMs = 2_000;
/** Between looks at mailboxes while something is under way, and while nothing is. */
const busyMs = 100;
const quietMs = 1_000;
/** After something of the host failed (a full disk), how long nothing new is begun. */
const troubleMs = 10_000;

/** Works the flows of a store, as one of any number of runtimes. */
export class FlowEngine {
  readonly #options: FlowEngineOptions;
  readonly #attempts: OwnAttempts;
  readonly #mailboxes: OwnMailboxes;
  readonly #left: LeftBehind;
  readonly #most: number;
  #wake = new AbortController();
  #passing: Promise<unknown> = Promise.resolve();
  #isOver = false;
  #isDraining = false;
  /** Flows from which something could begin at the last look. */
  #startable = 0;
  #passedAt = 0;
  #beatAt = 0;
  #keptAt = 0;
  #recoverAt = 0;
  #beginsAt = 0;

  constructor(options: FlowEngineOptions) {
    this.#options = options;
    this.#most = options.most ?? Math.max(4, 2 * cpus().length);
    this.#mailboxes = new OwnMailboxes(options);
    this.#left = new LeftBehind(options);
    this.#attempts = new OwnAttempts(options, {
      onEnd: () => this.#wake.abort(),
      next: (room) => this.#next(room),
      onBegun: (begun) => launch(options, this.#attempts, begun),
      onTrouble: () => {
        this.#beginsAt = options.clock.now() + troubleMs;
      },
    });
  }

  /** Until `stop`. Nothing that goes wrong with one flow ends it. */
  async run(): Promise<void> {
    const { clock, log } = this.#options;
    while (!this.#isOver) {
      // Made before the look: what happens meanwhile is looked at right after it.
      this.#wake = new AbortController();
      let isBusy = this.#attempts.count > 0;
      try {
        this.#passing = this.pass();
        if (await this.#passing) isBusy = true;
      } catch (error) {
        log.error("flows not looked after", { error });
      }
      if (this.#isOver) break;
      await clock.sleep(isBusy ? busyMs : quietMs, this.#wake.signal);
    }
  }

  /** Begins nothing new; what runs goes on, and is concluded. */
  drain(): void {
    this.#isDraining = true;
  }

  /** `end` stops what runs, which is begun again later; `keep` leaves it to the next runtime. */
  async stop(mode: "end" | "keep"): Promise<void> {
    this.#isOver = true;
    this.#wake.abort();
    // What it is at ends first: it begins nothing, and claims nothing, behind our back.
    await this.#passing.catch(() => {});
    await this.#attempts.leave(mode);
    await this.#mailboxes.leave();
  }

  /** Nothing runs here, and nothing is to be told that could be. */
  get isIdle(): boolean {
    return this.#attempts.count === 0 && this.#mailboxes.count === 0;
  }

  /** One look at everything; true: there is more to do at once. */
  async pass(): Promise<boolean> {
    const now = this.#options.clock.now();
    await this.#mindClock(now);
    if (this.isIdle && !(await this.#options.store.flows.isUnderWay())) {
      // Processes that tasks left behind are no flow's, and end all the same; it costs nothing where there are none.
      this.#options.workers.sweep();
      return false;
    }
    if (now - this.#beatAt >= heartbeatMs || now < this.#beatAt) {
      this.#beatAt = now;
      await this.#attempts.heartbeat();
      await this.#mailboxes.heartbeat();
    }
    if (now - this.#recoverAt >= recoverMs || now < this.#recoverAt) {
      this.#recoverAt = now;
      await this.#recover();
    }
    const begun = this.#isHeld(now) ? false : await this.#begin();
    return (await this.#keepMailboxes(now)) || begun;
  }

  /** A clock that was put back, perhaps while nothing ran here, must not hold up retries for as long. */
  async #mindClock(now: Instant): Promise<void> {
    const { store, log, runtimeId } = this.#options;
    const isBack = now < this.#passedAt;
    const isFirst = this.#passedAt === 0;
    this.#passedAt = now;
    if (!isBack && !isFirst) return;
    const shortened = await store.flows.shortenPauses(runtimeId);
    if (isBack || shortened > 0) log.warn("the clock was put back", { shortenedPauses: shortened });
  }

  async #recover(): Promise<void> {
    this.#left.lookAnew();
    await this.#left.freeMailboxes((flowId) => this.#mailboxes.has(flowId));
    await recoverAttempts(this.#options, this.#attempts, this.#left);
  }

  /** Not with each end of a task: many messages are on the disk at the cost of one. */
  async #keepMailboxes(now: Instant): Promise<boolean> {
    if (now - this.#keptAt < busyMs && now >= this.#keptAt) return true;
    this.#keptAt = now;
    return this.#mailboxes.keep();
  }

  async #begin(): Promise<boolean> {
    const limits = { most: this.#most, isOver: () => this.#isOver };
    const { isAnyBegun, flows } = await beginTasks(this.#options, this.#attempts, limits);
    this.#startable = flows;
    return isAnyBegun;
  }

  /** On a full host where several flows wait for room each has its turn, and the flow that left a place has none before. */
  #next({ promised }: { readonly promised: number }): NextRequest | null {
    const room = this.#most - this.#attempts.count + 1 - promised;
    const isCrowded = this.#startable > 1 && room <= 1;
    return this.#isHeld(this.#options.clock.now()) || isCrowded || room < 1 ? null : nextOf(this.#options, room);
  }

  /** Nothing is begun. */
  #isHeld(now: Instant): boolean {
    const isTroubled = now < this.#beginsAt && this.#beginsAt - now <= troubleMs;
    return isTroubled || this.#isDraining || this.#isOver;
  }
}
