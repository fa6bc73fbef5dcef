import type { Millis, ProcessMark, Session } from "@agent-control-plane/core";
import { launchSession, type SessionSpec } from "./session/index.ts";

/** What all sessions of one place are started with. */
export interface StartWrapper {
  readonly storePath: string;
  /** Node and the wrapper's script. */
  readonly entry: { readonly file: string; readonly args: readonly string[] };
  readonly leaseMs: Millis;
  readonly heartbeatMs: Millis;
  readonly isolation: SessionSpec["isolation"];
}

/** Starts a session's wrapper, detached from us. */
export function startWrapper(
  { storePath, entry, leaseMs, heartbeatMs, isolation }: StartWrapper,
  { id: sessionId, taskId, term, kind, runDir, backend }: Session,
  part: Pick<SessionSpec, "cwd" | "command" | "env" | "limits"> & Partial<SessionSpec>,
): ProcessMark {
  const own = { sessionId, taskId, term, kind, runDir, backend };
  return launchSession({ entry, spec: { ...own, storePath, leaseMs, heartbeatMs, isolation, ...part } });
}
