import type { Json } from "../domain/json.ts";
import type { OutboxRow } from "../domain/outbox.ts";
import type { Instant } from "../domain/time.ts";
import { logOutbox, type OutboxRecord, outboxColumns, outboxRowFrom, readOutboxRow } from "./outbox-rows.ts";
import { count, must, type Operation, one, type Params } from "./statement.ts";
import type { Lost } from "./store.ts";

const heldGuard = "id = @id and state = 'pending' and claimed_by = @owner";

/** Only under a claim that still runs: after it another deliverer may be at this row. */
export function* markSendStarted(id: number, owner: string, now: Instant): Operation<"applied" | Lost> {
  const changed = yield* count(`update outbox set send_started_at = @now where ${heldGuard} and claimed_until > @now`, {
    id,
    owner,
    now,
  });
  return changed === 1 ? "applied" : "lost";
}

export function* markSent(id: number, owner: string, result: Json, now: Instant): Operation<"applied" | Lost> {
  const row = yield* verdict(
    `update outbox set state = 'sent', result = @result, sent_at = @now, last_error = null, claimed_by = null,
        claimed_until = null
      where ${heldGuard} returning ${outboxColumns}`,
    { id, owner, result: JSON.stringify(result), now },
  );
  if (!row) return "lost";
  yield* logOutbox(row, "outbox.sent", owner, now, { id, kind: row.kind, tries: row.tries, result });
  return "applied";
}

export function* putOff(
  id: number,
  owner: string,
  error: string,
  nextAt: Instant,
  maybeApplied: boolean,
  now: Instant,
): Operation<"applied" | Lost> {
  const row = yield* verdict(
    `update outbox set last_error = @error, next_at = @nextAt, claimed_by = null, claimed_until = null,
        send_started_at = case when @maybeApplied = 1 then send_started_at end
      where ${heldGuard} returning ${outboxColumns}`,
    { id, owner, error, nextAt, maybeApplied: maybeApplied ? 1 : 0 },
  );
  if (!row) return "lost";
  yield* logOutbox(row, "outbox.retry", owner, now, {
    id,
    kind: row.kind,
    tries: row.tries,
    error,
    nextAt,
    maybeApplied,
  });
  return "applied";
}

/** `sendStartedAt` stays: should a person have it tried again, the forge is read first, which is always safe. */
export function* markFailed(id: number, owner: string, error: string, now: Instant): Operation<"applied" | Lost> {
  const row = yield* verdict(
    `update outbox set state = 'failed', last_error = @error, claimed_by = null, claimed_until = null
      where ${heldGuard} returning ${outboxColumns}`,
    { id, owner, error },
  );
  if (!row) return "lost";
  yield* logOutbox(row, "outbox.failed", owner, now, { id, kind: row.kind, tries: row.tries, error });
  return "applied";
}

/** A claim that runs is left to its deliverer. `null` when there is no such row; sent and dropped rows stay so. */
export function* retryNow(id: number, actor: string, now: Instant): Operation<OutboxRow | null> {
  const row = yield* readOutboxRow(id);
  if (row?.state !== "failed" && row?.state !== "pending") return row;
  const record = yield* must<OutboxRecord>(
    `update outbox set state = 'pending', tries = 0, next_at = @now where id = @id returning ${outboxColumns}`,
    { id, now },
  );
  const retried = outboxRowFrom(record);
  yield* logOutbox(retried, "outbox.requeued", actor, now, { id });
  return retried;
}

export function* dropRow(id: number, actor: string, reason: string, now: Instant): Operation<OutboxRow | null> {
  const row = yield* readOutboxRow(id);
  if (row?.state !== "failed" && row?.state !== "pending") return row;
  const record = yield* must<OutboxRecord>(
    `update outbox set state = 'dropped', last_error = @reason, claimed_by = null, claimed_until = null
      where id = @id returning ${outboxColumns}`,
    { id, reason },
  );
  const dropped = outboxRowFrom(record);
  yield* logOutbox(dropped, "outbox.dropped", actor, now, { id, reason });
  return dropped;
}

function* verdict(sql: string, params: Params): Operation<OutboxRow | null> {
  const record = yield* one<OutboxRecord>(sql, params);
  return record ? outboxRowFrom(record) : null;
}
