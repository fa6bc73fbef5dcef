import type { AttemptOutcome } from "../../domain/flow.ts";
import type { Ending, Session } from "../../domain/session.ts";
import type { Lease } from "../../domain/task.ts";
import type { Instant } from "../../domain/time.ts";
import type { BegunTask, NextRequest } from "../../store/ports/flows.ts";
import { type FlowEngineOptions, flowLeaseMs } from "./engine-options.ts";
import type { FlowAttempt, FollowedEnd, StopCause } from "./flow-workers.ts";

interface OwnAttempt {
  readonly lease: Lease;
  readonly stop: AbortController;
  readonly over: Promise<void>;
}

export interface AttemptNews {
  /** One of them ended: there may be room. */
  readonly onEnd: () => void;
  /** What may begin with the end of one; null: its end is all. */
  readonly next: (room: { readonly promised: number }) => NextRequest | null;
  /** It has begun with the end of another one. */
  readonly onBegun: (begun: BegunTask) => Promise<void>;
  /** Something of the host failed (a full disk). */
  readonly onTrouble: () => void;
}

/** The attempts that this runtime runs or looks after, each followed until it is concluded. */
export class OwnAttempts {
  readonly #options: Pick<FlowEngineOptions, "store" | "workers" | "clock" | "log">;
  readonly #news: AttemptNews;
  readonly #attempts = new Map<string, OwnAttempt>();
  /** Places for what begins with ends that are being saved. */
  #promised = 0;
  #isLeaving = false;

  constructor(options: Pick<FlowEngineOptions, "store" | "workers" | "clock" | "log">, news: AttemptNews) {
    this.#options = options;
    this.#news = news;
  }

  get count(): number {
    return this.#attempts.size;
  }

  has(sessionId: string): boolean {
    return this.#attempts.has(sessionId);
  }

  /** `until` answers when nothing of the attempt runs any more; it is concluded then. */
  follow(attempt: FlowAttempt, lease: Lease, until: (stop: AbortSignal) => Promise<FollowedEnd>): void {
    const stop = new AbortController();
    const over = this.#toItsEnd(attempt, lease, stop.signal, until).then(
      (isFollowed) => this.#noteEnd(attempt.session.id, isFollowed),
      () => this.#noteEnd(attempt.session.id, false),
    );
    this.#attempts.set(attempt.session.id, { lease, stop, over });
  }

  async heartbeat(): Promise<void> {
    const { tasks } = this.#options.store;
    for (const { lease, stop } of this.#attempts.values()) {
      const renewed = await tasks.heartbeat(lease, flowLeaseMs);
      if (renewed === "lost") stop.abort("lost-lease" satisfies StopCause);
      else if (renewed.cancelRequested) stop.abort("cancelled" satisfies StopCause);
    }
  }

  /** `end` stops what runs, which is begun again later; `keep` leaves it to the next runtime. */
  async leave(mode: "end" | "keep"): Promise<void> {
    this.#isLeaving = true;
    if (mode === "keep") return;
    for (const { stop } of this.#attempts.values()) stop.abort("interrupted" satisfies StopCause);
    await Promise.all([...this.#attempts.values()].map(({ over }) => over));
  }

  #noteEnd(sessionId: string, isFollowed: boolean): void {
    this.#attempts.delete(sessionId);
    if (!isFollowed) this.#news.onEnd();
  }

  /** True: what could begin after it has begun. */
  async #toItsEnd(
    attempt: FlowAttempt,
    lease: Lease,
    stop: AbortSignal,
    until: (stop: AbortSignal) => Promise<FollowedEnd>,
  ): Promise<boolean> {
    const { log, clock } = this.#options;
    const { session } = attempt;
    try {
      const ending = session.ending ?? (await until(stop));
      // A runtime that leaves without ending its sessions concludes nothing any more: its store may be closed.
      if (this.#isLeaving && stop.reason !== "interrupted") return false;
      if (stop.reason === "lost-lease") return false;
      const outcome = await this.#outcomeOf(attempt, ending, stop);
      const said = typeof ending === "string" ? vanishedAt(session, clock.now()) : ending;
      return await this.#conclude(attempt, lease, outcome, said);
    } catch (error) {
      log.error("flow task not run", { flow: attempt.flow.id, task: attempt.task.id, error });
      this.#news.onTrouble();
      const summary = `It could not be run: ${error instanceof Error ? error.message : String(error)}`;
      await this.#options.store.flows
        .conclude(lease, session.id, { kind: "interrupted", summary }, vanishedAt(session, clock.now()))
        .catch((again: unknown) => log.error("flow task left to recovery", { error: again }));
      return false;
    }
  }

  async #conclude({ session }: FlowAttempt, lease: Lease, outcome: AttemptOutcome, ending: Ending): Promise<boolean> {
    const { flows } = this.#options.store;
    const next = this.#isLeaving ? null : this.#news.next({ promised: this.#promised });
    const places = next?.sessions.length ?? 0;
    this.#promised += places;
    const concluded = await flows.conclude(lease, session.id, outcome, ending, next ?? undefined).finally(() => {
      this.#promised -= places;
    });
    if (concluded === "lost") return false;
    for (const begun of concluded.begun) await this.#news.onBegun(begun);
    return next !== null && concluded.begun.length < next.sessions.length;
  }

  async #outcomeOf(attempt: FlowAttempt, ending: FollowedEnd, stop: AbortSignal): Promise<AttemptOutcome> {
    if (ending === "vanished") return { kind: "lost", summary: "It vanished with the runtime that ran it." };
    if (ending === "never-begun") return { kind: "interrupted", summary: "Its runtime was gone before it began." };
    return stoppedOutcome(stop) ?? this.#options.workers.assess(attempt, ending);
  }
}

function stoppedOutcome({ aborted, reason }: AbortSignal): AttemptOutcome | null {
  if (!aborted) return null;
  return reason === "cancelled"
    ? { kind: "cancelled", summary: "It was stopped." }
    : { kind: "interrupted", summary: "Its runtime was stopped." };
}

const vanishedAt = (session: Session, now: Instant): Ending => ({
  ...{ exitReason: "lost", failureReason: null, exitCode: null, signal: null },
  ...{ startedAt: session.startedAt ?? session.intendedAt, endedAt: now, nativeSessionId: null, usage: {} },
  ...{ retryAt: null, summary: "lost", processes: { killed: 0, survivors: 0 } },
});
