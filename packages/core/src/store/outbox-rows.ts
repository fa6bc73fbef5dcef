import type { Json } from "../domain/json.ts";
import { type NewOutboxRow, type OutboxRow, withdrawnError } from "../domain/outbox.ts";
import type { Instant } from "../domain/time.ts";
import { logEvent } from "./events.ts";
import { isLabelRow, overtakeLabels } from "./overtake-labels.ts";
import { must, type Operation, one } from "./statement.ts";

export const outboxColumns =
  'id, profile_id as "profileId", kind, stream, idempotency_key as "idempotencyKey", needs_id as "needsId", ' +
  'task_id as "taskId", term, session_id as "sessionId", body, state, tries, next_at as "nextAt", ' +
  'send_started_at as "sendStartedAt", claimed_by as "claimedBy", claimed_until as "claimedUntil", result, ' +
  'last_error as "lastError", created_at as "createdAt", sent_at as "sentAt"';

export type OutboxRecord = Omit<OutboxRow, "body" | "result"> & { readonly body: string; readonly result: string };

export function outboxRowFrom(record: OutboxRecord): OutboxRow {
  return { ...record, body: JSON.parse(record.body) as OutboxRow["body"], result: JSON.parse(record.result) as Json };
}

/** `term`: of the lease in whose transaction they are saved; null outside of any. */
export interface WantedBy {
  readonly actor: string;
  readonly taskId: number | null;
  readonly term: number | null;
}

/** Saves wanted writes in the transaction of the change that wants them; a key that is there is answered as it is. */
export function* saveOutboxRows(
  rows: readonly NewOutboxRow[] | undefined,
  from: WantedBy,
  now: Instant,
): Operation<readonly OutboxRow[]> {
  const saved: OutboxRow[] = [];
  for (const row of rows ?? []) saved.push(yield* saveRow(row, from, now));
  return saved;
}

export function* readOutboxRow(id: number): Operation<OutboxRow | null> {
  const record = yield* one<OutboxRecord>(`select ${outboxColumns} from outbox where id = @id`, { id });
  return record ? outboxRowFrom(record) : null;
}

export function* logOutbox(row: OutboxRow, kind: string, actor: string, now: Instant, body: Json): Operation<void> {
  yield* logEvent(
    {
      kind,
      actor,
      profileId: row.profileId,
      // The stream of a work item's writes is `<profile>/<subject>`; this finds them beside the item's other events.
      subject: row.stream.startsWith(`${row.profileId}/`) ? row.stream.slice(row.profileId.length + 1) : null,
      taskId: row.taskId,
      sessionId: row.sessionId,
      body,
    },
    now,
  );
}

function* saveRow(row: NewOutboxRow, from: WantedBy, now: Instant): Operation<OutboxRow> {
  const known = yield* findByKey(row.idempotencyKey);
  if (known) return outboxRowFrom(known);
  const record = yield* must<OutboxRecord>(
    `insert into outbox (profile_id, kind, stream, idempotency_key, needs_id, task_id, term, session_id, body, state,
        last_error, next_at, created_at)
     values (@profileId, @kind, @stream, @idempotencyKey, @needsId, @taskId, @term, @sessionId, @body, @state, @error,
        @now, @now)
     returning ${outboxColumns}`,
    {
      profileId: row.profileId,
      kind: row.kind,
      stream: row.stream,
      idempotencyKey: row.idempotencyKey,
      needsId: yield* idOfNeeded(row),
      taskId: from.taskId,
      term: from.term,
      sessionId: row.sessionId ?? null,
      body: JSON.stringify(row.body),
      state: row.heldBack === undefined ? "pending" : "failed",
      error: row.heldBack === undefined ? null : withdrawnError(row.heldBack),
      now,
    },
  );
  const saved = outboxRowFrom(record);
  yield* logOutbox(saved, "outbox.queued", from.actor, now, {
    id: saved.id,
    kind: saved.kind,
    stream: saved.stream,
    key: saved.idempotencyKey,
    needsId: saved.needsId,
  });
  if (saved.state === "failed") {
    yield* logOutbox(saved, "outbox.failed", from.actor, now, { id: saved.id, error: saved.lastError });
    return saved;
  }
  return isLabelRow(saved) ? yield* overtakeLabels(saved, from.actor, now) : saved;
}

function* idOfNeeded(row: NewOutboxRow): Operation<number | null> {
  if (row.needsKey === undefined) return null;
  const needed = yield* findByKey(row.needsKey);
  if (needed) return needed.id;
  throw new Error(
    `Outbox row ${row.idempotencyKey} needs ${row.needsKey}, which is not there. Save the needed row first, or ` +
      "earlier in the same batch.",
  );
}

function* findByKey(key: string): Operation<OutboxRecord | undefined> {
  return yield* one<OutboxRecord>(`select ${outboxColumns} from outbox where idempotency_key = @key`, { key });
}
