import type { Instant } from "../domain/time.ts";
import { all, type Operation } from "./statement.ts";

export interface QueueLoad {
  readonly queue: string;
  readonly running: number;
  readonly due: number;
}

/** Costs by what runs and what waits: each part reads an index that holds nothing else. */
export function* queueLoad(now: Instant): Operation<readonly QueueLoad[]> {
  return yield* all<QueueLoad>(
    `select queue, sum(running) as running, sum(due) as due from (
        select queue, 1 as running, 0 as due from tasks where id in (select task_id from held_slots)
        union all select queue, 0, count(*) from tasks where state = 'queued' group by queue
        union all select queue, 0, 1 from tasks where state = 'scheduled' and run_at <= @now
      ) live group by queue order by queue`,
    { now },
  );
}
