import type { Json } from "../../domain/json.ts";
import type { Instant } from "../../domain/time.ts";
import { count, type Operation } from "../statement.ts";
import { queueOf } from "./flow-row.ts";

export interface FlowEvent {
  readonly kind: string;
  /** The flow's task. */
  readonly taskId?: string;
  /** The queue's task; only of changes of that one. */
  readonly queueTaskId?: number;
  readonly term?: number;
  readonly body: Json;
}

/** Any number of changes in one statement. The profile of a flow's events is `flow:<id>`, their subject the task. */
export function* logFlow(flowId: string, events: readonly FlowEvent[], actor: string, now: Instant): Operation<void> {
  if (events.length === 0) return;
  yield* count(
    `insert into events (at, actor, kind, profile_id, subject, task_id, term, body)
      select @now, @actor, value ->> 'kind', @profileId, value ->> 'subject', value ->> 'taskId', value ->> 'term',
          value ->> 'body'
        from json_each(@events) order by key`,
    {
      ...{ now, actor, profileId: queueOf(flowId) },
      events: JSON.stringify(
        events.map(({ kind, taskId, queueTaskId, term, body }) => ({
          ...{ kind, subject: taskId ?? null, taskId: queueTaskId ?? null, term: term ?? null },
          body: JSON.stringify(body),
        })),
      ),
    },
  );
}
