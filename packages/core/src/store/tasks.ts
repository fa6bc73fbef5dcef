import { isLive, type Task } from "../domain/task.ts";
import type { Clock } from "../ports.ts";
import { listAttempts } from "./attempts.ts";
import { cancelTask, replayDeadLetter, updateTask } from "./change-task.ts";
import { claimTask } from "./claim-task.ts";
import { enqueueTask } from "./enqueue-task.ts";
import type { Executor } from "./executor.ts";
import { countHeldSlots } from "./held-slots.ts";
import { adoptLease, letLeaseGo, readLease, renewLease } from "./leases.ts";
import { ListQuery } from "./list-query.ts";
import { recoverStale } from "./recover-stale.ts";
import { releaseTask } from "./release-task.ts";
import { all, type Operation } from "./statement.ts";
import type { TaskStore } from "./store.ts";
import { subjectHistory } from "./subject-history.ts";
import { readTask, type TaskRow, taskColumns, taskFrom } from "./task-row.ts";

/** `clock.now()` is read inside each try: after waiting for the lock a lease must not start in the past. */
export function taskStore(executor: Executor, clock: Clock): TaskStore {
  return {
    enqueue: (task, actor) => executor.write(() => enqueueTask(task, actor, clock.now())),
    claim: (request) => executor.write(() => claimTask(request, clock.now())),
    heartbeat: (lease, leaseMs) => executor.write(() => renewLease(lease, leaseMs, clock.now())),
    adopt: (lease, owner, leaseMs) => executor.write(() => adoptLease(lease, owner, leaseMs, clock.now())),
    letGo: (lease) => executor.write(() => letLeaseGo(lease, clock.now())),
    release: (lease, release, extras) => executor.write(() => releaseTask(lease, release, extras, clock.now())),
    recoverStale: (request) => executor.write(() => recoverStale(request, clock.now())),
    cancel: (taskId, actor, reason) => executor.write(() => cancelTask(taskId, actor, reason, clock.now())),
    update: (taskId, change, actor) => executor.write(() => updateTask(taskId, change, actor, clock.now())),
    replayDeadLetter: (taskId, actor) => executor.write(() => replayDeadLetter(taskId, actor, clock.now())),
    get: (taskId) => executor.read(() => readTask(taskId)),
    lease: (taskId) => executor.read(() => readLease(taskId)),
    attempts: (taskId) => executor.read(() => listAttempts(taskId)),
    list: (filter) => executor.read(() => listTasks(filter)),
    latestByDedupeKeys: (keys) => executor.read(() => latestByDedupeKeys(keys)),
    history: (queue, subjects) => executor.read(() => subjectHistory(queue, subjects)),
    titles: (taskIds) => executor.read(() => listTitles(taskIds)),
    slotsHeld: () => executor.read(countHeldSlots),
    deadLetters: (filter) => executor.read(() => listDeadLetters(filter)),
  };
}

const byAge = { columns: taskColumns, table: "tasks", order: ["id"], keep: "newest" } as const;

function* listTasks(filter: Parameters<TaskStore["list"]>[0]): Operation<readonly Task[]> {
  const query = new ListQuery()
    .when("id in (select value from json_each(@ids))", "ids", filter.ids && JSON.stringify(filter.ids))
    .when("queue = @queue", "queue", filter.queue)
    .when("subject = @subject", "subject", filter.subject)
    .whenOneOf("state", filter.states);
  // Said in so many words: the planner uses a partial index only when it finds the index's own condition.
  if (filter.subject) query.and("subject <> ''");
  if (filter.states?.every((state) => isLive({ state }))) query.and("state in ('scheduled', 'queued', 'running')");
  return (yield* query.rows<TaskRow>({ ...byAge, limit: filter.limit })).map(taskFrom);
}

function* listDeadLetters(filter: Parameters<TaskStore["deadLetters"]>[0] = {}): Operation<readonly Task[]> {
  // Of flows nobody replays one task alone: `flow retry` does, with what was skipped because of it.
  const query = new ListQuery()
    .and("state = 'dead'")
    .and("lane <> 'flow-task'")
    .when("queue = @queue", "queue", filter.queue);
  return (yield* query.rows<TaskRow>({ ...byAge, limit: filter.limit })).map(taskFrom);
}

function* latestByDedupeKeys(keys: readonly string[]): Operation<readonly Task[]> {
  if (keys.length === 0) return [];
  const rows = yield* all<TaskRow>(
    `select ${taskColumns} from tasks
      where id in (select max(id) from tasks where dedupe_key in (select value from json_each(@keys)) group by dedupe_key)
      order by id`,
    { keys: JSON.stringify(keys) },
  );
  return rows.map(taskFrom);
}

type Titled = Awaited<ReturnType<TaskStore["titles"]>>;

/** Without the texts that are beside them, which may be long. */
const listTitles = (taskIds: readonly number[]): Operation<Titled> =>
  all(
    `select id as "taskId", json_extract(payload, '$.title') as title, json_extract(payload, '$.url') as url from tasks
      where id in (select value from json_each(@ids)) and json_type(payload, '$.title') = 'text'
        and coalesce(json_type(payload, '$.url'), 'text') in ('text', 'null')
      order by id`,
    { ids: JSON.stringify(taskIds) },
  );
