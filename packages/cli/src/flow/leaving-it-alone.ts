import { UserError } from "@agent-control-plane/core";
import type { CliContext } from "../context.ts";
import { INTERRUPTED_EXIT_CODE } from "../interruptible.ts";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Work that only looks at a flow: a signal ends it at once (130), and the flow goes on. */
export async function leavingItAlone<R>(
  { output }: Pick<CliContext, "output">,
  flow: string,
  work: (leaving: AbortSignal) => Promise<R>,
): Promise<R> {
  const leaving = new AbortController();
  const leave = () => leaving.abort();
  for (const signal of signals) process.once(signal, leave);
  try {
    return await work(leaving.signal);
  } catch (error) {
    if (!leaving.signal.aborted) throw error;
    output.note(`flow ${flow} goes on; "acp flow status ${flow}" shows it, "acp flow cancel ${flow}" ends it`);
    throw new UserError("Interrupted.", { exitCode: INTERRUPTED_EXIT_CODE, cause: error });
  } finally {
    for (const signal of signals) process.removeListener(signal, leave);
  }
}
