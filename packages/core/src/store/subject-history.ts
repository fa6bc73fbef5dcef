import { all, type Operation } from "./statement.ts";
import type { SubjectHistory } from "./store.ts";
import { type TaskRow, taskColumns, taskFrom } from "./task-row.ts";

/** Reads the ended tasks of the asked subjects and nothing of others; free tasks have no subject and no history. */
export function* subjectHistory(queue: string, subjects: readonly string[]): Operation<readonly SubjectHistory[]> {
  if (subjects.length === 0) return [];
  const rows = yield* all<TaskRow>(
    `select ${taskColumns} from tasks join (
        select max(ended.id) as newest_id from tasks ended
          where ended.queue = @queue and ended.subject in (select value from json_each(@subjects))
            and ended.finished_at is not null and ended.subject <> ''
          group by ended.subject, ended.lane
      ) past on past.newest_id = tasks.id
      order by subject, lane`,
    { queue, subjects: JSON.stringify(subjects) },
  );
  return rows.map((row) => {
    const newest = taskFrom(row);
    return { subject: newest.subject, lane: newest.lane, newest };
  });
}
