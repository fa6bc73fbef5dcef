import { type NewOutboxRow, publishingKinds } from "../domain/outbox.ts";
import type { Instant } from "../domain/time.ts";
import { logOutbox, type OutboxRecord, outboxColumns, outboxRowFrom, saveOutboxRows } from "./outbox-rows.ts";
import { all, type Operation } from "./statement.ts";

/** What a task wanted to publish and the forge refused is sent again, in its old order. */
export function* resendRows(
  taskId: number,
  actor: string,
  rows: readonly NewOutboxRow[],
  now: Instant,
): Operation<number> {
  const records = yield* all<OutboxRecord>(
    `with recursive again (id) as (
        select id from outbox
          where task_id = @taskId and state = 'failed' and kind in (select value from json_each(@kinds))
            and (last_error is null or last_error not like 'withdrawn: %')
        union
        select o.id from outbox o join again a on o.needs_id = a.id
          where o.state = 'failed' and o.last_error = 'needed-write-failed'
      )
      update outbox set state = 'pending', tries = 0, next_at = @now, last_error = null
        where id in (select id from again)
      returning ${outboxColumns}`,
    { taskId, kinds: JSON.stringify(publishingKinds), now },
  );
  const again = records.map(outboxRowFrom).sort((one, other) => one.id - other.id);
  for (const row of again) yield* logOutbox(row, "outbox.requeued", actor, now, { id: row.id });
  if (again.length > 0) yield* saveOutboxRows(rows, { actor, taskId, term: null }, now);
  return again.length;
}
