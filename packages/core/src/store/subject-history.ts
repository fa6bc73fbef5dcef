import { all, type Operation } from "./statement.ts";
import type { SubjectHistory } from "./store.ts";
import { type TaskRow, taskColumns, taskFrom } from "./task-row.ts";

type HistoryRow = TaskRow & { readonly rounds: number };

/** Reads the ended tasks of the asked subjects and nothing of others; free tasks have no subject and no history. */
export function* subjectHistory(queue: string, subjects: readonly string[]): Operation<readonly SubjectHistory[]> {
  if (subjects.length === 0) return [];
  const rows = yield* all<HistoryRow>(
    `select ${taskColumns}, rounds from tasks join (
        select max(ended.id) as newest_id,
            count(case when exists (select 1 from sessions s
                                     where s.task_id = ended.id and s.started_at is not null) then 1 end) as rounds
          from tasks ended
          where ended.queue = @queue and ended.subject in (select value from json_each(@subjects))
            and ended.finished_at is not null and ended.subject <> ''
          group by ended.subject, ended.lane
      ) past on past.newest_id = tasks.id
      order by subject, lane`,
    { queue, subjects: JSON.stringify(subjects) },
  );
  return rows.map(({ rounds, ...row }) => {
    const newest = taskFrom(row);
    return { subject: newest.subject, lane: newest.lane, newest, rounds };
  });
}
