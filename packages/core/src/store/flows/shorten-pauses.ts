import type { Instant } from "../../domain/time.ts";
import { updateTask } from "../change-task.ts";
import { all, count, type Operation } from "../statement.ts";
import { flowTaskLane } from "./flow-row.ts";

/** No pause is longer than its plan says; one that is was begun before the clock was put back. Answers how many were. */
export function* shortenPauses(actor: string, now: Instant): Operation<number> {
  const late = yield* all<{ readonly rowid: number; readonly queueTaskId: number; readonly runAt: Instant }>(
    `select t.rowid as rowid, q.id as "queueTaskId", @now + (t.spec ->> '$.retry.maxMs') as "runAt"
       from tasks q join flow_tasks t on t.queue_task_id = q.id
      where q.state = 'scheduled' and q.run_at > @now and q.lane = '${flowTaskLane}' and t.state = 'queued'
        and q.run_at > @now + (t.spec ->> '$.retry.maxMs')`,
    { now },
  );
  for (const { rowid, queueTaskId, runAt } of late) {
    yield* updateTask(queueTaskId, { runAt }, actor, now);
    const dueAt = runAt > now ? runAt : null;
    yield* count(`update flow_tasks set due_at = @dueAt where rowid = @rowid`, { rowid, dueAt });
  }
  return late.length;
}
