import type { Session } from "../domain/session.ts";
import type { Instant, Millis } from "../domain/time.ts";
import type { Clock } from "../ports.ts";
import { logEvent } from "./events.ts";
import type { Executor } from "./executor.ts";
import { type SessionRow, sessionColumns, sessionFrom } from "./session-row.ts";
import { all, count, type Operation, one } from "./statement.ts";
import type { RetentionStore } from "./store.ts";

/** A clock that jumped years ahead must not make everything old at once: each look counts from two days on at most. */
const mostPerLookMs: Millis = 2 * 86_400_000;

export function retentionStore(executor: Executor, clock: Clock): RetentionStore {
  return {
    look: () => executor.write(() => look(clock.now())),
    toArchive: (profileId, limit) => executor.read(() => toArchive(profileId, limit)),
    archived: (sessionId, runDir) => executor.write(() => archived(sessionId, runDir, clock.now())),
    countEnded: (before) => executor.read(() => countEnded(before)),
    pruneEnded: (before, limit, actor) => executor.write(() => pruneEnded(before, limit, actor, clock.now())),
    pruneLog: (before, limit, actor) => executor.write(() => pruneLog(before, limit, actor, clock.now())),
    pruneRest: (before, limit) => executor.write(() => pruneRest(before, limit)),
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

function* countEnded(before: Instant): Operation<number> {
  const limit = Number.MAX_SAFE_INTEGER;
  return (yield* all<{ readonly id: number }>(endedTasks, { before, limit })).length;
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
  const removed: Record<string, number> = {};
  for (const [name, sql] of endedParts) removed[name] = yield* count(sql, { ids });
  yield* logEvent({ kind: "retention.pruned", actor, body: { before, ...removed } }, now);
  return tasks.length;
}

/** What hangs on no task. Of decisions the newest of each item stays: it says what stands. */
function* pruneLog(
  before: Parameters<RetentionStore["pruneLog"]>[0],
  limit: number,
  actor: string,
  now: Instant,
): Operation<number> {
  yield* moveHorizon(Math.max(before.decisions, before.others));
  const events = yield* count(
    `delete from events where seq in (
        select seq from events e
          where e.task_id is null and e.at < case e.kind when 'decision.changed' then @decisions else @others end
            and (e.session_id is null or not exists (select 1 from sessions s where s.id = e.session_id))
            and not (e.kind = 'decision.changed' and not exists (
              select 1 from events newer where newer.subject = e.subject and newer.seq > e.seq
                and newer.profile_id is e.profile_id and newer.kind = e.kind))
          order by e.at limit @limit)`,
    { decisions: before.decisions, others: before.others, limit },
  );
  if (events > 0) yield* logEvent({ kind: "retention.pruned", actor, body: { ...before, events } }, now);
  return events;
}

/** Small things that grow with the months; what is needed of them is asked anew. */
function* pruneRest(before: Instant, limit: number): Operation<number> {
  const writes = yield* count(
    `delete from outbox where id in (
        select o.id from outbox o
          where o.task_id is null and o.state in ('sent', 'dropped') and o.created_at < @before
            and not exists (select 1 from readings r where o.stream = r.profile_id || '/' || r.subject)
            and not exists (select 1 from broken_bases b where b.issue_key = o.idempotency_key and b.closed_at is null)
            and not exists (select 1 from outbox needing where needing.needs_id = o.id)
          order by o.id limit @limit)`,
    { before, limit },
  );
  const permissions = yield* count("delete from permissions where checked_at < @before", { before });
  const baselines = yield* count("delete from baselines where checked_at < @before", { before });
  const forgotten = `at < @before and not exists (
    select 1 from sessions s where s.profile_id = %.profile_id and s.subject = %.subject)`;
  const ofBudgets = (table: string) => `delete from ${table} where ${forgotten.replaceAll("%", table)}`;
  const raises = yield* count(ofBudgets("budget_raises"), { before });
  const receipts = yield* count(ofBudgets("budget_receipts"), { before });
  return writes + permissions + baselines + raises + receipts;
}

function* moveHorizon(at: Instant): Operation<void> {
  yield* count(
    `insert into log_horizon (id, at, looked_at) values (1, @at, @at)
     on conflict (id) do update set at = max(at, excluded.at)`,
    { at },
  );
}
