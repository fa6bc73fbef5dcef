import type { Session } from "../domain/session.ts";
import type { Clock } from "../ports.ts";
import type { Executor } from "./executor.ts";
import { ListQuery } from "./list-query.ts";
import { type SessionRow, sessionColumns, sessionFrom } from "./session-row.ts";
import { endSession, intendSession, startSession } from "./session-steps.ts";
import { all, type Operation, one } from "./statement.ts";
import type { SessionStore } from "./store.ts";

export function sessionStore(executor: Executor, clock: Clock): SessionStore {
  return {
    intend: (lease, session) => executor.write(() => intendSession(lease, session, clock.now())),
    start: (id, term, wrapper) => executor.write(() => startSession(id, term, wrapper, clock.now())),
    end: (id, term, ending, asSeen) => executor.write(() => endSession(id, term, ending, asSeen, clock.now())),
    get: (id) => executor.read(() => readSession(id)),
    list: (filter) => executor.read(() => listSessions(filter)),
    lastConversations: (taskIds) => executor.read(() => lastConversations(taskIds)),
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
