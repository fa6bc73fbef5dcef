import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "@agent-control-plane/core";

/** The system's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    // An aborted sleep is a sleep that is over, not a failure.
    await sleep(ms, undefined, signal ? { signal } : {}).catch(() => {});
  },
};
