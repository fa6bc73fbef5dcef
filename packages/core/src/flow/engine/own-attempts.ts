import type { AttemptOutcome } from "../../domain/flow.ts";
import { isTasksFault } from "../../domain/host-trouble.ts";
import type { Ending, Session } from "../../domain/session.ts";
import type { Lease } from "../../domain/task.ts";
import type { Instant } from "../../domain/time.ts";
import type { BegunTask, NextRequest } from "../../store/ports/flows.ts";
import { type FlowEngineOptions, flowLeaseMs } from "./engine-options.ts";
import type { FlowAttempt, FollowedEnd, StopCause } from "./flow-workers.ts";

interface OwnAttempt {
  /** Another one when a wrapper has handed it over. */
  lease: Lease;
  /** A wrapper of its own renews the lease, works on without us, and hands it over with the ending. */
  readonly isWrapped: boolean;
  readonly stop: AbortController;
  /** It is somebody else's now, and goes on. */
  readonly leave: AbortController;
  over: Promise<void>;
}

interface Following {
  /** It was not started yet: when `until` throws, nothing of it runs. */
  readonly isNew: boolean;
  readonly until: (stop: AbortSignal) => Promise<FollowedEnd>;
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

const keepingMs = 1_000;

/** The attempts that this runtime runs or looks after, each followed until it is concluded. */
export class OwnAttempts {
  readonly #options: Pick<FlowEngineOptions, "store" | "workers" | "clock" | "log" | "runtimeId">;
  readonly #news: AttemptNews;
  readonly #attempts = new Map<string, OwnAttempt>();
  /** Places for what begins with ends that are being saved. */
  #promised = 0;
  #isLeaving = false;

  constructor(
    options: Pick<FlowEngineOptions, "store" | "workers" | "clock" | "log" | "runtimeId">,
    news: AttemptNews,
  ) {
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
  follow(attempt: FlowAttempt, lease: Lease, how: Following): void {
    const { id } = attempt.session;
    const isWrapped = this.#options.workers.holdsOwnLease?.(attempt.task.spec.worker) === true;
    const [stop, leave] = [new AbortController(), new AbortController()];
    const own: OwnAttempt = { lease, isWrapped, stop, leave, over: Promise.resolve() };
    this.#attempts.set(id, own);
    own.over = this.#toItsEnd(attempt, own, how).then((isFollowed) => {
      if (this.#attempts.get(id) === own) this.#attempts.delete(id);
      if (!isFollowed) this.#news.onEnd();
    });
  }

  async heartbeat(): Promise<void> {
    const { tasks } = this.#options.store;
    for (const { lease, isWrapped, stop, leave } of this.#attempts.values()) {
      const renewed = await tasks.heartbeat(lease, flowLeaseMs);
      // Of a wrapper it says that the attempt has ended, or that the wrapper ends it.
      if (renewed === "lost" && !isWrapped) leave.abort();
      if (renewed === "lost") continue;
      if (renewed.cancelRequested) stop.abort("cancelled" satisfies StopCause);
    }
  }

  /** `end` stops what runs, which is begun again later; `keep` leaves it to the next runtime. */
  async leave(mode: "end" | "keep"): Promise<void> {
    this.#isLeaving = true;
    const attempts = [...this.#attempts.values()];
    for (const { stop, leave } of attempts) {
      if (mode === "keep") leave.abort();
      else stop.abort("interrupted" satisfies StopCause);
    }
    const over = Promise.all(attempts.map((attempt) => attempt.over));
    if (mode === "end") return void (await over);
    // Ends that are being looked at are saved, if that does not take long.
    await Promise.race([over, this.#options.clock.sleep(keepingMs)]);
    for (const { lease, isWrapped } of attempts) if (!isWrapped) await this.#options.store.tasks.letGo(lease);
  }

  /** True: what could begin after it has begun. */
  async #toItsEnd(attempt: FlowAttempt, own: OwnAttempt, { isNew, until }: Following): Promise<boolean> {
    const [stop, leave] = [own.stop.signal, own.leave.signal];
    const { log } = this.#options;
    const which = { flow: attempt.flow.id, task: attempt.task.id, session: attempt.session.id };
    let ending: FollowedEnd | "left";
    try {
      ending = attempt.session.ending ?? (await Promise.race([until(stop), left(leave)]));
    } catch (error) {
      log.error("flow task not run", { ...which, error });
      // Begun again, the one may go well; the other would come to the same, and hold up everything else each time.
      if (!isTasksFault(error)) this.#news.onTrouble();
      if (isNew && !leave.aborted) await this.#putBack(attempt.session, own.lease, error);
      return false;
    }
    if (ending === "left" || leave.aborted) return false;
    try {
      return await this.#conclude(attempt, own, ending);
    } catch (error) {
      // It was run: whoever recovers it finds its end where it is written, and does not run it again.
      log.error("flow task's end not saved yet", { ...which, error });
      this.#news.onTrouble();
      return false;
    }
  }

  async #conclude(attempt: FlowAttempt, own: OwnAttempt, ending: FollowedEnd): Promise<boolean> {
    const { store, clock, runtimeId } = this.#options;
    const { session } = attempt;
    if (own.isWrapped) {
      // Before it is looked at, so that nobody else looks at it as well.
      const adopted = await store.tasks.adopt(own.lease, runtimeId, flowLeaseMs);
      if (adopted !== "lost") own.lease = adopted;
    }
    const outcome = await this.#outcomeOf(attempt, ending, own.stop.signal);
    const said = typeof ending === "string" ? vanishedAt(session, clock.now()) : ending;
    const next = this.#isLeaving ? null : this.#news.next({ promised: this.#promised });
    const places = next?.sessions.length ?? 0;
    this.#promised += places;
    try {
      const concluded = await store.flows.conclude(own.lease, session.id, outcome, said, next ?? undefined);
      if (concluded === "lost") return false;
      for (const begun of concluded.begun) await this.#goOn(begun);
      return concluded.begun.length < places;
    } finally {
      this.#promised -= places;
    }
  }

  async #goOn(begun: BegunTask): Promise<void> {
    if (this.#isLeaving) await this.#putBack(begun.session, begun.lease, "its runtime ends");
    else await this.#news.onBegun(begun);
  }

  async #putBack(session: Session, lease: Lease, error: unknown): Promise<void> {
    const { store, clock, log } = this.#options;
    await store.flows
      .conclude(lease, session.id, outcomeOfError(error), vanishedAt(session, clock.now()))
      .catch((again: unknown) => log.error("flow task left to recovery", { error: again }));
  }

  async #outcomeOf(attempt: FlowAttempt, ending: FollowedEnd, stop: AbortSignal): Promise<AttemptOutcome> {
    if (ending === "vanished") return { kind: "lost", summary: "It vanished with the runtime that ran it." };
    if (ending === "never-begun") return { kind: "interrupted", summary: "Its runtime was gone before it began." };
    if (ending === "interrupted") return { kind: "interrupted", summary: "Its runtime was stopped." };
    return stoppedOutcome(stop) ?? this.#options.workers.assess(attempt, ending);
  }
}

function outcomeOfError(error: unknown): AttemptOutcome {
  const summary = `It could not be run: ${error instanceof Error ? error.message : String(error)}`;
  if (!isTasksFault(error)) return { kind: "interrupted", summary };
  return { kind: "failed", reason: "not-run", summary, isFinal: true, result: null };
}

function left(leave: AbortSignal): Promise<"left"> {
  return new Promise((resolve) => {
    if (leave.aborted) resolve("left");
    leave.addEventListener("abort", () => resolve("left"), { once: true });
  });
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
