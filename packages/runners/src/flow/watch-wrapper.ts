import { setTimeout as sleep } from "node:timers/promises";
import type { FollowedEnd, Millis, ProcessMark, Session } from "@agent-control-plane/core";
import { isAlive, readEnding, readWrapperMark, reapSession, stopSession } from "../session/index.ts";

/** Between looks at a wrapper. */
const lookMs = 100;
/** Beyond its own grace, a wrapper that was asked to end and hangs. */
const hangMs = 30_000;

/**
 * Until a session's wrapper is gone, whoever started it. Aborting `stop` asks it to end its agent. What a wrapper that was
 * killed left is ended here.
 */
export async function watchWrapper(of: {
  readonly session: Session;
  /** The process that was started and may not have said who it is yet; null: another runtime's. */
  readonly started: ProcessMark | null;
  readonly stop: AbortSignal;
  readonly graceMs: Millis;
}): Promise<FollowedEnd | "stopped"> {
  const { session, started, stop } = of;
  let askedAt: number | null = null;
  let known = readWrapperMark(session.runDir);
  for (let wrapper = known ?? started; wrapper && isAlive(wrapper); wrapper = known ?? started) {
    if (askedAt === null && stop.aborted) {
      askedAt = performance.now();
      stopSession(wrapper);
    }
    if (askedAt !== null && performance.now() - askedAt > of.graceMs + hangMs) break;
    // Nothing that is waited for here may keep a runtime that leaves.
    await sleep(lookMs, undefined, { ref: false });
    known ??= readWrapperMark(session.runDir);
  }
  const ending = readEnding(session.runDir);
  if (ending) return ending;
  await reapSession({ sessionId: session.id, runDir: session.runDir, killWrapper: true });
  if (askedAt !== null) return "stopped";
  // One that we started and that never said who it is would do the same again.
  return started || known || session.state !== "intended" ? "vanished" : "never-begun";
}
