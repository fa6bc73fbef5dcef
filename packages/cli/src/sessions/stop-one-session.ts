import type { Session, Store } from "@agent-control-plane/core";
import { isAlive, readWrapperMark, stopSession } from "@agent-control-plane/runners";
import { withStore } from "../store/with-store.ts";
import { noSession } from "./no-session.ts";

/** What `sessions stop` did; field by field in docs/json-output.md. */
export interface StoppedSession {
  readonly status: "stopping" | "already-ended";
  readonly session: string;
  readonly taskId: number;
  /** Null: it is not over yet, or ended without one. */
  readonly exitReason: string | null;
}

/**
 * Cancels the task, so that nothing starts it again, and tells the wrapper directly: it need not wait for its next
 * heartbeat, and works without a daemon.
 */
export const stopOneSession = (home: string, id: string, by: string): Promise<StoppedSession> =>
  withStore(home, (store) => stopUnder(store, id, by));

export const stoppedInWords = ({ status, session, taskId, exitReason }: StoppedSession): string =>
  status === "already-ended"
    ? `${session} is over already (${exitReason ?? "concluded"})`
    : `${session} was asked to stop; its task ${taskId} is cancelled. "acp sessions logs ${session} -f" shows its end.`;

async function stopUnder(store: Store, id: string, by: string): Promise<StoppedSession> {
  const session = await store.sessions.get(id);
  if (!session) throw noSession(id);
  const { taskId, ending, state } = session;
  if (state === "ended" || state === "concluded")
    return { status: "already-ended", session: id, taskId, exitReason: ending?.exitReason ?? null };
  await store.tasks.cancel(taskId, by, "operator");
  const wrapper = wrapperOf(session);
  if (wrapper && isAlive(wrapper)) stopSession(wrapper);
  return { status: "stopping", session: id, taskId, exitReason: null };
}

const wrapperOf = (session: Session) => session.wrapper ?? readWrapperMark(session.runDir);
