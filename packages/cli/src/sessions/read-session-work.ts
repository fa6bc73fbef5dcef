import { loadProfile, type Session, type Store, UserError } from "@agent-control-plane/core";
import { GitError, type RecordedDiff, recordedDiff } from "@agent-control-plane/runners";
import { backends } from "@agent-control-plane/runners/backends";
import type { CliContext } from "../context.ts";

export interface SessionWork extends RecordedDiff {
  readonly fromSha: string;
  readonly toSha: string;
}

/** Whose work a session is about: its own, or of one that verifies, that of the agent before it. Null: there is no such session. */
export async function workingSession(store: Store, id: string): Promise<Session | null> {
  const found = await store.sessions.get(id);
  if (found?.kind !== "verify") return found;
  const all = await store.sessions.list({ taskId: found.taskId });
  return all.filter(({ kind, attempt }) => kind === "agent" && attempt === found.attempt).at(-1) ?? found;
}

/**
 * What the work of a session changes, out of the profile's own repository, cut to `maxBytes`. Throws `UserError` when none
 * was recorded, or it is not there any more.
 */
export async function readSessionWork(context: CliContext, session: Session, maxBytes: number): Promise<SessionWork> {
  const range = rangeOf(session);
  return { ...range, ...(await readDiff(context, session, range, maxBytes)) };
}

function rangeOf(session: Session): Pick<SessionWork, "fromSha" | "toSha"> {
  const { startSha, headSha } = (session.evidence ?? {}) as { startSha?: unknown; headSha?: unknown };
  if (typeof headSha === "string") {
    return { fromSha: typeof startSha === "string" ? startSha : session.startSha, toSha: headSha };
  }
  const why = session.state === "concluded" ? "no work of it was recorded" : "its work is recorded when it has ended";
  throw new UserError(`Session ${session.id} has nothing to show: ${why}.`, { exitCode: 1 });
}

async function readDiff(
  { home, env }: CliContext,
  session: Session,
  { fromSha, toSha }: Pick<SessionWork, "fromSha" | "toSha">,
  maxBytes: number,
): Promise<RecordedDiff> {
  const anchorPath = loadProfile(home, session.profileId, env, backends).runtime.agentRepoRoot;
  const range = `${fromSha.slice(0, 12)}..${toSha.slice(0, 12)}`;
  try {
    const found = await recordedDiff({ anchorPath, fromSha, toSha, maxBytes });
    if (found) return found;
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    throw new UserError(
      `The work of session ${session.id} (${range}) cannot be read from ${anchorPath}: ${error.message}. ` +
        "Old work is given up some time after its item is closed.",
      { exitCode: 1 },
    );
  }
  throw new UserError(
    `The work of session ${session.id} (${range}) lies in ${anchorPath}, which is not on this host. ` +
      "Run this on the host of its daemon.",
    { exitCode: 1 },
  );
}
