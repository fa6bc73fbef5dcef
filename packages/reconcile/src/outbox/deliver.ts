import {
  type Clock,
  type Deliverer,
  type Instant,
  isPublishing,
  type Json,
  type Log,
  type Millis,
  type OutboxKind,
  type OutboxRow,
  type OutboxStore,
} from "@agent-control-plane/core";
import { decideDelivery } from "./decide-delivery.ts";

/**
 * Delivers outbox rows: at least once sent, exactly once visible.
 *
 *     claim -> [settle, when an earlier try may have been applied] -> sendStarts -> deliver -> sent
 *
 * A crash at any arrow leaves a row whose claim expires. Before `sendStarts` nothing was sent; after it the next try
 * settles by reading. Publishing that is found not to be there has not begun any more: it is sent by a later claim, so
 * that it can be taken back before. The honest weakness: a forge that still works on a request it seemed to have dropped. So an
 * open send is not settled before `settleAfterMs`, which is longer than a forge works on one request.
 */
export interface Delivery {
  readonly outbox: OutboxStore;
  /** Those of the one repository whose profile is delivered. */
  readonly deliverers: Readonly<Record<OutboxKind, Deliverer>>;
  readonly owner: string;
  readonly profileIds: readonly string[];
  readonly clock: Clock;
  /** How long a row is ours; longer than its requests with their time-outs may take. */
  readonly claimMs: Millis;
  /** Default 10 s. */
  readonly settleAfterMs?: Millis;
  /** How long publishing that turned out not to be there can be taken back before it is sent again; default 5 s. */
  readonly withdrawableMs?: Millis;
  /** Asked before each row: while writes pause, none is claimed. */
  readonly writesPaused?: () => Promise<{ readonly until: Instant } | null>;
  readonly log?: Log;
}

/** `lost`: another runtime took the row over. `waits`: for the pace of writes, or for a pause the forge asked for. */
export type Delivered = "idle" | "sent" | "retry" | "failed" | "lost" | "waits";

/** One row. Errors of the forge become verdicts in the store; only errors of the store itself are thrown. */
export async function deliverNext(delivery: Delivery): Promise<Delivered> {
  const { outbox, owner, claimMs, profileIds } = delivery;
  if (delivery.writesPaused && (await delivery.writesPaused()) !== null) return "waits";
  const row = await outbox.claim({ owner, claimMs, profileIds });
  if (row === null) return "idle";
  const needed = row.needsId === null ? null : ((await outbox.get(row.needsId))?.result ?? null);
  if (row.sendStartedAt !== null) {
    const settled = await settleFirst(delivery, row, row.sendStartedAt, needed);
    if (settled !== "not-there") return settled;
  }
  const started = await outbox.sendStarts(row.id, owner);
  if (started !== "applied") return started === "refused" ? "failed" : "lost";
  let result: Json;
  try {
    result = await delivery.deliverers[row.kind].deliver(row, needed);
  } catch (error) {
    return recordError(delivery, row, error, "sending");
  }
  return recordSent(delivery, row, result);
}

/** Row after row until nothing is due or `signal` stops it. Answers how many were sent, put off and failed. */
export async function deliverAll(
  delivery: Delivery,
  signal?: AbortSignal,
): Promise<{ readonly sent: number; readonly retry: number; readonly failed: number }> {
  const counts = { idle: 0, sent: 0, retry: 0, failed: 0, lost: 0, waits: 0 };
  while (!signal?.aborted) {
    const delivered = await deliverNext(delivery);
    if (delivered === "idle" || delivered === "waits") break;
    counts[delivered] += 1;
  }
  return { sent: counts.sent, retry: counts.retry, failed: counts.failed };
}

async function settleFirst(
  delivery: Delivery,
  row: OutboxRow,
  sendStartedAt: number,
  needed: Json,
): Promise<Delivered | "not-there"> {
  const settleAt = sendStartedAt + (delivery.settleAfterMs ?? 10_000);
  if (delivery.clock.now() < settleAt) {
    const why = "an earlier try may still be under way; the forge is read before anything is sent again";
    const written = await delivery.outbox.retryLater(row.id, delivery.owner, row.lastError ?? why, settleAt, true);
    return written === "lost" ? "lost" : "retry";
  }
  let found: Json;
  try {
    found = await delivery.deliverers[row.kind].settle(row, needed);
  } catch (error) {
    return recordError(delivery, row, error, "settling");
  }
  if (found !== null) return recordSent(delivery, row, found);
  return isPublishing(row.kind) ? notBegun(delivery, row) : "not-there";
}

/** It is not on the forge, so a person's act may stop it again: it is sent by a later claim, after that had its turn. */
async function notBegun(
  { outbox, owner, clock, withdrawableMs = 5_000 }: Delivery,
  row: OutboxRow,
): Promise<Delivered> {
  const why = "an earlier try was not applied; it is sent again unless something speaks against it now";
  const written = await outbox.waits(row.id, owner, why, clock.now() + withdrawableMs, false);
  return written === "lost" ? "lost" : "retry";
}

async function recordSent(delivery: Delivery, row: OutboxRow, result: Json): Promise<Delivered> {
  return (await delivery.outbox.sent(row.id, delivery.owner, result)) === "lost" ? "lost" : "sent";
}

async function recordError(
  { outbox, owner, clock, log }: Delivery,
  row: OutboxRow,
  error: unknown,
  phase: "settling" | "sending",
): Promise<Delivered> {
  const decision = decideDelivery({ error, phase, tries: row.tries, now: clock.now() });
  const { id, kind, stream } = row;
  if (decision.kind === "wait") {
    const { why, nextAt, maybeApplied } = decision;
    return (await outbox.waits(id, owner, why, nextAt, maybeApplied)) === "lost" ? "lost" : "waits";
  }
  log?.warn("outbox row not delivered", { id, kind, stream, phase, next: decision.kind, error: decision.error });
  if (decision.kind === "fail") {
    return (await outbox.failed(row.id, owner, decision.error, decision.maybeApplied || !isPublishing(kind))) === "lost"
      ? "lost"
      : "failed";
  }
  const { nextAt, maybeApplied } = decision;
  return (await outbox.retryLater(row.id, owner, decision.error, nextAt, maybeApplied)) === "lost" ? "lost" : "retry";
}
