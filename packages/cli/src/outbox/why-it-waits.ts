import {
  type Instant,
  isAwaiting,
  isWithdrawn,
  type OutboxRow,
  type OutboxStanding,
  type PaceWait,
} from "@agent-control-plane/core";

/**
 * `claimed`: a deliverer is at it. `needs`, `behind`: another row comes first (`rowId`). `later`: it failed and is tried
 * again. `pace`: as many writes as may be were sent. `limit`: the forge asked for a pause. `due`: for nothing but the
 * next look at the outbox, by a daemon or `acp outbox flush`. Of one that is held back (its state is `failed`): for a
 * person's `approval`, or for the end of what holds it.
 */
export interface Waits {
  readonly why: "claimed" | "needs" | "behind" | "pace" | "later" | "limit" | "due" | "approval" | "held-back";
  /** Null: nobody knows. */
  readonly until: Instant | null;
  readonly rowId: number | null;
}

/** The first thing that keeps a row from being sent; null for one that has its verdict. */
export function whyItWaits(
  row: OutboxRow,
  around: { readonly now: Instant; readonly standing: OutboxStanding | undefined; readonly pace: PaceWait | undefined },
): Waits | null {
  const { now, standing, pace } = around;
  if (isWithdrawn(row)) return { why: isAwaiting(row) ? "approval" : "held-back", until: null, rowId: null };
  if (row.state !== "pending") return null;
  if (row.claimedUntil !== null && row.claimedUntil > now)
    return { why: "claimed", until: row.claimedUntil, rowId: null };
  if (row.needsId !== null && standing?.neededState === "pending")
    return { why: "needs", until: null, rowId: row.needsId };
  if (standing && standing.behindId !== null) return { why: "behind", until: null, rowId: standing.behindId };
  const paused = pace && pace.until > Math.max(now, row.nextAt) ? pace : null;
  if (paused) return { why: paused.why === "cooldown" ? "limit" : "pace", until: paused.until, rowId: null };
  if (row.nextAt > now) {
    return { why: row.lastError?.startsWith("pace: ") ? "pace" : "later", until: row.nextAt, rowId: null };
  }
  return { why: "due", until: null, rowId: null };
}

export function waitsInWords({ why, until, rowId }: Waits): string {
  const end = until === null ? "" : ` until ${new Date(until).toISOString()}`;
  return rowId === null ? `${why}${end}` : `${why} ${rowId}`;
}

/** Of a profile whose writes all pause. */
export const pauseInWords = ({ why, until }: Pick<PaceWait, "why" | "until">): string =>
  `writes wait for the ${why === "cooldown" ? "forge, which asked for a pause," : `pace of ${why === "hour" ? "an hour" : "a minute"}`} until ${new Date(until).toISOString()}`;
