import type { OutboxRow } from "../domain/outbox.ts";
import type { Instant, Millis } from "../domain/time.ts";
import { type OutboxRecord, outboxColumns, outboxRowFrom } from "./outbox-rows.ts";
import { failRow } from "./outbox-verdicts.ts";
import { staleTermError } from "./stale-term.ts";
import { must, type Operation, one } from "./statement.ts";

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
  readonly nextAt: Instant;
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

/** Only the first pending row of each stream is looked at (index outbox_heads), those that are due first. */
function* firstDue(profileIds: readonly string[], now: Instant): Operation<Due | null> {
  let first: Due | null = null;
  for (const profileId of profileIds) {
    const due = yield* one<Due>(
      `select o.id, o.next_at as "nextAt", needed.state as "neededState"
         from outbox o left join outbox needed on needed.id = o.needs_id
        where o.state = 'pending' and o.is_head = 1 and o.profile_id = @profileId and o.next_at <= @now
          and (o.claimed_until is null or o.claimed_until <= @now)
          and (needed.state is null or needed.state <> 'pending')
        order by o.next_at, o.id limit 1`,
      { profileId, now },
    );
    if (due && (first === null || isBefore(due, first))) first = due;
  }
  return first;
}

const isBefore = (one: Due, other: Due): boolean =>
  one.nextAt < other.nextAt || (one.nextAt === other.nextAt && one.id < other.id);
