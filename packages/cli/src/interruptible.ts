import { setImmediate } from "node:timers/promises";
import { UserError } from "@agent-control-plane/core";

/** Ended by Ctrl-C or by the system, as a shell counts it: 128 and the signal's number. */
export const INTERRUPTED_EXIT_CODE = 130;

/**
 * Work that has something to clean up: at SIGINT or SIGTERM it is left where it is and the promise fails, so that the
 * caller's `finally` runs. A second signal ends the process at once.
 */
export async function interruptible<T>(work: () => Promise<T>): Promise<T> {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  let interrupt: () => void = () => {};
  const interrupted = new Promise<never>((_, reject) => {
    interrupt = () => reject(new UserError("Interrupted; cleaning up.", { exitCode: INTERRUPTED_EXIT_CODE }));
  });
  for (const signal of signals) process.once(signal, interrupt);
  const running = work();
  // Ctrl-C reaches our child processes, too: one that ended by it makes the work fail before our own signal is seen.
  const outcome = running.catch(async (error: unknown) => {
    await setImmediate();
    await setImmediate();
    throw error;
  });
  // It may fail later, when what it works with is cleaned up: nobody waits for that any more.
  outcome.catch(() => {});
  try {
    return await Promise.race([outcome, interrupted]);
  } finally {
    for (const signal of signals) process.removeListener(signal, interrupt);
  }
}
