import type { Lease, LeaseKey } from "../../domain/task.ts";
import type { Instant } from "../../domain/time.ts";
import { flowKeeperQueue } from "../../store/flows/flow-row.ts";
import { type FlowEngineOptions, flowLeaseMs } from "./engine-options.ts";

interface Seen {
  readonly heartbeatAt: Instant;
  readonly term: number;
  since: Instant;
}

/**
 * Which leases nobody holds any more: those that expired, those whose runtime is known to be gone, and those that were
 * not renewed for the time of a lease while this runtime looked on. The last holds whatever the clock does: after it was
 * put back, what a dead runtime held would else expire hours from now.
 */
export class LeftBehind {
  readonly #options: Pick<FlowEngineOptions, "store" | "clock" | "runtimeId" | "isGone">;
  #seen = new Map<number, Seen>();
  #before = new Map<number, Seen>();
  #gone = new Map<string, boolean>();

  constructor(options: Pick<FlowEngineOptions, "store" | "clock" | "runtimeId" | "isGone">) {
    this.#options = options;
  }

  /** Before each look at all of them: what was not asked for in the last one is forgotten. */
  lookAnew(): void {
    this.#before = this.#seen;
    this.#seen = new Map();
    this.#gone = new Map();
  }

  /**
   * The task's lease, which may be adopted now; null: somebody holds it, or nobody ever will. `isWrapped`: whoever works
   * on it renews it without its runtime, so that it says nothing that this one is gone.
   */
  async takeable(taskId: number, { isWrapped = false } = {}): Promise<LeaseKey | null> {
    const { store, clock } = this.#options;
    const lease = await store.tasks.lease(taskId);
    if (!lease) return null;
    const now = clock.now();
    if (lease.owner === "" || lease.expiresAt <= now) return lease;
    if (!this.#isStill(lease, now) && (isWrapped || !(await this.#isGone(lease.owner)))) return null;
    await store.tasks.letGo(lease);
    return lease;
  }

  /** Mailboxes whose keepers are gone are there to be claimed again. */
  async freeMailboxes(isOwn: (flowId: string) => boolean): Promise<void> {
    const { store, runtimeId, clock } = this.#options;
    for (const { id, subject } of await store.tasks.list({ queue: flowKeeperQueue, states: ["running"] })) {
      const left = isOwn(subject) ? null : await this.takeable(id);
      const handed = { kind: "snooze", runAt: clock.now(), reason: "keeper-gone" } as const;
      if (left !== null) await store.tasks.release(left, handed, { actor: runtimeId });
    }
  }

  #isStill({ taskId, heartbeatAt, term }: Lease, now: Instant): boolean {
    const known = this.#before.get(taskId) ?? this.#seen.get(taskId);
    const isSame = known?.heartbeatAt === heartbeatAt && known.term === term && known.since <= now;
    const seen = isSame ? known : { heartbeatAt, term, since: now };
    this.#seen.set(taskId, seen);
    return now - seen.since >= flowLeaseMs;
  }

  async #isGone(owner: string): Promise<boolean> {
    if (owner === this.#options.runtimeId) return false;
    const known = this.#gone.get(owner);
    if (known !== undefined) return known;
    const isGone = (await this.#options.isGone?.(owner)) ?? false;
    this.#gone.set(owner, isGone);
    return isGone;
  }
}
