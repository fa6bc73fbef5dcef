import type { Json } from "../domain/json.ts";
import { isWithdrawn, type OutboxRow } from "../domain/outbox.ts";
import type { Instant } from "../domain/time.ts";
import { logOutbox, type OutboxRecord, outboxColumns, outboxRowFrom, readOutboxRow } from "./outbox-rows.ts";
import { staleTermErrorOfUnsent } from "./stale-term.ts";
import { all, count, must, type Operation, one, type Params } from "./statement.ts";
import type { Lost } from "./store.ts";

const heldGuard = "id = @id and state = 'pending' and claimed_by = @owner";

/**
 * Only under a claim that still runs: after it another deliverer may be at this row. `refused`: it became stale since it
 * was claimed, or was found unsent after all, and is failed now.
 */
export function* markSendStarted(id: number, owner: string, now: Instant): Operation<"applied" | "refused" | Lost> {
  const held = yield* one(`select 1 from outbox where ${heldGuard} and claimed_until > @now`, { id, owner, now });
  if (!held) return "lost";
  const error = yield* staleTermErrorOfUnsent(id);
  if (error !== null) {
    yield* failRow(id, error, owner, now);
    return "refused";
  }
  yield* count(`update outbox set send_started_at = @now where id = @id`, { id, now });
  return "applied";
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
    `update outbox set last_error = @error, next_at = @nextAt, is_put_off = 1, claimed_by = null,
        claimed_until = null,
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

/** While it may have been applied `sendStartedAt` stays: should a person have it tried again, the forge is read first. */
export function* markFailed(
  id: number,
  owner: string,
  error: string,
  maybeApplied: boolean,
  now: Instant,
): Operation<"applied" | Lost> {
  const held = yield* one(`select 1 from outbox where ${heldGuard}`, { id, owner });
  if (!held) return "lost";
  if (!maybeApplied) yield* count(`update outbox set send_started_at = null where id = @id`, { id });
  yield* failRow(id, error, owner, now);
  return "applied";
}

export function* failRow(id: number, error: string, actor: string, now: Instant): Operation<void> {
  const record = yield* must<OutboxRecord>(
    `update outbox set state = 'failed', last_error = @error, claimed_by = null, claimed_until = null
      where id = @id and state = 'pending' returning ${outboxColumns}`,
    { id, error },
  );
  const row = outboxRowFrom(record);
  yield* logOutbox(row, "outbox.failed", actor, now, { id, kind: row.kind, tries: row.tries, error });
}

/** It had to wait for its turn, and nothing of it was sent: no try, and no news for the log. */
export function* waitFor(
  id: number,
  owner: string,
  why: string,
  nextAt: Instant,
  maybeApplied: boolean,
): Operation<"applied" | Lost> {
  const changed = yield* count(
    `update outbox set last_error = @why, next_at = @nextAt, is_put_off = 1, claimed_by = null,
        claimed_until = null,
        tries = max(tries - 1, 0), send_started_at = case when @maybeApplied = 1 then send_started_at end
      where ${heldGuard}`,
    { id, owner, why, nextAt, maybeApplied: maybeApplied ? 1 : 0 },
  );
  return changed === 1 ? "applied" : "lost";
}

/**
 * A claim that runs is left to its deliverer. What failed only because it needs this row goes on with it. `null` when
 * there is no such row; sent and dropped rows stay so, and so does what is held back: only what holds it lets it go.
 */
export function* retryNow(id: number, actor: string, now: Instant): Operation<OutboxRow | null> {
  const row = yield* readOutboxRow(id);
  if (row?.state !== "failed" && row?.state !== "pending") return row;
  if (isWithdrawn(row)) return row;
  const record = yield* must<OutboxRecord>(
    `update outbox set state = 'pending', tries = 0, next_at = @now, is_put_off = 0 where id = @id returning ${outboxColumns}`,
    { id, now },
  );
  const retried = outboxRowFrom(record);
  yield* logOutbox(retried, "outbox.requeued", actor, now, { id });
  yield* retryInNeed(id, actor, now);
  return retried;
}

function* retryInNeed(id: number, actor: string, now: Instant): Operation<void> {
  const records = yield* all<OutboxRecord>(
    `with recursive in_need (id) as (
        select id from outbox where needs_id = @id and state = 'failed' and last_error = 'needed-write-failed'
        union
        select o.id from outbox o join in_need n on o.needs_id = n.id
          where o.state = 'failed' and o.last_error = 'needed-write-failed'
      )
      update outbox set state = 'pending', tries = 0, next_at = @now, is_put_off = 0, last_error = null
        where id in (select id from in_need) returning ${outboxColumns}`,
    { id, now },
  );
  const freed = records.map(outboxRowFrom).sort((one, other) => one.id - other.id);
  for (const row of freed) yield* logOutbox(row, "outbox.requeued", actor, now, { id: row.id, with: id });
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
