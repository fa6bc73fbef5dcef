import type { ResumePolicy } from "../../domain/resumption.ts";
import type { Session } from "../../domain/session.ts";
import type { Instant } from "../../domain/time.ts";

/** Most conversations whose state a profile keeps; each is bounded in size, too. */
export const mostConversations = 50;

/** Pure. Which of the conversations on disk nobody can go on with. One that a session speaks in is never among them. */
export function decideForgotten(
  kept: readonly string[],
  sessions: readonly Session[],
  policy: ResumePolicy,
  now: Instant,
): readonly string[] {
  const lastSeen = (id: string): Instant => {
    const spoken = sessions.filter(({ conversation }) => conversation?.id === id);
    if (spoken.some(({ state }) => state !== "concluded")) return Number.POSITIVE_INFINITY;
    return Math.max(0, ...spoken.map(({ ending, intendedAt }) => ending?.endedAt ?? intendedAt));
  };
  const seen = kept.map((id) => ({ id, at: lastSeen(id) })).sort((a, b) => b.at - a.at);
  const isOld = (at: Instant) => !policy.enabled || now - at > policy.maxAgeMs;
  return seen
    .filter(({ at }, place) => at !== Number.POSITIVE_INFINITY && (isOld(at) || place >= mostConversations))
    .map(({ id }) => id);
}
