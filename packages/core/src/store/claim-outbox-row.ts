import type { OutboxRow } from "../domain/outbox.ts";
import type { Instant, Millis } from "../domain/time.ts";
import { type OutboxRecord, outboxColumns, outboxRowFrom } from "./outbox-rows.ts";
import { failRow } from "./outbox-verdicts.ts";
import { staleTermError } from "./stale-term.ts";
import { count, must, type Operation, one } from "./statement.ts";

export interface OutboxClaimRequest {
  readonly owner: string;
  readonly claimMs: Millis;
  readonly profileIds: readonly string[];
}

/**
 * The next row of a stream waits until the one before it has its verdict, and a row whose deliverer vanished is given
 * out again when its claim has run out: `sendStartedAt` then says that it may have been applied.
 *
 * A claim counts as a try already, so that a row which crashes its deliverer uses its tries up like any other. What can
 * never be sent (a needed row failed, a stale term) is failed here, when its turn has come: until then a person may
 * still have the needed row tried again.
 */
export function* claimOutboxRow(request: OutboxClaimRequest, now: Instant): Operation<OutboxRow | null> {
  yield* promoteDue(now);
  for (;;) {
    const due = yield* firstDue(request.profileIds, now);
    if (due === null) return null;
    const error = yield* errorOf(due);
    if (error === null) return yield* claimed(due.id, request, now);
    yield* failRow(due.id, error, request.owner, now);
  }
}

interface Due {
  readonly id: number;
  /** Never pending: such a row waits. */
  readonly neededState: OutboxRow["state"] | null;
}

function* claimed(id: number, { owner, claimMs }: OutboxClaimRequest, now: Instant): Operation<OutboxRow> {
  const record = yield* must<OutboxRecord>(
    `update outbox set claimed_by = @owner, claimed_until = @until, tries = tries + 1 where id = @id
     returning ${outboxColumns}`,
    { id, owner, until: now + claimMs },
  );
  return outboxRowFrom(record);
}

function* errorOf({ id, neededState }: Due): Operation<string | null> {
  if (neededState !== null && neededState !== "sent") return "needed-write-failed";
  return yield* staleTermError(id);
}

/**
 * No wait is as long as this: the longest is a day, which a forge may ask for, and claims last minutes. A time further
 * ahead was written while the clock stood far ahead, and would block its stream for as long.
 */
const neverAheadMs: Millis = 25 * 3_600_000;

/** How many rows one claim puts back among those that are due; bounds its cost when very many come due at once. */
const promotedPerClaim = 256;

function* promoteDue(now: Instant): Operation<void> {
  // Each a range of the index outbox_put_off.
  for (const [isDue, at] of [
    ["next_at <= @at", now],
    ["next_at > @at", now + neverAheadMs],
  ] as const) {
    yield* count(
      `update outbox set is_put_off = 0 where id in
         (select id from outbox where state = 'pending' and is_head = 1 and is_put_off = 1 and ${isDue}
           order by next_at limit ${promotedPerClaim})`,
      { at },
    );
  }
}

/** Only the first pending row of each stream is looked at, and of those only what is not put off (index outbox_due). */
function* firstDue(profileIds: readonly string[], now: Instant): Operation<Due | null> {
  let first: Due | null = null;
  for (const profileId of profileIds) {
    const due = yield* one<Due>(
      `select o.id, needed.state as "neededState" from outbox o left join outbox needed on needed.id = o.needs_id
        where o.state = 'pending' and o.is_head = 1 and o.is_put_off = 0 and o.profile_id = @profileId
          and (o.next_at <= @now or o.next_at > @far)
          and (o.claimed_until is null or o.claimed_until <= @now or o.claimed_until > @far)
          and (needed.state is null or needed.state <> 'pending')
        order by o.id limit 1`,
      { profileId, now, far: now + neverAheadMs },
    );
    if (due && (first === null || due.id < first.id)) first = due;
  }
  return first;
}
