import type { Session } from "../domain/session.ts";
import type { Instant, Millis } from "../domain/time.ts";
import type { Clock, RunState } from "../ports.ts";
import { logEvent } from "./events.ts";
import type { Executor } from "./executor.ts";
import { countFlows, flowsBeyond, pruneFlows } from "./flows/prune-flows.ts";
import { moveHorizon } from "./move-horizon.ts";
import { type SessionRow, sessionColumns, sessionFrom } from "./session-row.ts";
import { all, count, must, type Operation, one } from "./statement.ts";
import type { RemovedByTable, RestBounds, RetentionStore } from "./store.ts";
import { tableRules } from "./table-rules.ts";

/** A clock that jumped years ahead must not make everything old at once: each look counts from two days on at most. */
const mostPerLookMs: Millis = 2 * 86_400_000;

export function retentionStore(executor: Executor, clock: Clock): RetentionStore {
  return {
    look: () => executor.write(() => look(clock.now())),
    toArchive: (profileId, limit) => executor.read(() => toArchive(profileId, limit)),
    archived: (sessionId, runDir) => executor.write(() => archived(sessionId, runDir, clock.now())),
    countEnded: (before) => executor.read(() => countEnded(before)),
    pruneEnded: (before, limit, actor) => executor.write(() => pruneEnded(before, limit, actor, clock.now())),
    countFlows: (bounds) => executor.read(() => countFlows(bounds)),
    pruneFlows: (bounds, limit, actor) => executor.write(() => pruneFlows(bounds, limit, actor, clock.now())),
    flowsBeyond: (most) => executor.read(() => flowsBeyond(most)),
    pruneLog: (before, limit, actor) => executor.write(() => pruneLog(before, limit, actor, clock.now())),
    pruneRest: (bounds, limit) => executor.write(() => pruneRest(bounds, limit)),
    countLog: (before) => executor.read(() => countLog(before)),
    countRest: (bounds) => executor.read(() => countRest(bounds)),
    runState: (sessionId, before) => executor.read(() => runState(sessionId, before)),
  };
}

function* look(now: Instant): Operation<Instant> {
  const known = yield* one<{ readonly lookedAt: Instant }>(
    'select looked_at as "lookedAt" from log_horizon where id = 1',
    {},
  );
  const at = known === undefined ? now : Math.min(now, known.lookedAt + mostPerLookMs);
  yield* count(
    `insert into log_horizon (id, at, looked_at) values (1, 0, @at)
     on conflict (id) do update set looked_at = excluded.looked_at`,
    { at },
  );
  return at;
}

/** Of tasks that are over, with nothing left of them on disk but their run folder. */
function* toArchive(profileId: string, limit: number): Operation<readonly Session[]> {
  const rows = yield* all<SessionRow>(
    `select ${sessionColumns} from sessions s
      where s.profile_id = @profileId and s.state = 'concluded' and s.archived_at is null
        and (select finished_at from tasks t where t.id = s.task_id) is not null
        and not exists (select 1 from worktrees w where w.path = s.worktree_path and w.session_id = s.id
                          and w.state <> 'gone')
      order by s.intended_at limit @limit`,
    { profileId, limit },
  );
  return rows.map(sessionFrom);
}

function* archived(id: string, runDir: string, now: Instant): Operation<void> {
  yield* count("update sessions set run_dir = @runDir, archived_at = @now where id = @id", { id, runDir, now });
}

/**
 * Tasks that ended before `before`, with all that hangs on them. Not those of items that are still open (deciding asks
 * for their past), nor with a write that waits or failed, nor dead letters without an item: those wait for a person.
 */
const endedTasks = `select t.id from tasks t
  where t.finished_at < @before
    and t.lane not in ('flow-task', 'flow-keeper')
    and not (t.state = 'dead' and t.subject = '')
    and not exists (select 1 from readings r where r.profile_id = t.queue and r.subject = t.subject)
    and not exists (select 1 from outbox o where o.task_id = t.id and o.state in ('pending', 'failed'))
    and not exists (select 1 from outbox needing join outbox o on o.id = needing.needs_id
                      where o.task_id = t.id and needing.task_id is not t.id)
    and not exists (select 1 from sessions s where s.task_id = t.id and s.state <> 'concluded')
    and not exists (select 1 from sessions s join worktrees w on w.path = s.worktree_path and w.session_id = s.id
                      where s.task_id = t.id and w.state <> 'gone')
    and not exists (select 1 from events e where e.task_id = t.id and e.at >= @before)
    and not exists (select 1 from sessions s join events e on e.session_id = s.id and e.task_id is null
                      where s.task_id = t.id and e.at >= @before)
  order by t.finished_at limit @limit`;

