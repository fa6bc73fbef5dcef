import { fieldsOf } from "../domain/fields.ts";
import type { Json } from "../domain/json.ts";
import type { StoredReading } from "../domain/reading.ts";
import type { Executor } from "./executor.ts";
import { all, count, type Operation } from "./statement.ts";
import type { ReadingStore } from "./store.ts";

type ReadingRow = Omit<StoredReading<Json>, "isSettled" | "reading"> & {
  readonly subject: string;
  readonly isSettled: 0 | 1;
  readonly reading: string;
  readonly asked: string | null;
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
    `insert into readings (profile_id, subject, item_updated_at, is_settled, read_at, head_seen_at, reading, asked)
     values (@profileId, @subject, @itemUpdatedAt, @isSettled, @readAt, @headSeenAt, @reading, @asked)
     on conflict (profile_id, subject) do update set item_updated_at = excluded.item_updated_at,
        is_settled = excluded.is_settled, read_at = excluded.read_at, head_seen_at = excluded.head_seen_at,
        reading = excluded.reading, asked = coalesce(excluded.asked, asked)`,
    {
      profileId,
      subject,
      itemUpdatedAt,
      isSettled: isSettled ? 1 : 0,
      readAt,
      headSeenAt,
      reading: JSON.stringify(reading),
      asked: askedOf(stored),
    },
  );
}

function* listReadings(profileId: string): Operation<Awaited<ReturnType<ReadingStore["list"]>>> {
  const rows = yield* all<ReadingRow>(
    `select subject, item_updated_at as "itemUpdatedAt", is_settled as "isSettled", read_at as "readAt",
        head_seen_at as "headSeenAt", reading, asked
       from readings where profile_id = @profileId order by subject`,
    { profileId },
  );
  return rows.map(({ subject, asked, ...row }) => {
    const reading = JSON.parse(row.reading) as Json;
    return { subject, stored: { ...row, isSettled: row.isSettled === 1, ...askedFor(asked, reading), reading } };
  });
}

type Asked = Pick<StoredReading<Json>, "ciRefreshes" | "peopleAskedAt">;

/** Null keeps what is there: another process, which has not asked for anything, may have read the item as well. */
function askedOf({ ciRefreshes, peopleAskedAt, reading }: StoredReading<Json>): string | null {
  if (ciRefreshes === undefined && peopleAskedAt === undefined) return null;
  return JSON.stringify({ headSha: headOf(reading), ciRefreshes, peopleAskedAt });
}

/** What was asked for at another head says nothing of this one. */
function askedFor(asked: string | null, reading: Json): Asked {
  if (asked === null) return {};
  const { headSha, ...found } = JSON.parse(asked) as Asked & { readonly headSha: unknown };
  return headSha === headOf(reading) ? found : {};
}

const headOf = (reading: Json): unknown => fieldsOf(reading).headSha ?? null;

function* removeReading(profileId: string, subject: string): Operation<void> {
  yield* count(`delete from readings where profile_id = @profileId and subject = @subject`, { profileId, subject });
}
