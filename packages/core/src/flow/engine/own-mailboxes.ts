import type { Lease } from "../../domain/task.ts";
import { flowKeeperQueue } from "../../store/flows/flow-row.ts";
import { type FlowEngineOptions, flowLeaseMs } from "./engine-options.ts";
import { type Keeper, keepFlow } from "./keep-flow.ts";

/** Between looks for mailboxes that nobody keeps. */
const claimMs = 250;

/** The mailboxes that this runtime keeps: of each flow one runtime does. */
export class OwnMailboxes {
  readonly #options: FlowEngineOptions;
  readonly #keepers = new Map<string, Keeper & { readonly lease: Lease }>();
  #claimAt = 0;

  constructor(options: FlowEngineOptions) {
    this.#options = options;
  }

  async heartbeat(): Promise<void> {
    const { tasks } = this.#options.store;
    for (const [id, { lease }] of this.#keepers)
      if ((await tasks.heartbeat(lease, flowLeaseMs)) === "lost") this.#keepers.delete(id);
  }

  /** One look after each of them; true: one has more to do at once. */
  async keep(): Promise<boolean> {
    const { store, log, workerNames, callBack } = this.#options;
    await this.#claim();
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

  async #claim(): Promise<void> {
    const { store, runtimeId, clock } = this.#options;
    const now = clock.now();
    if (now - this.#claimAt < claimMs && now >= this.#claimAt) return;
    this.#claimAt = now;
    for (;;) {
      const claim = await store.tasks.claim({ queues: [flowKeeperQueue], owner: runtimeId, leaseMs: flowLeaseMs });
      if (claim === null) return;
      this.#keepers.set(claim.task.subject, { flowId: claim.task.subject, lease: claim.lease, writtenSeq: null });
    }
  }
}