/** One statement: what is read is one moment of the store. */
function* countEnded(before: Instant): Operation<number> {
  const { tasks } = yield* must<{ readonly tasks: number }>(`select count(*) as tasks from (${endedTasks})`, {
    before,
    limit: Number.MAX_SAFE_INTEGER,
  });
  return tasks;
}

const ofTasks = "(select value from json_each(@ids))";
const ofSessions = `(select id from sessions where task_id in ${ofTasks})`;

/** In the order in which one refers to the other. */
const endedParts = [
  ["events", `delete from events where task_id in ${ofTasks} or (task_id is null and session_id in ${ofSessions})`],
  ["writes", `delete from outbox where task_id in ${ofTasks}`],
  ["attempts", `delete from attempts where task_id in ${ofTasks}`],
  ["worktrees", `delete from worktrees where session_id in ${ofSessions}`],
  ["sessions", `delete from sessions where task_id in ${ofTasks}`],
  ["tasks", `delete from tasks where id in ${ofTasks}`],
] as const;

function* pruneEnded(before: Instant, limit: number, actor: string, now: Instant): Operation<number> {
  const tasks = yield* all<{ readonly id: number }>(endedTasks, { before, limit });
  if (tasks.length === 0) return 0;
  yield* moveHorizon(before);
  const ids = JSON.stringify(tasks.map(({ id }) => id));
  yield* count(keepTotals, { ids });
  const removed: Record<string, number> = {};
  for (const [name, sql] of endedParts) removed[name] = yield* count(sql, { ids });
  yield* logEvent({ kind: "retention.pruned", actor, body: { before, ...removed } }, now);
  return tasks.length;
}

type LogBounds = Parameters<RetentionStore["pruneLog"]>[0];

/** What hangs on no task. Of decisions the newest of each item stays: it says what stands. */
const looseEvents = `e.task_id is null and (e.profile_id is null or e.profile_id not glob 'flow:*'
    or not exists (select 1 from flows f where f.id = substr(e.profile_id, 6))) and e.at < case e.kind when 'decision.changed' then @decisions else @others end
  and (e.session_id is null or not exists (select 1 from sessions s where s.id = e.session_id))
  and not (e.kind = 'decision.changed' and not exists (
    select 1 from events newer where newer.subject = e.subject and newer.seq > e.seq
      and newer.profile_id is e.profile_id and newer.kind = e.kind))`;

function* pruneLog(before: LogBounds, limit: number, actor: string, now: Instant): Operation<number> {
  yield* moveHorizon(Math.max(before.decisions, before.others));
  const events = yield* count(
    `delete from events where seq in (select seq from events e where ${looseEvents} order by e.at limit @limit)`,
    { decisions: before.decisions, others: before.others, limit },
  );
  if (events > 0) yield* logEvent({ kind: "retention.pruned", actor, body: { ...before, events } }, now);
  return events;
}

function* countLog({ decisions, others }: LogBounds): Operation<number> {
  const found = yield* must<{ readonly events: number }>(
    `select count(*) as events from events e where ${looseEvents}`,
    { decisions, others },
  );
  return found.events;
}

/**
 * Whether the commits of a session's run may go. `spare`: its task ended before `before`, its item is closed, and its
 * work was published, superseded by published work, or no work at all.
 */
