import type { FailureReason } from "../../domain/reason.ts";
import type { Ending, Session } from "../../domain/session.ts";

/**
 * Pure. Whether a later session of the same item may go on with the conversation of this one, by what its end says. Who
 * the next one is and what is still on disk are asked when there is a next one.
 */
export function mayGoOn({ state, outcome, lane, ending }: Pick<Session, "state" | "outcome" | "lane" | "ending">) {
  if (state !== "concluded") return true;
  if (outcome === "cancelled" || !(leavesWork(outcome) || lane === "pr-fix")) return false;
  return ending !== null && isConversationId(ending.nativeSessionId) && !endsForGood(ending);
}

/** Pure. Its task is not done with it. */
export const leavesWork = (outcome: string | null): boolean =>
  outcome === "try-again" || outcome === "needs-human" || outcome === "not-started";

/** Reasons after which the same conversation would end the same way, or must not be touched again. */
const finalReasons: ReadonlySet<FailureReason> = new Set<FailureReason>([
  "context-length-exceeded",
  "auth-401",
  "auth-failure",
  "account-banned",
  "model-unavailable",
  "approval-asked",
  "agent-not-found",
  "launch-failed",
  "resume-refused",
  "survivors-after-kill",
]);

/** Pure. Two processes in one state folder break some backends, so what survived its session ends it, too. */
export const endsForGood = ({ failureReason, processes }: Pick<Ending, "failureReason" | "processes">): boolean =>
  (failureReason !== null && finalReasons.has(failureReason)) || processes.survivors > 0;

/** Pure. It goes into a command line, and one backend takes anything else for a name and silently begins a new one. */
export const isConversationId = (id: string | null): id is string =>
  id !== null && /^[A-Za-z0-9][A-Za-z0-9_-]{7,99}$/.test(id);
