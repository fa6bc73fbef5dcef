import type { Session, Store } from "@agent-control-plane/core";
import type { ItemSession, SessionDocument } from "@agent-control-plane/dashboard";
import { readLogSlice, type SessionLog } from "@agent-control-plane/runners";
import { shownSession } from "./shown.ts";

/** A title of a forge is no longer. */
const mostTitle = 300;

/** One session, of whatever age; null: there is none. */
export async function sessionDocument(store: Store, id: string): Promise<SessionDocument | null> {
  const session = await store.sessions.get(id);
  if (!session) return null;
  const [told] = await store.tasks.titles([session.taskId]);
  return {
    ...itemSession(session),
    profileId: session.profileId,
    title: told?.title.slice(0, mostTitle) ?? null,
    logs: { events: bytesOf(session, "events"), output: bytesOf(session, "output") },
  };
}

/** Pure. A session with what was found of its work. */
export const itemSession = (session: Session): ItemSession => ({
  ...shownSession(session),
  ...{ evidence: session.evidence, branch: session.branch, hasDiff: hasRecordedWork(session) },
  resumes: session.resumes && { sessionId: session.resumes.sessionId, rung: session.resumes.rung },
});

const hasRecordedWork = ({ kind, evidence }: Session): boolean =>
  kind === "agent" && typeof (evidence as { readonly headSha?: unknown } | null)?.headSha === "string";

const bytesOf = (session: Session, log: SessionLog): number | null =>
  readLogSlice(session, log, { start: 0, length: 0 })?.size ?? null;
