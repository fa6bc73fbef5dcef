import type { Quota } from "../../domain/provider.ts";
import type { FailureReason } from "../../domain/reason.ts";
import type { Ending, Session } from "../../domain/session.ts";
import type { Instant, Millis } from "../../domain/time.ts";
import { covers } from "./quota-covers.ts";

/** A session that has spoken with its provider for so long without being told of a limit has met none. */
export const probeMs: Millis = 120_000;

export interface Witness extends Pick<Session, "backend" | "model" | "account" | "kind" | "startedAt" | "ending"> {
  /** When its agent last got on with its work, as far as that is known. */
  readonly progressAt: Instant | null;
}

/**
 * Pure. Which limits are over: their time has come, and a session that they cover got on with its work since then, ended
 * since then without meeting a limit, or has run for a while. One that never reached its provider shows nothing.
 */
export function provenOver(quotas: readonly Quota[], sessions: readonly Witness[], now: Instant): readonly Quota[] {
  return quotas.filter(
    (quota) => quota.resetAt <= now && sessions.some((each) => covers(quota, each) && shows(each, quota, now)),
  );
}

/** Whether it is worth asking a running session for its progress. */
export const mayShow = (quotas: readonly Quota[], session: Witness, now: Instant): boolean =>
  session.kind === "agent" && quotas.some((quota) => quota.resetAt <= now && covers(quota, session));

function shows({ kind, startedAt, ending, progressAt }: Witness, { resetAt }: Quota, now: Instant): boolean {
  if (kind !== "agent" || startedAt === null) return false;
  if (ending) return ending.endedAt > resetAt && servedWell(ending);
  if (progressAt !== null && progressAt > resetAt) return true;
  return now - Math.max(startedAt, resetAt) >= probeMs;
}

/** Ends that only come after the provider has answered. */
const served: ReadonlySet<FailureReason> = new Set<FailureReason>([
  "context-length-exceeded",
  "turn-limit",
  "budget-exhausted",
  "missing-result-contract",
]);

const servedWell = ({ exitReason, failureReason }: Ending): boolean =>
  exitReason === "finished" || (failureReason !== null && served.has(failureReason));
