import { cpus } from "node:os";
import type { AttemptOutcome, Flow } from "../../domain/flow.ts";
import type { Ending, Session } from "../../domain/session.ts";
import type { Lease } from "../../domain/task.ts";
import type { Instant } from "../../domain/time.ts";
import type { Clock, Log } from "../../ports.ts";
import { flowKeeperQueue, queueOf } from "../../store/flows/flow-row.ts";
import type { BegunTask } from "../../store/ports/flows.ts";
import type { Store } from "../../store/store.ts";
import type { FlowAttempt, FlowWorkers, FollowedEnd, StopCause } from "./flow-workers.ts";
import { gatherContext } from "./gather-context.ts";
import { type Keeper, type KeeperTools, keepFlow } from "./keep-flow.ts";

export interface FlowEngineOptions {
  readonly store: Pick<Store, "flows" | "tasks" | "sessions">;
  readonly clock: Clock;
  readonly log: Log;
  readonly workers: FlowWorkers;
  /** Names that tasks may have as worker. */
  readonly workerNames: readonly string[];
  readonly runtimeId: string;
  readonly newSessionId: () => string;
  readonly callBack: KeeperTools["callBack"];
  /** Tasks of flows at once on this host; default: twice its processors, at least four. */
  readonly most?: number;
}

const leaseMs = 20_000;
const heartbeatMs = 5_000;
const recoverMs = 2_000;
/** Between looks at mailboxes while something is under way, and while nothing is. */
const busyMs = 50;
const quietMs = 1_000;
/** After something of the host failed (a full disk), how long nothing new is begun. */
const troubleMs = 10_000;
/** Between looks for mailboxes that nobody keeps. */
const claimMs = 250;

interface OwnAttempt {
  /** Another one when a wrapper has handed it over. */
  lease: Lease;
  readonly stop: AbortController;
  readonly over: Promise<void>;
}

/** Works the flows of a store, as one of any number of runtimes. */
export class FlowEngine {
  readonly #options: FlowEngineOptions;
  readonly #own = new Map<string, OwnAttempt>();
  readonly #keepers = new Map<string, Keeper & { lease: Lease }>();
  #wake = new AbortController();
  #isOver = false;
  #beatAt = 0;
  #recoverAt = 0;
  #beginsAt = 0;
  #claimAt = 0;
  #isDraining = false;

  constructor(options: FlowEngineOptions) {
    this.#options = options;
  }

