import { type Store, UserError } from "@agent-control-plane/core";
import type { SessionDiff } from "@agent-control-plane/dashboard";
import type { CliContext } from "../context.ts";
import { readSessionWork, workingSession } from "../sessions/read-session-work.ts";

/** A page is no place for more; `acp sessions diff` has the rest. */
const maxBytes = 1024 * 1024;

/** What the work of a session changes; null: there is no such session, or its work is not there. */
export async function sessionDiff(context: CliContext, store: Store, id: string): Promise<SessionDiff | null> {
  const session = await workingSession(store, id);
  if (!session) return null;
  try {
    const { files, patch, truncated } = await readSessionWork(context, session, maxBytes);
    return { files: files.map(({ path, status }) => ({ path, status })), patch, truncated };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return null;
  }
}
