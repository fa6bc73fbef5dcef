import type { NewOutboxRow, OutboxKind } from "../domain/outbox.ts";
import type { Instant } from "../domain/time.ts";
import { logOutbox, type OutboxRecord, outboxColumns, outboxRowFrom, saveOutboxRows } from "./outbox-rows.ts";
import { all, type Operation } from "./statement.ts";

const publishing: readonly OutboxKind[] = ["push-branch", "open-pull-request"];

/**
 * What is only claimed can still be stopped: its deliverer is told `lost` before it sends. What began to be sent may be
 * on the forge already and keeps its way; what needs it is stopped all the same.
 */
export function* withdrawRows(
  taskId: number,
  actor: string,
  reason: string,
  rows: readonly NewOutboxRow[],
  now: Instant,
): Operation<number> {
  const records = yield* all<OutboxRecord>(
    `with recursive unwanted (id) as (
        select id from outbox
          where task_id = @taskId and state = 'pending' and kind in (select value from json_each(@kinds))
        union
        select o.id from outbox o join unwanted u on o.needs_id = u.id
          where o.state = 'pending' and o.needs_id is not null
      )
      update outbox set state = 'dropped', last_error = @reason, claimed_by = null, claimed_until = null
        where id in (select id from unwanted) and send_started_at is null
      returning ${outboxColumns}`,
    { taskId, kinds: JSON.stringify(publishing), reason },
  );
  const dropped = records.map(outboxRowFrom).sort((one, other) => one.id - other.id);
  for (const row of dropped) yield* logOutbox(row, "outbox.dropped", actor, now, { id: row.id, reason });
  if (dropped.length > 0) yield* saveOutboxRows(rows, { actor, taskId }, now);
  return dropped.length;
}
