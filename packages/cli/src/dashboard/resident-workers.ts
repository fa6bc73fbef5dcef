import { type Instant, type LastSpeaker, mayGoOn } from "@agent-control-plane/core";
import type { ResidentWorker } from "@agent-control-plane/dashboard";
import type { ProfileFacts } from "../runtime/profile-facts.ts";
import type { ProfileRows } from "../runtime/status-in-store.ts";

/** So many of a profile's newest sessions are looked through for the last one of each item. */
export const mostLooked = 200;
const mostShown = 50;

/**
 * Pure. Conversations that the next session of their item may go on with. An item that is neither a candidate nor has a
 * task is settled, and its conversation is forgotten with it.
 */
export function residentWorkers(
  speakers: readonly LastSpeaker[],
  { decisions, tasks }: Pick<ProfileRows, "decisions" | "tasks">,
  { resumeMs }: Pick<ProfileFacts, "resumeMs">,
  now: Instant,
): readonly ResidentWorker[] {
  const open = new Set([...decisions, ...tasks].map(({ subject }) => subject));
  return speakers
    .filter((speaker) => open.has(speaker.subject) && mayGoOn(speaker))
    .map((speaker) => residentWorker(speaker, resumeMs))
    .filter(({ keptUntil }) => keptUntil === null || keptUntil > now)
    .slice(0, mostShown);
}

function residentWorker(last: LastSpeaker, resumeMs: number | null): ResidentWorker {
  const { conversationId, id, subject, lane, backend, model, sessions, state, ending } = last;
  const atWork = state === "intended" || state === "running";
  const endedAt = ending?.endedAt ?? last.endedAt;
  return {
    ...{ id: conversationId, subject, lane, backend, model, sessions, lastSession: id, atWork },
    lastAt: endedAt ?? last.startedAt ?? last.intendedAt,
    keptUntil: state !== "concluded" || endedAt === null || resumeMs === null ? null : endedAt + resumeMs,
  };
}
