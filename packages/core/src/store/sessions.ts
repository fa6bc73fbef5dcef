import type { Session } from "../domain/session.ts";
import type { Clock } from "../ports.ts";
import type { Executor } from "./executor.ts";
import { ListQuery } from "./list-query.ts";
import { type SessionRow, sessionColumns, sessionFrom } from "./session-row.ts";
import { endSession, intendSession, startSession } from "./session-steps.ts";
import { type Operation, one } from "./statement.ts";
import type { SessionStore } from "./store.ts";

export function sessionStore(executor: Executor, clock: Clock): SessionStore {
  return {
    intend: (lease, session) => executor.write(() => intendSession(lease, session, clock.now())),
    start: (id, term, wrapper) => executor.write(() => startSession(id, term, wrapper, clock.now())),
    end: (id, term, ending, asSeen) => executor.write(() => endSession(id, term, ending, asSeen, clock.now())),
    get: (id) => executor.read(() => readSession(id)),
    list: (filter) => executor.read(() => listSessions(filter)),
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
