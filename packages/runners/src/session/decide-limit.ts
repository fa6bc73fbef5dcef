import type { ExitReason, FailureReason, Instant, SessionLimits } from "@agent-control-plane/core";

/** Pure. Which limit of a session is used up now; null when none is. */
export function decideLimit(seen: {
  readonly now: Instant;
  readonly startedAt: Instant;
  /** First sign of life; null while there was none. */
  readonly firstSignAt: Instant | null;
  /** Last sign of progress: an event, processor use, a change in the worktree. */
  readonly lastProgressAt: Instant;
  /** When each tool call began that has not ended yet. */
  readonly liveTools?: readonly Instant[];
  /** Set while its provider refuses and nothing else happens. */
  readonly waiting?: ProviderWait | null;
  readonly limits: SessionLimits;
}): LimitReached | null {
  const { now, startedAt, limits } = seen;
  if (now - startedAt >= limits.wallClockMs) return { exitReason: "timed-out", failureReason: "timeout" };
  if (seen.firstSignAt === null) {
    if (now - startedAt < limits.startupMs) return null;
    return { exitReason: "stalled", failureReason: "no-agent-output-before-stall-threshold" };
  }
  if (seen.waiting && isOverlong(seen.waiting, now, limits)) {
    return { exitReason: "failed", failureReason: seen.waiting.reason };
  }
  // A tool may be silent for as long as it may take; only after that does its silence count.
  const newestTool = (seen.liveTools ?? []).reduce(
    (newest, since) => Math.max(newest, since),
    Number.NEGATIVE_INFINITY,
  );
  if (now - Math.max(seen.lastProgressAt, newestTool + (limits.toolMs ?? 0)) < limits.stallMs) return null;
  return { exitReason: "stalled", failureReason: "no-agent-progress-before-stall-threshold" };
}

export interface LimitReached {
  readonly exitReason: ExitReason;
  readonly failureReason: FailureReason;
}

export interface ProviderWait {
  /** Of the first refusal after the last event of the work. */
  readonly since: Instant;
  readonly reason: FailureReason;
  /** When it will try again, as far as the provider named a time. */
  readonly until: Instant | null;
}

/** Longest that a session keeps its place while its provider refuses: our own backoff costs no place and no attempt. */
const patienceMs = 60_000;

/** What else goes on beside the refused request, another agent's call or a tool, shows in this time. */
const settlingMs = 5_000;

function isOverlong({ since, until }: ProviderWait, now: Instant, { stallMs }: SessionLimits): boolean {
  const isNamed = until !== null && until - since > patienceMs;
  return now - since >= (isNamed ? settlingMs : Math.min(patienceMs, stallMs));
}
