import { setImmediate } from "node:timers/promises";
import { UserError } from "@agent-control-plane/core";
import type { CliContext } from "./context.ts";

/** Ended by Ctrl-C or by the system, as a shell counts it: 128 and the signal's number. */
export const INTERRUPTED_EXIT_CODE = 130;

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** What is half-way to starting a process gets this long to have it, so that cleaning up finds it. */
const settleMs = 15_000;

/**
 * Work that has something to clean up: a signal ends it at its next pause, and then the promise fails (130), so that the
 * caller's `finally` runs. A second signal ends the process at once. The work is given a context of its own, whose clock
 * ends it, and a signal for what does not pause.
 */
export async function interruptible<T extends CliContext, R>(
  context: T,
  work: (context: T, leaving: AbortSignal) => Promise<R>,
): Promise<R> {
  const leaving = new AbortController();
  let interrupt: () => void = () => {};
  const interrupted = new Promise<"interrupted">((resolve) => {
    interrupt = () => {
      for (const signal of signals) process.removeListener(signal, interrupt);
      context.output.note("interrupted; cleaning up (Ctrl-C again leaves at once)");
      leaving.abort();
      resolve("interrupted");
    };
  });
  for (const signal of signals) process.on(signal, interrupt);
  const clock = {
    now: () => context.clock.now(),
    async sleep(ms: number, signal?: AbortSignal) {
      if (leaving.signal.aborted) throw new Error("interrupted");
      await context.clock.sleep(ms, signal);
    },
  };
  // Ctrl-C reaches our child processes, too: one that ended by it makes the work fail before our own signal is seen.
  const running = work({ ...context, clock }, leaving.signal).catch(async (error: unknown) => {
    await setImmediate();
    await setImmediate();
    throw error;
  });
  // It fails later, at its next pause, when nobody waits for it any more.
  const settled = running.then(
    () => {},
    () => {},
  );
  try {
    const ended = await Promise.race([running.then((value) => ({ value })), interrupted]);
    if (ended !== "interrupted") return ended.value;
    const patience = new AbortController();
    await Promise.race([settled, context.clock.sleep(settleMs, patience.signal).catch(() => {})]);
    patience.abort();
    throw new UserError("Interrupted.", { exitCode: INTERRUPTED_EXIT_CODE });
  } finally {
    for (const signal of signals) process.removeListener(signal, interrupt);
  }
}