  /** Until `stop`. Nothing that goes wrong with one flow ends it. */
  async run(): Promise<void> {
    const { clock, log } = this.#options;
    while (!this.#isOver) {
      let isBusy = this.#own.size > 0;
      try {
        if (await this.pass()) isBusy = true;
      } catch (error) {
        log.error("flows not looked after", { error });
      }
      if (this.#isOver) break;
      this.#wake = new AbortController();
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
    if (mode === "keep") return;
    for (const { stop } of this.#own.values()) stop.abort("interrupted" satisfies StopCause);
    await Promise.all([...this.#own.values()].map(({ over }) => over));
  }

  /** One look at everything; true: there is more to do at once. */
  async pass(): Promise<boolean> {
    const { clock } = this.#options;
    const now = clock.now();
    if (now - this.#beatAt >= heartbeatMs || now < this.#beatAt) {
      this.#beatAt = now;
      await this.#heartbeat();
    }
    if (now - this.#recoverAt >= recoverMs || now < this.#recoverAt) {
      this.#recoverAt = now;
      await this.#recover();
    }
    const begun = now >= this.#beginsAt && !this.#isDraining ? await this.#beginAll() : false;
    return (await this.#keepAll()) || begun;
  }

  async #heartbeat(): Promise<void> {
    const { store } = this.#options;
    for (const { lease, stop } of this.#own.values()) {
      const renewed = await store.tasks.heartbeat(lease, leaseMs);
      if (renewed === "lost") stop.abort("lost-lease" satisfies StopCause);
      else if (renewed.cancelRequested) stop.abort("cancelled" satisfies StopCause);
    }
    for (const [id, { lease }] of this.#keepers)
      if ((await store.tasks.heartbeat(lease, leaseMs)) === "lost") this.#keepers.delete(id);
  }

  /** Takes over what runtimes left that are gone. */
  async #recover(): Promise<void> {
    const { store, runtimeId, workers } = this.#options;
    // Mailboxes of keepers that are gone; tasks with an open session are left to what follows.
    await store.tasks.recoverStale({ actor: runtimeId, missingHeartbeatMs: leaseMs });
    await store.flows.expire();
    for (const flow of await store.flows.list({ states: ["running", "paused"] })) {
      const states = ["intended", "running", "ended"] as const;
      for (const session of await store.sessions.list({ profileId: queueOf(flow.id), states })) {
        if (this.#own.has(session.id)) continue;
        const left = await store.tasks.lease(session.taskId);
        if (!left) continue;
        const lease = await store.tasks.adopt({ taskId: session.taskId, term: left.term }, runtimeId, leaseMs);
        if (lease !== "lost") await this.#goOn(flow, session, lease);
      }
    }
    workers.sweep();
  }

  async #goOn(flow: Flow, session: Session, lease: Lease): Promise<void> {
    const task = await this.#options.store.flows.ofQueueTask(session.taskId);
    if (task === null) return;
    const attempt = { flow, task, session, judgedFolder: await this.#judgedFolder(flow, task.spec.judges) };
    this.#follow(attempt, lease, async (stop) => this.#options.workers.follow(attempt, stop));
  }

  /** Each flow in its turn, one task at a time, so that a wide one leaves room for the others. */
  async #beginAll(): Promise<boolean> {
    const { store, workers } = this.#options;
    const { flowIds } = await store.flows.startable(100);
    if (flowIds.length > 0) await workers.look?.();
    let open: readonly string[] = flowIds;
    let count = 0;
    while (open.length > 0 && !this.#isOver) {
      const more: string[] = [];
      for (const flowId of open) {
        if (this.#own.size >= this.#most) return count > 0;
        const begun = await this.#begin(flowId);
        if (begun) {
          count += 1;
          more.push(flowId);
        }
      }
      open = more;
    }
    return count > 0;
  }

  get #most(): number {
    return this.#options.most ?? Math.max(4, 2 * cpus().length);
  }

  async #begin(flowId: string): Promise<boolean> {
    const { store, runtimeId, newSessionId, workerNames, workers } = this.#options;
    const begun = await store.flows.begin({
      ...{ flowId, owner: runtimeId, leaseMs, session: { id: newSessionId() } },
      exceptWorkers: workerNames.filter((name) => workers.refuses(name) !== null),
      ...(workers.takes ? { takes: (task, flow) => workers.takes?.(task, flow) ?? {} } : {}),
    });
    if (begun === null) return false;
    await this.#launch(begun);
    return true;
  }

  async #launch({ flow, task, session, lease }: BegunTask): Promise<void> {
    const { store, clock, workers } = this.#options;
    const attempt = { flow, task, session, judgedFolder: await this.#judgedFolder(flow, task.spec.judges) };
    this.#follow(attempt, lease, async (stop) =>
      workers.run(attempt, await gatherContext(store.flows, attempt, clock.now()), stop),
    );
  }

  async #judgedFolder({ id }: Flow, judges: string | null): Promise<string | null> {
    return judges === null ? null : ((await this.#options.store.flows.task(id, judges))?.attemptFolder ?? null);
  }

  #follow(attempt: FlowAttempt, lease: Lease, until: (stop: AbortSignal) => Promise<FollowedEnd>): void {
    const stop = new AbortController();
    const over = this.#toItsEnd(attempt, lease, stop.signal, until).finally(() => {
      this.#own.delete(attempt.session.id);
      this.#wake.abort();
    });
    this.#own.set(attempt.session.id, { lease, stop, over });
  }

  async #toItsEnd(
    attempt: FlowAttempt,
    given: Lease,
    stop: AbortSignal,
    until: (stop: AbortSignal) => Promise<FollowedEnd>,
  ): Promise<void> {
    const { store, log, clock } = this.#options;
    const { session } = attempt;
    let lease = given;
    try {
      const ending = session.ending ?? (await until(stop));
      // A runtime that leaves without ending its sessions concludes nothing any more: its store may be closed.
      if (this.#isOver && stop.reason !== "interrupted") return;
      const isWrapped = this.#options.workers.holdsOwnLease?.(attempt.task.spec.worker) === true;
      if (stop.reason === "lost-lease" && !isWrapped) return;
      if (isWrapped) lease = await this.#takenBack(session.id, lease);
      const outcome = await this.#outcomeOf(attempt, ending, stop);
      const said = typeof ending === "string" ? vanishedAt(session, clock.now()) : ending;
      await store.flows.conclude(lease, session.id, outcome, said);
    } catch (error) {
      log.error("flow task not run", { flow: attempt.flow.id, task: attempt.task.id, error });
      this.#beginsAt = clock.now() + troubleMs;
      const summary = `It could not be run: ${error instanceof Error ? error.message : String(error)}`;
      await store.flows
        .conclude(lease, session.id, { kind: "interrupted", summary }, vanishedAt(session, clock.now()))
        .catch((again: unknown) => log.error("flow task left to recovery", { error: again }));
    }
  }

  /** A wrapper hands the lease over with the ending; whoever is first goes on. */
  async #takenBack(sessionId: string, lease: Lease): Promise<Lease> {
    const { store, runtimeId } = this.#options;
    const adopted = await store.tasks.adopt(lease, runtimeId, leaseMs);
    const own = this.#own.get(sessionId);
    if (adopted === "lost" || !own) return lease;
    own.lease = adopted;
    return adopted;
  }

