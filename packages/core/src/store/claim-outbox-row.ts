import type { OutboxRow } from "../domain/outbox.ts";
import type { Instant, Millis } from "../domain/time.ts";
import { logOutbox, type OutboxRecord, outboxColumns, outboxRowFrom } from "./outbox-rows.ts";
import { all, must, type Operation, one } from "./statement.ts";

export interface OutboxClaimRequest {
  readonly owner: string;
  readonly claimMs: Millis;
  readonly profileIds: readonly string[];
}

/**
 * The next row of a stream waits until the one before it has its verdict, and a row whose deliverer vanished is given
 * out again when its claim has run out: `sendStartedAt` then says that it may have been applied.
 *
 * A claim counts as a try already, so that a row which crashes its deliverer uses its tries up like any other.
 */
export function* claimOutboxRow(request: OutboxClaimRequest, now: Instant): Operation<OutboxRow | null> {
  yield* failRowsInNeed(request.owner, now);
  const id = yield* firstDue(request.profileIds, now);
  if (id === null) return null;
  const record = yield* must<OutboxRecord>(
    `update outbox set claimed_by = @owner, claimed_until = @until, tries = tries + 1 where id = @id
     returning ${outboxColumns}`,
    { id, owner: request.owner, until: now + request.claimMs },
  );
  return outboxRowFrom(record);
}

/** Round by round, because a row that fails here may itself be needed by another. */
function* failRowsInNeed(actor: string, now: Instant): Operation<void> {
  for (;;) {
    const failed = yield* all<OutboxRecord>(
      `update outbox set state = 'failed', last_error = 'needed-write-failed', claimed_by = null, claimed_until = null
        where state = 'pending' and needs_id is not null
          and exists (select 1 from outbox needed
                       where needed.id = outbox.needs_id and needed.state in ('failed', 'dropped'))
       returning ${outboxColumns}`,
      {},
    );
    for (const record of failed) {
      const body = { id: record.id, error: "needed-write-failed" };
      yield* logOutbox(outboxRowFrom(record), "outbox.failed", actor, now, body);
    }
    if (failed.length === 0) return;
  }
}

function* firstDue(profileIds: readonly string[], now: Instant): Operation<number | null> {
  let first: number | null = null;
  for (const profileId of profileIds) {
    const due = yield* one<{ readonly id: number }>(
      `select o.id from outbox o
        where o.state = 'pending' and o.profile_id = @profileId and o.next_at <= @now
          and (o.claimed_until is null or o.claimed_until <= @now)
          and not exists (select 1 from outbox earlier
                           where earlier.state = 'pending' and earlier.stream = o.stream and earlier.id < o.id)
          and (o.needs_id is null
               or exists (select 1 from outbox needed where needed.id = o.needs_id and needed.state = 'sent'))
        order by o.id limit 1`,
      { profileId, now },
    );
    if (due && (first === null || due.id < first)) first = due.id;
  }
  return first;
}
