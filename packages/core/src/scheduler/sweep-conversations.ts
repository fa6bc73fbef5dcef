import { decideForgotten } from "../decide/resume/decide-forgotten.ts";
import type { Project } from "./project.ts";

/**
 * Removes the state of conversations that nobody can go on with: too old, of sessions that are not known, and the
 * oldest where there are too many. Looks at the disk each time, so that a crash leaves nothing for good.
 */
export async function sweepConversations(project: Project): Promise<void> {
  const { resume, store, profileId, clock, jobs } = project;
  if (!resume) return;
  const kept = await resume.conversations.list();
  if (kept.length === 0) return;
  const sessions = await Promise.all(kept.map((id) => store.sessions.get(id)));
  const subjects = new Set(sessions.flatMap((session) => (session ? [session.subject] : [])));
  const known = await Promise.all([...subjects].map((subject) => store.sessions.list({ profileId, subject })));
  const gone = decideForgotten(kept, known.flat(), resume.policy, clock.now());
  for (const id of gone) jobs.start(`conversation:${id}`, () => resume.conversations.forget(id));
}

/** Of a subject that is done. One that a session still speaks in stays; the next sweep has it when it is old. */
export async function forgetConversations({ resume, store, profileId }: Project, subject: string): Promise<void> {
  if (!resume) return;
  const kept = new Set(await resume.conversations.list());
  if (kept.size === 0) return;
  const sessions = await store.sessions.list({ profileId, subject });
  const open = new Set(sessions.filter(({ state }) => state !== "concluded").map((one) => one.conversation?.id));
  for (const id of new Set(sessions.map(({ conversation }) => conversation?.id))) {
    if (id !== undefined && kept.has(id) && !open.has(id)) await resume.conversations.forget(id);
  }
}
