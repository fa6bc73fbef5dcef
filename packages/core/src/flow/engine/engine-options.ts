import type { Clock, Log } from "../../ports.ts";
import type { Store } from "../../store/store.ts";
import type { FlowWorkers } from "./flow-workers.ts";
import type { CallBack } from "./tell-owner.ts";

export interface FlowEngineOptions {
  readonly store: Pick<Store, "flows" | "tasks" | "sessions">;
  readonly clock: Clock;
  readonly log: Log;
  readonly workers: FlowWorkers;
  /** Names that tasks may have as worker. */
  readonly workerNames: readonly string[];
  readonly runtimeId: string;
  readonly newSessionId: () => string;
  readonly callBack: CallBack;
  /** Whether this runtime is known to be gone: what it held is taken over at once. Default: nothing is known. */
  readonly isGone?: (runtimeId: string) => Promise<boolean>;
  /** Tasks of flows at once on this host; default: twice its processors, at least four. */
  readonly most?: number;
}

/** Of what is held for flows: attempts and mailboxes. Renewed by the engine's heartbeat. */
export const flowLeaseMs = 20_000;
