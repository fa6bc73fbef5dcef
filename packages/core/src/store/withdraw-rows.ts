import { type NewOutboxRow, publishingKinds, withdrawnError } from "../domain/outbox.ts";
import type { Instant } from "../domain/time.ts";
import { logOutbox, type OutboxRecord, outboxColumns, outboxRowFrom, saveOutboxRows } from "./outbox-rows.ts";
import { all, type Operation, one } from "./statement.ts";
import type { Lost, Withdrawal } from "./store.ts";

/**
 * What is only claimed can still be stopped: its deliverer is told `lost` before it sends. What began to be sent may be
 * on the forge already and keeps its way; what needs it is stopped all the same. What was held back before can be
 * dropped.
 */
export function* withdrawRows(
  taskId: number,
  actor: string,
  why: Withdrawal,
  rows: readonly NewOutboxRow[],
  now: Instant,
): Operation<number> {
  const { reason, state } = why;
  const records = yield* all<OutboxRecord>(
    `with recursive unwanted (id) as (
        select id from outbox
          where task_id = @taskId and state = 'pending' and kind in (select value from json_each(@kinds))
        union
        select o.id from outbox o join unwanted u on o.needs_id = u.id
          where o.state = 'pending' and o.needs_id is not null
      )
      update outbox set state = @state, last_error = @error, claimed_by = null, claimed_until = null
        where id in (select id from unwanted) and send_started_at is null
      returning ${outboxColumns}`,
    {
      taskId,
      kinds: JSON.stringify(publishingKinds),
      state,
      error: state === "failed" ? withdrawnError(reason) : reason,
    },
  );
  const heldBack = state === "dropped" ? yield* dropHeldBack(taskId, reason) : [];
  const taken = [...records, ...heldBack].map(outboxRowFrom).sort((one, other) => one.id - other.id);
  for (const row of taken) {
    if (state === "dropped") yield* logOutbox(row, "outbox.dropped", actor, now, { id: row.id, reason });
    else yield* logOutbox(row, "outbox.failed", actor, now, { id: row.id, error: row.lastError });
  }
  if (taken.length > 0) yield* saveOutboxRows(rows, { actor, taskId, term: null }, now);
  return taken.length;
}

/** Of what was held back nothing is sent any more. */
const dropHeldBack = (taskId: number, reason: string): Operation<readonly OutboxRecord[]> =>
  all<OutboxRecord>(
    `update outbox set state = 'dropped', last_error = @reason
       where task_id = @taskId and state = 'failed' and last_error like 'withdrawn: %'
     returning ${outboxColumns}`,
    { taskId, reason },
  );

/** What was held back goes on where it stood. */
export function* restoreRows(taskId: number, actor: string, now: Instant): Operation<number> {
  const records = yield* all<OutboxRecord>(
    `update outbox set state = 'pending', tries = 0, next_at = @now, is_put_off = 0, last_error = null
       where task_id = @taskId and state = 'failed' and last_error like 'withdrawn: %'
     returning ${outboxColumns}`,
    { taskId, now },
  );
  const restored = records.map(outboxRowFrom).sort((one, other) => one.id - other.id);
  for (const row of restored) yield* logOutbox(row, "outbox.requeued", actor, now, { id: row.id });
  return restored.length;
}

/** As above, of one row that belongs to no task, and for good. */
export function* takeBackRow(id: number, actor: string, reason: string, now: Instant): Operation<"applied" | Lost> {
  const record = yield* one<OutboxRecord>(
    `update outbox set state = 'dropped', last_error = @error, claimed_by = null, claimed_until = null
       where id = @id and state = 'pending' and send_started_at is null
     returning ${outboxColumns}`,
    { id, error: withdrawnError(reason) },
  );
  if (!record) return "lost";
  yield* logOutbox(outboxRowFrom(record), "outbox.dropped", actor, now, { id, reason: withdrawnError(reason) });
  return "applied";
}
