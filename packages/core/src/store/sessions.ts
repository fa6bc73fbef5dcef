import type { Ending, Session } from "../domain/session.ts";
import type { Clock } from "../ports.ts";
import type { Executor } from "./executor.ts";
import { ListQuery } from "./list-query.ts";
import { parsed, type SessionRow, sessionColumns, sessionFrom } from "./session-row.ts";
import { endSession, intendSession, startSession } from "./session-steps.ts";
import { all, type Operation, one } from "./statement.ts";
import type { LastSpeaker, SessionStore } from "./store.ts";

export function sessionStore(executor: Executor, clock: Clock): SessionStore {
  return {
    intend: (lease, session) => executor.write(() => intendSession(lease, session, clock.now())),
    start: (id, term, wrapper) => executor.write(() => startSession(id, term, wrapper, clock.now())),
    end: (id, term, ending, asSeen) => executor.write(() => endSession(id, term, ending, asSeen, clock.now())),
    get: (id) => executor.read(() => readSession(id)),
    list: (filter) => executor.read(() => listSessions(filter)),
    lastConversations: (taskIds) => executor.read(() => lastConversations(taskIds)),
    lastSpeakers: (profileId, looked) => executor.read(() => lastSpeakers(profileId, looked)),
  };
}

function* readSession(id: string): Operation<Session | null> {
  const row = yield* one<SessionRow>(`select ${sessionColumns} from sessions where id = @id`, { id });
  return row ? sessionFrom(row) : null;
}

function* listSessions(filter: Parameters<SessionStore["list"]>[0]): Operation<readonly Session[]> {
  const query = new ListQuery()
    .when("profile_id = @profileId", "profileId", filter.profileId)
    .when("task_id = @taskId", "taskId", filter.taskId)
    .when("subject = @subject", "subject", filter.subject)
    .whenOneOf("state", filter.states);
  // The index's own condition, see listTasks.
  if (filter.states && !filter.states.includes("concluded")) query.and("state in ('intended', 'running', 'ended')");
  const rows = yield* query.rows<SessionRow>({
    columns: sessionColumns,
    table: "sessions",
    order: ["intended_at", "id"],
    keep: "newest",
    limit: filter.limit,
  });
  return rows.map(sessionFrom);
}

type Speaker = Awaited<ReturnType<SessionStore["lastConversations"]>>[number];

function* lastConversations(taskIds: readonly number[]): Operation<readonly Speaker[]> {
  return yield* all<Speaker>(
    `select s.task_id as "taskId", s.backend, s.model, coalesce(s.account, s.backend) as account, s.pool
       from json_each(@taskIds) asked
       join sessions s on s.id = (select t.id from sessions t
                                   where t.task_id = asked.value and t.kind = 'agent'
                                     and t.started_at is not null and t.conversation is not null
                                   order by t.intended_at desc, t.id desc limit 1)`,
    { taskIds: JSON.stringify(taskIds) },
  );
}

/** One that never ran said nothing. */
const spoke = "(started_at is not null or state <> 'concluded')";

function* lastSpeakers(profileId: string, looked: number): Operation<readonly LastSpeaker[]> {
  const rows = yield* all<Omit<LastSpeaker, "ending"> & Pick<SessionRow, "ending">>(
    `with looked as (
       select id, subject, intended_at from sessions
        where profile_id = @profileId and kind = 'agent' and ${spoke}
        order by intended_at desc, id desc limit @looked),
     placed as (
       select id, row_number() over (partition by subject order by intended_at desc, id desc) as place from looked)
     select s.id, s.task_id as "taskId", s.subject, s.lane, s.backend, coalesce(s.served_model, s.model) as model,
            s.state, s.outcome, s.intended_at as "intendedAt", s.started_at as "startedAt", s.ended_at as "endedAt",
            s.ending, json_extract(s.conversation, '$.id') as "conversationId",
            (select count(*) from sessions
              where profile_id = s.profile_id and subject = s.subject and ${spoke}
                and json_extract(conversation, '$.id') = json_extract(s.conversation, '$.id')) as sessions
       from placed join sessions s on s.id = placed.id
      where placed.place = 1 and s.conversation is not null
      order by s.intended_at desc, s.id desc`,
    { profileId, looked },
  );
  return rows.map((row) => ({ ...row, ending: parsed<Ending>(row.ending) }));
}
