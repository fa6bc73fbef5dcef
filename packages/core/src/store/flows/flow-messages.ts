import type { FlowMessage } from "../../domain/flow-mailbox.ts";
import type { Json } from "../../domain/json.ts";
import type { NewMessage } from "../../flow/mailbox/message-bodies.ts";
import { all, count, must, type Operation } from "../statement.ts";
import type { FlowChange } from "./flow-row.ts";

/** The flow's next messages, numbered without gaps. Counts as one change of the flow, also with none. */
export function* addMessages({ flow, now }: FlowChange, messages: readonly NewMessage[]): Operation<void> {
  const { lastSeq } = yield* must<{ readonly lastSeq: number }>(
    `update flows set last_seq = last_seq + @added, revision = revision + 1 where id = @flowId
     returning last_seq as "lastSeq"`,
    { flowId: flow.id, added: messages.length },
  );
  if (messages.length === 0) return;
  yield* count(
    `insert into flow_messages (flow_id, seq, at, type, task_id, body)
      select @flowId, @before + 1 + key, @now, value ->> 'type', value ->> 'taskId', value ->> 'body'
        from json_each(@messages)`,
    {
      ...{ flowId: flow.id, before: lastSeq - messages.length, now },
      messages: JSON.stringify(
        messages.map(({ type, taskId, body }) => ({ type, taskId, body: JSON.stringify(body) })),
      ),
    },
  );
}

export function* readMessages(flowId: string, afterSeq: number, limit: number): Operation<readonly FlowMessage[]> {
  const rows = yield* all<Omit<FlowMessage, "body"> & { readonly body: string }>(
    `select seq, at, type, task_id as "taskId", body from flow_messages
      where flow_id = @flowId and seq > @afterSeq order by seq limit @limit`,
    { flowId, afterSeq, limit },
  );
  return rows.map((row) => ({ ...row, body: JSON.parse(row.body) as Json }));
}
