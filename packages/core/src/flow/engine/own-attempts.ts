import type { AttemptOutcome } from "../../domain/flow.ts";
import { isTasksFault } from "../../domain/host-trouble.ts";
import type { Ending, Session } from "../../domain/session.ts";
import type { Lease } from "../../domain/task.ts";
import type { Instant } from "../../domain/time.ts";
import { type FlowEngineOptions, flowLeaseMs } from "./engine-options.ts";
import type { FlowAttempt, FollowedEnd, StopCause } from "./flow-workers.ts";

interface OwnAttempt {
  readonly lease: Lease;
  readonly stop: AbortController;
  readonly over: Promise<void>;
}

export interface AttemptNews {
  /** One of them ended: there may be room, and something new to tell. */
  readonly onEnd: () => void;
  /** Something of the host failed (a full disk). */
  readonly onTrouble: () => void;
}

/** The attempts that this runtime runs or looks after, each followed until it is concluded. */
export class OwnAttempts {
  readonly #options: Pick<FlowEngineOptions, "store" | "workers" | "clock" | "log">;
  readonly #news: AttemptNews;
  readonly #attempts = new Map<string, OwnAttempt>();
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
    const over = this.#toItsEnd(attempt, lease, stop.signal, until).finally(() => {
      this.#attempts.delete(attempt.session.id);
      this.#news.onEnd();
    });
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

  async #toItsEnd(
    attempt: FlowAttempt,
    lease: Lease,
    stop: AbortSignal,
    until: (stop: AbortSignal) => Promise<FollowedEnd>,
  ): Promise<void> {
    const { store, log, clock } = this.#options;
    const { session } = attempt;
    try {
      const ending = session.ending ?? (await until(stop));
      // A runtime that leaves without ending its sessions concludes nothing any more: its store may be closed.
      if (this.#isLeaving && stop.reason !== "interrupted") return;
      if (stop.reason === "lost-lease") return;
      const outcome = await this.#outcomeOf(attempt, ending, stop);
      const said = typeof ending === "string" ? vanishedAt(session, clock.now()) : ending;
      await store.flows.conclude(lease, session.id, outcome, said);
    } catch (error) {
      log.error("flow task not run", { flow: attempt.flow.id, task: attempt.task.id, error });
      // Begun again, the one may go well; the other would come to the same, and hold up everything else each time.
      if (!isTasksFault(error)) this.#news.onTrouble();
      await store.flows
        .conclude(lease, session.id, outcomeOfError(error), vanishedAt(session, clock.now()))
        .catch((again: unknown) => log.error("flow task left to recovery", { error: again }));
    }
  }

  async #outcomeOf(attempt: FlowAttempt, ending: FollowedEnd, stop: AbortSignal): Promise<AttemptOutcome> {
    if (ending === "vanished") return { kind: "lost", summary: "It vanished with the runtime that ran it." };
    if (ending === "never-begun") return { kind: "interrupted", summary: "Its runtime was gone before it began." };
    return stoppedOutcome(stop) ?? this.#options.workers.assess(attempt, ending);
  }
}

function outcomeOfError(error: unknown): AttemptOutcome {
  const summary = `It could not be run: ${error instanceof Error ? error.message : String(error)}`;
  if (!isTasksFault(error)) return { kind: "interrupted", summary };
  return { kind: "failed", reason: "not-run", summary, isFinal: true, result: null };
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
