import type { Json } from "../domain/json.ts";
import type { ProcessMark } from "../domain/session.ts";
import type { Executor } from "./executor.ts";
import { all, count, type Operation } from "./statement.ts";
import type { RuntimeRow, RuntimeStore } from "./store.ts";

type StoredRuntime = Omit<RuntimeRow, "process" | "profileIds" | "lastTick"> & {
  readonly process: string;
  readonly profileIds: string;
  readonly lastTick: string;
};

export function runtimeStore(executor: Executor): RuntimeStore {
  return {
    put: (row) => executor.write(() => putRuntime(row)),
    list: () => executor.read(listRuntimes),
    remove: (id) => executor.write(() => removeRuntime(id)),
  };
}

function* putRuntime(row: RuntimeRow): Operation<void> {
  yield* count(
    `insert into runtimes (id, process, host, version, profile_ids, started_at, heartbeat_at, state, last_tick)
     values (@id, @process, @host, @version, @profileIds, @startedAt, @heartbeatAt, @state, @lastTick)
     on conflict (id) do update set process = excluded.process, host = excluded.host, version = excluded.version,
        profile_ids = excluded.profile_ids, started_at = excluded.started_at, heartbeat_at = excluded.heartbeat_at,
        state = excluded.state, last_tick = excluded.last_tick`,
    {
      ...row,
      process: JSON.stringify(row.process),
      profileIds: JSON.stringify(row.profileIds),
      lastTick: JSON.stringify(row.lastTick),
    },
  );
}

/** What it had begun to send stays marked as begun, so that the next deliverer reads the forge first. */
function* removeRuntime(id: string): Operation<void> {
  yield* count(`delete from runtimes where id = @id`, { id });
  yield* count(
    `update outbox set claimed_by = null, claimed_until = null where claimed_by = @id and state = 'pending'`,
    { id },
  );
}

function* listRuntimes(): Operation<readonly RuntimeRow[]> {
  const rows = yield* all<StoredRuntime>(
    `select id, process, host, version, profile_ids as "profileIds", started_at as "startedAt",
        heartbeat_at as "heartbeatAt", state, last_tick as "lastTick"
       from runtimes order by started_at, id`,
    {},
  );
  return rows.map((row) => ({
    ...row,
    process: JSON.parse(row.process) as ProcessMark,
    profileIds: JSON.parse(row.profileIds) as readonly string[],
    lastTick: JSON.parse(row.lastTick) as Json,
  }));
}
