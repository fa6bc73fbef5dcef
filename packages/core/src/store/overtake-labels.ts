import type { OutboxRow } from "../domain/outbox.ts";
import type { Instant } from "../domain/time.ts";
import { logOutbox, type OutboxRecord, outboxColumns, outboxRowFrom } from "./outbox-rows.ts";
import { all, must, type Operation, one } from "./statement.ts";

type LabelRow = OutboxRow<"add-labels" | "remove-labels">;

export const isLabelRow = (row: OutboxRow): row is LabelRow =>
  row.kind === "add-labels" || row.kind === "remove-labels";

/**
 * The net difference of the labels wanted of one item: of all rows that wait in a stream only the last one that names a
 * label decides about it, so the ones before it need not say it. What is left of an earlier row joins the new one when
 * both add (or both remove) and nothing but labels is written in between; labels stay in their place between comments.
 *
 * Done when a row is saved, under the write lock: a row whose sending has begun is left as it is, and so is everything
 * before it; one that is claimed may be dropped (its deliverer is told `lost` before it sends) and is never changed.
 * What waits is then at most one row for each label and gap between other writes.
 */
export function* overtakeLabels(newest: LabelRow, actor: string, now: Instant): Operation<OutboxRow> {
  const waiting = yield* waitingBefore(newest);
  const decided = [...newest.body.labels];
  let row = newest;
  for (const earlier of waiting) {
    const { labels } = earlier.body;
    const left = labels.filter((label) => !includes(decided, label));
    const joins = left.length > 0 && earlier.kind === row.kind && !(yield* isOtherBetween(earlier, row, waiting));
    if (left.length === 0 || joins) {
      yield* drop(earlier, row.id, actor, now);
      if (joins) row = yield* rewrite(row, [...left, ...row.body.labels], actor, now);
    } else if (left.length < labels.length && earlier.claimedBy === null) {
      yield* rewrite(earlier, left, actor, now);
    }
    decided.push(...left);
  }
  return row;
}

/** Those of the same item, latest first. A pull request that is still to be opened has no number: left alone. */
function* waitingBefore(newest: LabelRow): Operation<readonly LabelRow[]> {
  const { number } = newest.body;
  if (number === null || newest.needsId !== null) return [];
  const records = yield* all<OutboxRecord>(
    `select ${outboxColumns} from outbox o
      where o.state = 'pending' and o.kind in ('add-labels', 'remove-labels') and o.stream = @stream and o.id < @id
        and o.profile_id = @profileId and o.needs_id is null
        and o.id > coalesce((select max(b.id) from outbox b where b.state = 'pending' and b.stream = @stream
                                and b.send_started_at is not null), 0)
        and not exists (select 1 from outbox n where n.needs_id = o.id)
      order by o.id desc`,
    { stream: newest.stream, profileId: newest.profileId, id: newest.id },
  );
  return records.map((record) => outboxRowFrom(record) as LabelRow).filter((row) => row.body.number === number);
}

function* isOtherBetween(earlier: LabelRow, later: LabelRow, labels: readonly LabelRow[]): Operation<boolean> {
  const found = yield* one(
    `select 1 from outbox where state = 'pending' and stream = @stream and id > @earlier and id < @later
        and id not in (select value from json_each(@labels)) limit 1`,
    { stream: later.stream, earlier: earlier.id, later: later.id, labels: JSON.stringify(labels.map(({ id }) => id)) },
  );
  return found !== undefined;
}

function* drop(row: LabelRow, by: number, actor: string, now: Instant): Operation<void> {
  const reason = `overtaken by row ${by}`;
  const record = yield* must<OutboxRecord>(
    `update outbox set state = 'dropped', last_error = @reason, claimed_by = null, claimed_until = null
      where id = @id returning ${outboxColumns}`,
    { id: row.id, reason },
  );
  yield* logOutbox(outboxRowFrom(record), "outbox.dropped", actor, now, { id: row.id, reason });
}

function* rewrite(row: LabelRow, labels: readonly string[], actor: string, now: Instant): Operation<LabelRow> {
  const record = yield* must<OutboxRecord>(`update outbox set body = @body where id = @id returning ${outboxColumns}`, {
    id: row.id,
    body: JSON.stringify({ ...row.body, labels }),
  });
  yield* logOutbox(row, "outbox.rewritten", actor, now, {
    id: row.id,
    from: [...row.body.labels],
    labels: [...labels],
  });
  return outboxRowFrom(record) as LabelRow;
}

/** The forge holds names that differ in case alone for one label. */
const includes = (labels: readonly string[], label: string): boolean =>
  labels.some((one) => one.toLowerCase() === label.toLowerCase());
