import type { Millis } from "@agent-control-plane/core";
import { isAlive, signalProcess } from "./process-mark.ts";
import { killAll, type TreeEnd } from "./process-tree.ts";
import { removeLoginsLeft } from "./remove-logins.ts";
import { readProcessRecord, readWrapperMark } from "./session-files.ts";

export type Reaped = { readonly kind: "reaped" } & TreeEnd;

/**
 * Ends what a session left behind whose wrapper is gone (killed, crashed, machine out of memory): everything recorded
 * in `processes.json`, everything that carries the session's mark, their descendants, and its copies of logins. A wrapper that still lives
 * does this itself and is left alone, unless `killWrapper` says that it hangs.
 */
export async function reapSession(request: {
  readonly sessionId: string;
  readonly runDir: string;
  readonly killWrapper?: boolean;
  readonly proofMs?: Millis;
}): Promise<Reaped | { readonly kind: "wrapper-alive" }> {
  const { sessionId, runDir } = request;
  const wrapper = readWrapperMark(runDir);
  if (wrapper && isAlive(wrapper)) {
    if (!request.killWrapper) return { kind: "wrapper-alive" };
    signalProcess(wrapper, "SIGKILL");
  }
  const recorded = readProcessRecord(runDir)?.marks ?? [];
  const own = wrapper && request.killWrapper ? [wrapper, ...recorded] : recorded;
  const end = await killAll(sessionId, () => own, request.proofMs ?? 8_000);
  removeLoginsLeft(runDir);
  return { kind: "reaped", ...end };
}