  async #outcomeOf(attempt: FlowAttempt, ending: FollowedEnd, stop: AbortSignal): Promise<AttemptOutcome> {
    if (ending === "vanished") return { kind: "lost", summary: "It vanished with the runtime that ran it." };
    if (ending === "never-begun") return { kind: "interrupted", summary: "Its runtime was gone before it began." };
    return stoppedOutcome(stop) ?? this.#options.workers.assess(attempt, ending);
  }

  async #claimKeepers(): Promise<void> {
    const { store, runtimeId, clock } = this.#options;
    const now = clock.now();
    if (now - this.#claimAt < claimMs && now >= this.#claimAt) return;
    this.#claimAt = now;
    for (;;) {
      const claim = await store.tasks.claim({ queues: [flowKeeperQueue], owner: runtimeId, leaseMs });
      if (claim === null) return;
      this.#keepers.set(claim.task.subject, { flowId: claim.task.subject, lease: claim.lease, writtenSeq: null });
    }
  }

  async #keepAll(): Promise<boolean> {
    const { store, log, workerNames, callBack } = this.#options;
    await this.#claimKeepers();
    let isBusy = false;
    for (const keeper of [...this.#keepers.values()]) {
      try {
        const state = await keepFlow(keeper, { flows: store.flows, log, workers: workerNames, callBack });
        if (state === "gone") this.#keepers.delete(keeper.flowId);
        if (state === "busy") isBusy = true;
      } catch (error) {
        log.error("flow's mailbox not looked after", { flow: keeper.flowId, error });
      }
    }
    return isBusy;
  }
}

/** A wrapper that ended its attempt has let the lease go: that is no stop. */
function stoppedOutcome({ aborted, reason }: AbortSignal): AttemptOutcome | null {
  if (!aborted || reason === "lost-lease") return null;
  return reason === "cancelled"
    ? { kind: "cancelled", summary: "It was stopped." }
    : { kind: "interrupted", summary: "Its runtime was stopped." };
}

const vanishedAt = (session: Session, now: Instant): Ending => ({
  ...{ exitReason: "lost", failureReason: null, exitCode: null, signal: null },
  ...{ startedAt: session.startedAt ?? session.intendedAt, endedAt: now, nativeSessionId: null, usage: {} },
  ...{ retryAt: null, summary: "lost", processes: { killed: 0, survivors: 0 } },
});
