import type { Instant } from "../../domain/time.ts";
import { logEvent } from "../events.ts";
import { moveHorizon } from "../move-horizon.ts";
import type { FlowBounds } from "../ports/retention.ts";
import { all, count, must, type Operation, one } from "../statement.ts";

/** Ended tasks of the queue of one flow: its own, and every keeper's that it had. In the words of an index. */
const tasksOf = (queue: string, id: string) => `(select t.id from tasks t
  where t.finished_at is not null and t.subject <> ''
    and (t.queue = ${queue} or (t.queue = 'flow-keepers' and t.subject = ${id})))`;

/** Ended flows within these bounds, of which nothing was said for a while, oldest first, with the number of their tasks. */
const endedFlows = `select f.id, (select count(*) from ${tasksOf("'flow:' || f.id", "f.id")}) as tasks
  from flows f
  where f.finished_at < max(@before, @beyond) and f.finished_at < @quiet
    and not exists (select 1 from tasks t where t.id = f.keeper_task_id and t.finished_at is null)
    and not exists (select 1 from events e where e.task_id = f.keeper_task_id and e.at >= @quiet)
    and coalesce((select e.at from events e where e.profile_id = 'flow:' || f.id order by e.seq desc limit 1), 0) < @quiet
    and not exists (select 1 from worktrees w where w.profile_id = 'flow:' || f.id and w.state <> 'gone')
  order by f.finished_at limit @limit`;

export function* countFlows(bounds: FlowBounds): Operation<number> {
  const { flows } = yield* must<{ readonly flows: number }>(`select count(*) as flows from (${endedFlows})`, {
    ...{ ...bounds, limit: Number.MAX_SAFE_INTEGER },
  });
  return flows;
}

export function* flowsBeyond(most: number): Operation<Instant | null> {
  const row = yield* one<{ readonly finishedAt: Instant }>(
    `select finished_at as "finishedAt" from flows where finished_at is not null
      order by finished_at desc limit 1 offset @most`,
    { most },
  );
  return row?.finishedAt ?? null;
}

const tasks = tasksOf("@queue", "@id");

/** In the order in which one refers to the other; a flow's own tables go with its row. */
const parts = [
  ["events", `delete from events where profile_id = @queue or task_id in ${tasks}`],
  ["flows", `delete from flows where id = @id`],
  ["worktrees", `delete from worktrees where profile_id = @queue`],
  ["attempts", `delete from attempts where task_id in ${tasks}`],
  ["sessions", `delete from sessions where task_id in ${tasks}`],
  ["tasks", `delete from tasks where id in ${tasks}`],
] as const;

/** Whole flows, until about `most` tasks have gone; one flow at least. Answers how many tasks. */
export function* pruneFlows(bounds: FlowBounds, most: number, actor: string, now: Instant): Operation<number> {
  const { before } = bounds;
  const flows = yield* all<{ readonly id: string; readonly tasks: number }>(endedFlows, { ...bounds, limit: most });
  if (flows.length === 0) return 0;
  yield* moveHorizon(before);
  let gone = 0;
  const removed: Record<string, number> = {};
  for (const { id, tasks: ofFlow } of flows) {
    if (gone >= most) break;
    for (const [name, sql] of parts) {
      removed[name] = (removed[name] ?? 0) + (yield* count(sql, { id, queue: `flow:${id}` }));
    }
    gone += Math.max(1, ofFlow);
  }
  yield* logEvent({ kind: "retention.pruned", actor, body: { before, ...removed } }, now);
  return gone;
}
