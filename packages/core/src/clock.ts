import { setTimeout as sleepFor } from "node:timers/promises";
import type { Clock } from "./ports.ts";

/** The machine's clock. `sleep` ends early, without an error, when its signal aborts: callers look at the signal. */
export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    try {
      await sleepFor(ms, undefined, signal ? { signal } : {});
    } catch (error) {
      if (!signal?.aborted) throw error;
    }
  },
};
