import type { Notification, NotificationMessage } from "../domain/notification.ts";
import type { Instant } from "../domain/time.ts";
import type { TroubleKind } from "../domain/trouble.ts";
import type { Clock } from "../ports.ts";
import { logEvent } from "./events.ts";
import type { Executor } from "./executor.ts";
import { ListQuery } from "./list-query.ts";
import { all, count, must, type Operation, one, type Params } from "./statement.ts";
import type { NotificationStore, PlanRequest } from "./store.ts";
import { datedTrouble, listStanding, troublesSeen } from "./troubles.ts";

const columns =
  'id, delivery, channel, message, state, tries, next_at as "nextAt", created_at as "createdAt", ended_at as "endedAt", answer';
type Row = Omit<Notification, "message"> & { readonly message: string };

/** What could not be sent for so long is no news any more. */
const freshMs = 86_400_000;

export function notificationStore(executor: Executor, clock: Clock): NotificationStore {
  const verdict = (id: number, owner: string, set: string, params: Params, kind: string | null) =>
    executor.write(() => judge({ id, owner, set, params, kind }, clock.now()));
  return {
    seen: (troubles, forgetMs) => troublesSeen(executor, troubles, forgetMs, clock.now()),
    standing: (limit) => executor.read(() => listStanding(limit)),
    plan: async (request) => {
      const now = clock.now();
      if (!(await executor.read(() => mayPlan(request, now)))) return null;
      return executor.write(() => plan(request, now));
    },
    claim: async (request) => {
      const now = clock.now();
      if (!(await executor.read(() => isAnyDue(request.channels, now)))) return null;
      return executor.write(() => claim(request, now));
    },
    sent: (id, owner, answer) =>
      verdict(id, owner, "state = 'sent', ended_at = @now, answer = @answer", { answer }, "notification.sent"),
    retryLater: (id, owner, answer, nextAt) =>
      verdict(id, owner, "next_at = @nextAt, answer = @answer", { answer, nextAt }, null),
    failed: (id, owner, answer) =>
      verdict(id, owner, "state = 'failed', ended_at = @now, answer = @answer", { answer }, "notification.failed"),
    list: (filter) => executor.read(() => list(filter)),
  };
}

/** What a channel was not told yet, has stood for long enough, and is told at this moment. */
const untold = `from troubles t where t.gone_at is null and t.due_at <= @now
    and t.kind in (select value from json_each(@kinds)) and (@profileId is null or t.profile_id = @profileId)
    and not exists (select 1 from troubles_told told where told.channel = @channel and told.key = t.key)`;

/** One that waits is sent first; a message made in the future was made before the clock was put back. */
const restsNow = `exists (select 1 from notifications n where n.channel = @channel and n.created_at <= @now
    and ((n.state = 'pending' and n.created_at > @stale) or n.created_at > @groupedSince))`;

const paramsOf = ({ channel, profileId, kinds, groupMs }: PlanRequest, now: Instant) => ({
  news: { channel, profileId, now, kinds: JSON.stringify(kinds) },
  rest: { channel, now, stale: now - freshMs, groupedSince: now - groupMs },
});

function* mayPlan(request: PlanRequest, now: Instant): Operation<boolean> {
  const { news, rest } = paramsOf(request, now);
  const found = yield* one(`select 1 as found where exists (select 1 ${untold}) and not ${restsNow}`, {
    ...news,
    ...rest,
  });
  return found !== undefined;
}

/** In the transaction that notes who was told: of two runtimes the second finds nothing new. */
function* plan(request: PlanRequest, now: Instant): Operation<Notification | null> {
  if (!(yield* mayPlan(request, now))) return null;
  const { news } = paramsOf(request, now);
  const counts = yield* all<{ readonly kind: TroubleKind; readonly found: number }>(
    `select t.kind as kind, count(*) as found ${untold} group by t.kind order by t.kind`,
    news,
  );
  const first = yield* all<{ readonly body: string; readonly firstSeenAt: Instant }>(
    `select t.body as body, t.first_seen_at as "firstSeenAt" ${untold} order by t.due_at, t.key limit @most`,
    { ...news, most: request.most },
  );
  const message = request.write({
    troubles: first.map(datedTrouble),
    counts: Object.fromEntries(counts.map(({ kind, found }) => [kind, found])),
  });
  const row = yield* must<Row>(
    `insert into notifications (delivery, channel, message, state, next_at, created_at)
     values (@delivery, @channel, @message, 'pending', @now, @now) returning ${columns}`,
    { delivery: message.delivery, channel: request.channel, message: JSON.stringify(message), now },
  );
  yield* count(`insert into troubles_told (channel, key, notification_id) select @channel, t.key, @id ${untold}`, {
    ...news,
    id: row.id,
  });
  return fromRow(row);
}

const due = `state = 'pending' and channel in (select value from json_each(@channels))
    and ((next_at <= @now and (claimed_until is null or claimed_until <= @now)) or created_at <= @stale)`;

function* isAnyDue(channels: readonly string[], now: Instant): Operation<boolean> {
  const params = { channels: JSON.stringify(channels), now, stale: now - freshMs };
  return (yield* one(`select 1 as found from notifications where ${due} limit 1`, params)) !== undefined;
}

function* claim(
  { owner, claimMs, channels }: Parameters<NotificationStore["claim"]>[0],
  now: Instant,
): Operation<Notification | null> {
  const params = { channels: JSON.stringify(channels), now, stale: now - freshMs };
  yield* count(
    `update notifications set state = 'failed', ended_at = @now, claimed_by = null, claimed_until = null,
        answer = 'not sent within a day' || coalesce(': ' || answer, '')
      where ${due} and created_at <= @stale`,
    params,
  );
  const row = yield* one<Row>(
    `update notifications set tries = tries + 1, claimed_by = @owner, claimed_until = @until
      where id = (select id from notifications where ${due} order by next_at, id limit 1) returning ${columns}`,
    { ...params, owner, until: now + claimMs },
  );
  return row ? fromRow(row) : null;
}

interface Verdict {
  readonly id: number;
  readonly owner: string;
  readonly set: string;
  readonly params: Params;
  /** Logged; null: nothing is over yet. */
  readonly kind: string | null;
}

function* judge({ id, owner, set, params, kind }: Verdict, now: Instant): Operation<"applied" | "lost"> {
  const row = yield* one<Row>(
    `update notifications set ${set}, claimed_by = null, claimed_until = null
      where id = @id and claimed_by = @owner and state = 'pending' returning ${columns}`,
    { ...params, id, owner, now },
  );
  if (!row) return "lost";
  const { channel, delivery, answer, message } = fromRow(row);
  const body = { channel, delivery, answer, troubles: message.total };
  if (kind !== null) yield* logEvent({ kind, actor: owner, body }, now);
  return "applied";
}

function* list(filter: Parameters<NotificationStore["list"]>[0] = {}): Operation<readonly Notification[]> {
  const query = new ListQuery().when("channel = @channel", "channel", filter.channel);
  const from = { columns, table: "notifications", order: ["id"], keep: "newest", limit: filter.limit } as const;
  return (yield* query.rows<Row>(from)).map(fromRow);
}

const fromRow = (row: Row): Notification => ({ ...row, message: JSON.parse(row.message) as NotificationMessage });
