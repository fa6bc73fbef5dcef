import type { FlowMessage } from "../../domain/flow-mailbox.ts";
import type { Json, JsonObject } from "../../domain/json.ts";

/**
 * Pure. A message as its line of the outbox, with the line end: `seq`, `at` (ISO 8601), `type`, `flow`, `task` (absent for
 * messages about the flow) and then what the type has of its own, see docs/flows.md. A body that is no object stands
 * under `body`, as do fields of one that would hide one of ours.
 */
export function formatMessage(flowId: string, message: FlowMessage): string {
  const { seq, at, type, taskId, body } = message;
  const head = {
    seq,
    at: new Date(at).toISOString(),
    type,
    flow: flowId,
    ...(taskId === null ? {} : { task: taskId }),
  };
  return `${JSON.stringify({ ...head, ...fieldsOf(body) })}\n`;
}

const ours = new Set(["seq", "at", "type", "flow", "task", "body", "__proto__"]);

function fieldsOf(body: Json): JsonObject {
  if (body === null) return {};
  if (typeof body !== "object" || Array.isArray(body)) return { body };
  const isHiding = Object.keys(body).some((key) => ours.has(key));
  return isHiding ? { body } : (body as JsonObject);
}
