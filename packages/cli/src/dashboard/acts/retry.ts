import { retriedInWords, retryRow } from "../../outbox/outbox-actions.ts";
import { replayTask } from "../../tasks/task-actions.ts";
import { actOf, asJson } from "./act.ts";
import { rowNumber } from "./fields.ts";

/** `acp tasks replay` */
export const retryTask = actOf({ task: rowNumber }, async ({ home }, body, by) => {
  const task = await replayTask(home, String(body.task), by);
  return { status: task.state, message: `Task ${task.id} is ${task.state}.`, result: asJson(task) };
});

/** `acp outbox retry` */
export const retryWrite = actOf({ write: rowNumber }, async (context, body, by) => {
  const row = await retryRow(context, String(body.write), by);
  return { status: row.state, message: retriedInWords(row), result: asJson(row) };
});
