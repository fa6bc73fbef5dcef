import type { Lease } from "../../domain/task.ts";
import type { Instant } from "../../domain/time.ts";
import { flowKeeperQueue } from "../../store/flows/flow-row.ts";
import { type FlowEngineOptions, flowLeaseMs } from "./engine-options.ts";
import { type Keeper, type KeeperTools, keepFlow } from "./keep-flow.ts";

/** Between looks for mailboxes that nobody keeps. */
const claimMs = 250;
/** After a look that failed, as on a full disk; each further one doubles it. */
const firstRestMs = 1_000;
const longestRestMs = 30_000;

interface OwnKeeper extends Keeper {
  readonly lease: Lease;
  /** Looks in a row that failed. */
  failures: number;
  looksAt: Instant;
}

/** The mailboxes that this runtime keeps: of each flow one runtime does. */
export class OwnMailboxes {
  readonly #options: FlowEngineOptions;
  readonly #keepers = new Map<string, OwnKeeper>();
  readonly #leaving = new AbortController();
  #claimAt = 0;

  constructor(options: FlowEngineOptions) {
    this.#options = options;
  }

  /** Mailboxes with something left to do that nobody else does; not those that cannot be written. */
  get count(): number {
    return [...this.#keepers.values()].filter(({ failures }) => failures === 0).length;
  }

  has(flowId: string): boolean {
    return this.#keepers.has(flowId);
  }

  async heartbeat(): Promise<void> {
    const { tasks } = this.#options.store;
    for (const [id, { lease }] of this.#keepers)
      if ((await tasks.heartbeat(lease, flowLeaseMs)) === "lost") this.#keepers.delete(id);
  }

  /** One look after each of them; true: one has more to do at once. */
  async keep(): Promise<boolean> {
    const { store, log, clock, workerNames: workers, callBack } = this.#options;
    await this.#claim();
    const tools = { flows: store.flows, log, clock, workers, callBack, leaving: this.#leaving.signal };
    let isBusy = false;
    for (const keeper of [...this.#keepers.values()]) {
      if (!this.#leaving.signal.aborted && (await this.#lookAfter(keeper, tools))) isBusy = true;
    }
    return isBusy;
  }

  /** Others keep them at once. */
  async leave(): Promise<void> {
    this.#leaving.abort();
    const { store, runtimeId, clock } = this.#options;
    const handed = { kind: "snooze", runAt: clock.now(), reason: "handed-over" } as const;
    for (const { lease } of this.#keepers.values()) await store.tasks.release(lease, handed, { actor: runtimeId });
    this.#keepers.clear();
  }

  async #lookAfter(keeper: OwnKeeper, tools: KeeperTools): Promise<boolean> {
    const { log, clock } = tools;
    const now = clock.now();
    if (now < keeper.looksAt && keeper.looksAt - now <= longestRestMs) return false;
    try {
      const state = await keepFlow(keeper, tools);
      keeper.failures = 0;
      keeper.looksAt = 0;
      if (state === "gone") this.#keepers.delete(keeper.flowId);
      return state === "busy";
    } catch (error) {
      log.error("flow's mailbox not looked after", { flow: keeper.flowId, error });
      keeper.looksAt = now + Math.min(longestRestMs, firstRestMs * 2 ** keeper.failures);
      keeper.failures += 1;
      return false;
    }
  }

  async #claim(): Promise<void> {
    const { store, runtimeId, clock } = this.#options;
    const now = clock.now();
    if (now - this.#claimAt < claimMs && now >= this.#claimAt) return;
    this.#claimAt = now;
    for (;;) {
      const claim = await store.tasks.claim({ queues: [flowKeeperQueue], owner: runtimeId, leaseMs: flowLeaseMs });
      if (claim === null) return;
      const { subject: flowId } = claim.task;
      const fresh = { told: null, readMark: null, isTelling: false, failures: 0, looksAt: 0 };
      this.#keepers.set(flowId, { flowId, lease: claim.lease, ...fresh });
    }
  }
}
