import { type Asked, type Fields, fieldsOf, listOf, type OfferedTool, textOr, textsBelow } from "../asked.ts";
import { responsesFault } from "../faults/openai.ts";
import type { Call } from "../tools/choose-tool.ts";
import { type Api, type Reply, sse, tokens } from "./api.ts";

/** OpenAI's Responses. */
export const responsesApi: Api = {
  name: "responses",
  isAskedAt: (path) => path.endsWith("/responses"),
  read: (body) => ({
    model: textOr(body.model, ""),
    tools: [body, ...listOf(body.input).map(fieldsOf)].flatMap((holder) => listOf(holder.tools).flatMap(offered)),
    toolResults: listOf(body.input)
      .map(fieldsOf)
      .filter((item) => textOr(item.type, "").endsWith("_call_output"))
      .map((item) => textsBelow(item.output)),
    streams: body.stream === true,
    text: textsBelow([body.instructions, body.input]),
  }),
  streamType: "text/event-stream; charset=utf-8",
  stream: frames,
  begin: (asked) => [
    created(asked),
    added(0, { ...textItem(asked, ""), status: "in_progress", content: [] }),
    opened(asked),
  ],
  piece: (asked, text) => textDelta(asked, text),
  whole: (asked, reply) => completed(asked, itemsOf(asked, reply)),
  garbage: ['event: response.created\ndata: {"type":"response.cre\n\n', "data: <html>bad gateway</html>\n\n"],
  fault: responsesFault,
};

/** Some are in a namespace, and some are offered by an item of the conversation. */
function offered(value: unknown): readonly OfferedTool[] {
  const tool = fieldsOf(value);
  const name = textOr(tool.name, "");
  if (tool.type === "namespace") return listOf(tool.tools).flatMap(offered);
  if (tool.type === "custom" && name === "exec") return [{ name, schema: {}, takesScript: true }];
  return tool.type === "function" ? [{ name, schema: fieldsOf(tool.parameters) }] : [];
}

const event = (data: { readonly type: string; readonly [key: string]: unknown }): string => sse(data, data.type);
const responseId = (asked: Asked): string => `resp_${asked.toolResults.length + 1}`;
const textItemId = (asked: Asked): string => `msg_${asked.toolResults.length + 1}`;

function created(asked: Asked): string {
  const response = {
    id: responseId(asked),
    object: "response",
    created_at: 0,
    status: "in_progress",
    model: asked.model,
  };
  return event({ type: "response.created", response: { ...response, output: [] } });
}

const added = (index: number, item: Fields): string =>
  event({ type: "response.output_item.added", output_index: index, item });
const opened = (asked: Asked): string =>
  event({
    type: "response.content_part.added",
    item_id: textItemId(asked),
    output_index: 0,
    content_index: 0,
    part: { type: "output_text", text: "", annotations: [] },
  });
const textDelta = (asked: Asked, text: string): string =>
  event({
    type: "response.output_text.delta",
    item_id: textItemId(asked),
    output_index: 0,
    content_index: 0,
    delta: text,
  });

function textItem(asked: Asked, text: string): Fields {
  const content = [{ type: "output_text", text, annotations: [] }];
  return { id: textItemId(asked), type: "message", role: "assistant", status: "completed", content };
}

function callItem({ id, tool, args, script }: Call): Fields {
  if (script !== undefined) {
    return { id: `ctc_${id}`, type: "custom_tool_call", status: "completed", call_id: id, name: tool, input: script };
  }
  const own = { id: `fc_${id}`, type: "function_call", status: "completed", call_id: id };
  return { ...own, name: tool, arguments: JSON.stringify(args) };
}

function itemsOf(asked: Asked, reply: Reply): readonly Fields[] {
  const isSilent = reply.text === "" && reply.calls.length > 0;
  return [...(isSilent ? [] : [textItem(asked, reply.text)]), ...reply.calls.map(callItem)];
}

function frames(asked: Asked, reply: Reply): string[] {
  const items = itemsOf(asked, reply);
  return [
    created(asked),
    ...items.flatMap((item, index) => [
      ...piecesOf(asked, reply, item, index),
      event({ type: "response.output_item.done", output_index: index, item }),
    ]),
    event({ type: "response.completed", response: completed(asked, items) }),
  ];
}

function piecesOf(asked: Asked, reply: Reply, item: Fields, index: number): string[] {
  const begun = { ...item, status: "in_progress" };
  if (item.type === "message")
    return [added(index, { ...begun, content: [] }), opened(asked), ...textFrames(asked, reply.text)];
  if (item.type === "custom_tool_call") return [added(index, { ...begun, input: "" })];
  return [added(index, { ...begun, arguments: "" }), ...argumentFrames(item, index)];
}

function textFrames(asked: Asked, text: string): string[] {
  const place = { item_id: textItemId(asked), output_index: 0, content_index: 0 };
  const part = { type: "output_text", text, annotations: [] };
  return [
    textDelta(asked, text),
    event({ type: "response.output_text.done", ...place, text }),
    event({ type: "response.content_part.done", ...place, part }),
  ];
}

function argumentFrames(item: Fields, index: number): string[] {
  const place = { item_id: item.id, output_index: index };
  return [
    event({ type: "response.function_call_arguments.delta", ...place, delta: item.arguments }),
    event({ type: "response.function_call_arguments.done", ...place, arguments: item.arguments }),
  ];
}

function completed(asked: Asked, output: readonly Fields[]): object {
  return {
    id: responseId(asked),
    object: "response",
    created_at: 0,
    status: "completed",
    model: asked.model,
    output,
    usage: {
      input_tokens: tokens.input,
      input_tokens_details: { cached_tokens: tokens.cached },
      output_tokens: tokens.output,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: tokens.total,
    },
  };
}
