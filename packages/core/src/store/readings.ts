import type { Json } from "../domain/json.ts";
import type { StoredReading } from "../domain/reading.ts";
import type { Executor } from "./executor.ts";
import { all, count, type Operation } from "./statement.ts";
import type { ReadingStore } from "./store.ts";

type ReadingRow = Omit<StoredReading<Json>, "isSettled" | "reading"> & {
  readonly subject: string;
  readonly isSettled: 0 | 1;
  readonly reading: string;
};

export function readingStore(executor: Executor): ReadingStore {
  return {
    put: (profileId, subject, reading) => executor.write(() => putReading(profileId, subject, reading)),
    list: (profileId) => executor.read(() => listReadings(profileId)),
    remove: (profileId, subject) => executor.write(() => removeReading(profileId, subject)),
  };
}

function* putReading(profileId: string, subject: string, stored: StoredReading<Json>): Operation<void> {
  const { itemUpdatedAt, isSettled, readAt, headSeenAt, reading } = stored;
  yield* count(
    `insert into readings (profile_id, subject, item_updated_at, is_settled, read_at, head_seen_at, reading)
     values (@profileId, @subject, @itemUpdatedAt, @isSettled, @readAt, @headSeenAt, @reading)
     on conflict (profile_id, subject) do update set item_updated_at = excluded.item_updated_at,
        is_settled = excluded.is_settled, read_at = excluded.read_at, head_seen_at = excluded.head_seen_at,
        reading = excluded.reading`,
    {
      profileId,
      subject,
      itemUpdatedAt,
      isSettled: isSettled ? 1 : 0,
      readAt,
      headSeenAt,
      reading: JSON.stringify(reading),
    },
  );
}

function* listReadings(profileId: string): Operation<Awaited<ReturnType<ReadingStore["list"]>>> {
  const rows = yield* all<ReadingRow>(
    `select subject, item_updated_at as "itemUpdatedAt", is_settled as "isSettled", read_at as "readAt",
        head_seen_at as "headSeenAt", reading
       from readings where profile_id = @profileId order by subject`,
    { profileId },
  );
  return rows.map(({ subject, ...row }) => ({
    subject,
    stored: { ...row, isSettled: row.isSettled === 1, reading: JSON.parse(row.reading) as Json },
  }));
}

function* removeReading(profileId: string, subject: string): Operation<void> {
  yield* count(`delete from readings where profile_id = @profileId and subject = @subject`, { profileId, subject });
}
