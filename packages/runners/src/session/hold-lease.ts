import type {
  BudgetStop,
  Clock,
  ExitReason,
  FailureReason,
  Instant,
  LeaseKey,
  Millis,
  TaskStore,
} from "@agent-control-plane/core";

/** Why a session is ended by its wrapper; the first reason given wins. */
export interface StopReason {
  readonly exitReason: ExitReason;
  readonly failureReason: FailureReason | null;
  readonly summary: string;
  /** How long the program is given to leave, where that is less than its limits say. */
  readonly graceMs?: Millis;
  /** Which limit on spending it was. */
  readonly budget?: BudgetStop;
}

/**
 * Heartbeats a lease until `over` is aborted, and asks for a stop when the lease is lost, when someone asked the task
 * to stop, or when no heartbeat succeeded within the trust window: counted from when the last good call *started*, and
 * shorter than the lease, so that we have stopped before anybody may take over.
 */
export function holdLease(held: {
  readonly tasks: Pick<TaskStore, "heartbeat">;
  readonly lease: LeaseKey;
  readonly leaseMs: Millis;
  readonly heartbeatMs: Millis;
  readonly clock: Clock;
  readonly over: AbortSignal;
  readonly requestStop: (reason: StopReason) => void;
}): { readonly checkTrust: () => void; readonly done: Promise<void> } {
  const { tasks, lease, clock, over, requestStop } = held;
  const trustMs = held.leaseMs * 0.8;
  let trustedUntil: Instant = clock.now() + trustMs;
  let lastError = "";
  let isDoubted = false;
  // Aborted when the next beat is wanted at once; new with each beat, so that no wish is lost between two.
  let wake = new AbortController();

  async function beat(): Promise<"held" | "lost"> {
    const sentAt = clock.now();
    const answer = await tasks.heartbeat(lease, held.leaseMs);
    if (answer === "lost") {
      requestStop({ exitReason: "lost", failureReason: "lease-lost", summary: "the task's lease was lost" });
      return "lost";
    }
    trustedUntil = sentAt + trustMs;
    isDoubted = false;
    if (answer.cancelRequested) requestStop({ exitReason: "stopped", failureReason: null, summary: "cancelled" });
    return "held";
  }
  async function beatForEver(): Promise<void> {
    while (!over.aborted) {
      wake = new AbortController();
      const answer = await beat().catch((error: unknown) => {
        lastError = error instanceof Error ? error.message : String(error);
        return "held" as const;
      });
      if (answer === "lost") return;
      await clock.sleep(held.heartbeatMs, AbortSignal.any([over, wake.signal]));
    }
  }
  return {
    done: beatForEver(),
    // Called from a timer of its own: a heartbeat that hangs must not keep us from noticing. The first time it only
    // asks for a heartbeat at once: a machine that slept, or whose clock was set, has missed beats without any fault.
    checkTrust: () => {
      if (clock.now() < trustedUntil) return;
      if (!isDoubted) {
        isDoubted = true;
        wake.abort();
        return;
      }
      requestStop({
        exitReason: "lost",
        failureReason: "store-unreachable",
        summary: `no heartbeat succeeded within ${trustMs} ms${lastError === "" ? "" : `: ${lastError}`}`,
      });
    },
  };
}
