import type { Instant, Millis } from "../domain/time.ts";
import type { Trouble } from "../domain/trouble.ts";
import type { Executor } from "./executor.ts";
import { all, count, type Operation } from "./statement.ts";
import type { DatedTrouble, StandingTrouble } from "./store.ts";

interface Known {
  readonly key: string;
  readonly body: string;
  readonly goneAt: Instant | null;
}

/** A look that finds what the one before found takes no lock. */
export async function troublesSeen(
  executor: Executor,
  troubles: readonly Trouble[],
  forgetMs: Millis,
  now: Instant,
): Promise<void> {
  const known = await executor.read(listKnown);
  if (!saysTheSame(known, troubles, now - forgetMs)) await executor.write(() => save(troubles, now - forgetMs, now));
}

function saysTheSame(known: readonly Known[], troubles: readonly Trouble[], before: Instant): boolean {
  const standing = new Map(known.flatMap(({ key, body, goneAt }) => (goneAt === null ? [[key, body] as const] : [])));
  return (
    standing.size === troubles.length &&
    troubles.every((trouble) => standing.get(trouble.key) === JSON.stringify(trouble)) &&
    !known.some(({ goneAt }) => goneAt !== null && isPast(goneAt, before))
  );
}

const isPast = (goneAt: Instant, before: Instant): boolean => goneAt < before;

/** Whatever their number, in three statements. */
function* save(troubles: readonly Trouble[], before: Instant, now: Instant): Operation<void> {
  const found = JSON.stringify(troubles.map((trouble) => ({ ...trouble, body: JSON.stringify(trouble) })));
  yield* count(`delete from troubles where gone_at < @before`, { before });
  yield* count(
    `update troubles set gone_at = @now where gone_at is null
        and key not in (select value ->> 'key' from json_each(@found))`,
    { now, found },
  );
  // What comes back has to stand anew; `where true` tells the parser that "on" begins no join.
  yield* count(
    `insert into troubles (key, kind, profile_id, body, first_seen_at, due_at, gone_at)
     select value ->> 'key', value ->> 'kind', value ->> 'profileId', value ->> 'body', @now,
        @now + (value ->> 'settleMs'), null from json_each(@found) where true
     on conflict (key) do update set body = excluded.body, gone_at = null,
        due_at = case when troubles.gone_at is null then troubles.due_at else excluded.due_at end
      where troubles.body <> excluded.body or troubles.gone_at is not null`,
    { now, found },
  );
}

function* listKnown(): Operation<readonly Known[]> {
  return yield* all<Known>(`select key, body, gone_at as "goneAt" from troubles`, {});
}

interface StandingRow {
  readonly body: string;
  readonly firstSeenAt: Instant;
  readonly toldTo: string;
}

export function* listStanding(limit: number): Operation<readonly StandingTrouble[]> {
  const rows = yield* all<StandingRow>(
    `select body, first_seen_at as "firstSeenAt",
        (select json_group_array(channel) from (select channel from troubles_told told where told.key = troubles.key
          order by channel)) as "toldTo"
       from troubles where gone_at is null order by first_seen_at, key limit @limit`,
    { limit },
  );
  return rows.map((row) => ({ trouble: datedTrouble(row), toldTo: JSON.parse(row.toldTo) as readonly string[] }));
}

export function datedTrouble({ body, firstSeenAt }: Pick<StandingRow, "body" | "firstSeenAt">): DatedTrouble {
  const trouble = JSON.parse(body) as Trouble;
  return { ...trouble, since: trouble.since ?? firstSeenAt };
}
