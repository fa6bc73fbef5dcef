import type { LoggedEvent, NewEvent } from "../domain/event.ts";
import type { Json } from "../domain/json.ts";
import type { Instant } from "../domain/time.ts";
import type { Clock } from "../ports.ts";
import type { Executor } from "./executor.ts";
import { ListQuery } from "./list-query.ts";
import { count, must, type Operation, one, type Params } from "./statement.ts";
import type { EventStore } from "./store.ts";

const columns =
  'seq, at, actor, kind, profile_id as "profileId", subject, task_id as "taskId", session_id as "sessionId", term, ' +
  'idempotency_key as "idempotencyKey", body';
type EventRow = Omit<LoggedEvent, "body"> & { readonly body: string };

const insert = `insert into events
    (at, actor, kind, profile_id, subject, task_id, session_id, term, idempotency_key, body)
  values (@at, @actor, @kind, @profileId, @subject, @taskId, @sessionId, @term, @idempotencyKey, @body)`;

/** Lists give at most 1,000 events unless told otherwise: the log is long, readers go on from the last `seq`. */
const defaultLimit = 1000;

export function eventStore(executor: Executor, clock: Clock): EventStore {
  return {
    append: (event) => executor.write(() => appendOnce(event, clock.now())),
    list: (filter) => executor.read(() => listEvents(filter)),
    latest: (wanted, filter) => executor.read(() => latestEvents(wanted, filter)),
  };
}

/** Logs a transition inside its own transaction. */
export function* logEvent(event: NewEvent, now: Instant): Operation<void> {
  yield* count(insert, params(event, now));
}

function* appendOnce(event: NewEvent, now: Instant): Operation<LoggedEvent> {
  if (event.idempotencyKey) {
    const known = yield* one<EventRow>(`select ${columns} from events where idempotency_key = @key`, {
      key: event.idempotencyKey,
    });
    if (known) return eventFrom(known);
  }
  return eventFrom(yield* must<EventRow>(`${insert} returning ${columns}`, params(event, now)));
}

const bySeq = { columns, table: "events", order: ["seq"] } as const;

function* listEvents(filter: Parameters<EventStore["list"]>[0]): Operation<readonly LoggedEvent[]> {
  const query = new ListQuery()
    .when("seq > @afterSeq", "afterSeq", filter.afterSeq)
    .when("profile_id = @profileId", "profileId", filter.profileId)
    .when("subject = @subject", "subject", filter.subject)
    .when("task_id = @taskId", "taskId", filter.taskId);
  const limit = filter.limit ?? defaultLimit;
  return (yield* query.rows<EventRow>({ ...bySeq, keep: "oldest", limit })).map(eventFrom);
}

function* latestEvents(
  wanted: number,
  filter: Parameters<EventStore["latest"]>[1] = {},
): Operation<readonly LoggedEvent[]> {
  const query = new ListQuery()
    .when("profile_id = @profileId", "profileId", filter.profileId)
    .when("subject = @subject", "subject", filter.subject);
  return (yield* query.rows<EventRow>({ ...bySeq, keep: "newest", limit: wanted })).map(eventFrom);
}

function params(event: NewEvent, now: Instant): Params {
  return {
    at: now,
    actor: event.actor,
    kind: event.kind,
    profileId: event.profileId ?? null,
    // Free tasks have an empty subject; the log says null, so that the index holds real subjects only.
    subject: event.subject || null,
    taskId: event.taskId ?? null,
    sessionId: event.sessionId ?? null,
    term: event.term ?? null,
    idempotencyKey: event.idempotencyKey ?? null,
    body: JSON.stringify(event.body ?? null),
  };
}

function eventFrom(row: EventRow): LoggedEvent {
  return { ...row, body: JSON.parse(row.body) as Json };
}