function* runState(sessionId: string, before: Instant): Operation<RunState> {
  const found = yield* one<{ readonly isDone: 0 | 1; readonly isSpare: 0 | 1 }>(
    `select (t.finished_at is not null and t.finished_at < @before
          and not exists (select 1 from readings r where r.profile_id = s.profile_id and r.subject = s.subject)
          and not exists (select 1 from outbox o where o.task_id = t.id and o.state in ('pending', 'failed'))
          and not exists (select 1 from worktrees w where w.session_id = s.id and w.state <> 'gone')) as "isDone",
        (s.kind = 'verify' or s.outcome in ('reviewed', 'reported', 'nothing-to-do')
          or exists (select 1 from sessions later where later.profile_id = s.profile_id
                       and later.subject = s.subject and s.subject <> '' and later.outcome = 'published'
                       and later.intended_at >= s.intended_at)) as "isSpare"
       from sessions s join tasks t on t.id = s.task_id where s.id = @sessionId`,
    { sessionId, before },
  );
  if (!found) return "unknown";
  if (found.isDone === 0) return "needed";
  return found.isSpare === 1 ? "spare" : "unpublished";
}

const restRules = tableRules.filter((rule) => rule.goes !== undefined);

const horizonsOf = ({ before, forgeCache, totals, samples, profiles }: RestBounds) => ({
  ...{ before, forgeCache, totals, samples },
  profiles: profiles === null ? null : JSON.stringify(profiles),
});

/** What hangs on no task: whatever is needed of it is asked anew. */
function* pruneRest(bounds: RestBounds, limit: number): Operation<RemovedByTable> {
  const removed: Record<string, number> = {};
  for (const { table, goes = "", isSmall } of restRules) {
    const sql = isSmall
      ? `delete from ${table} as t where ${goes}`
      : `delete from ${table} where rowid in (select t.rowid from ${table} t where ${goes} limit @limit)`;
    const rows = yield* count(sql, { ...horizonsOf(bounds), limit });
    if (rows > 0) removed[table] = rows;
  }
  const folded = yield* foldTotals(bounds.totals, limit);
  return folded > 0 ? { ...removed, spend_totals: folded } : removed;
}

function* countRest(bounds: RestBounds): Operation<RemovedByTable> {
  const found: Record<string, number> = {};
  for (const { table, goes = "" } of restRules) {
    const { rows } = yield* must<{ readonly rows: number }>(
      `select count(*) as rows from ${table} t where ${goes}`,
      horizonsOf(bounds),
    );
    if (rows > 0) found[table] = rows;
  }
  const { rows } = yield* must<{ readonly rows: number }>(
    `select count(*) as rows from spend_totals t where ${oldTotals}`,
    { totals: bounds.totals },
  );
  return rows > 0 ? { ...found, spend_totals: rows } : found;
}

const totals = ["tokens", "micros", "sessions", "unknown_cost"];
const addTotals = `on conflict (profile_id, subject) do update set
  ${totals.map((name) => `${name} = ${name} + excluded.${name}`).join(", ")}, last_at = max(last_at, excluded.last_at)`;

/** Before sessions leave. */
const keepTotals = `
  insert into spend_totals (profile_id, subject, tokens, micros, sessions, unknown_cost, last_at)
    select profile_id, subject, sum(spent_tokens), sum(spent_micros), sum(started_at is not null),
        sum(started_at is not null and cost_kind is null), max(intended_at)
      from sessions where task_id in (select value from json_each(@ids)) and kind = 'agent'
      group by profile_id, subject ${addTotals}`;

const oldTotals = `t.subject <> '' and t.last_at < @totals
  and not exists (select 1 from readings r where r.profile_id = t.profile_id and r.subject = t.subject)`;

/** The oldest items become part of their profile's one row. */
function* foldTotals(before: Instant, limit: number): Operation<number> {
  const old = yield* all<{ readonly profileId: string; readonly subject: string }>(
    `select profile_id as "profileId", subject from spend_totals t where ${oldTotals} order by last_at limit @limit`,
    { totals: before, limit },
  );
  if (old.length === 0) return 0;
  const of = { items: JSON.stringify(old.map(({ profileId, subject }) => [profileId, subject])) };
  const which = `(profile_id, subject) in
    (select json_extract(value, '$[0]'), json_extract(value, '$[1]') from json_each(@items))`;
  yield* count(
    `insert into spend_totals (profile_id, subject, tokens, micros, sessions, unknown_cost, last_at)
      select profile_id, '', ${totals.map((name) => `sum(${name})`).join(", ")}, max(last_at)
        from spend_totals where ${which} group by profile_id ${addTotals}`,
    of,
  );
  return yield* count(`delete from spend_totals where ${which}`, of);
}
