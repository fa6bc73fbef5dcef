import { type Asked, fieldsOf, listOf, textOr, textsBelow } from "../asked.ts";
import { anthropicFault } from "../faults/anthropic.ts";
import { type Api, type Reply, sse, tokens } from "./api.ts";

/** Anthropic's Messages. */
export const messagesApi: Api = {
  name: "messages",
  isAskedAt: (path) => path.endsWith("/v1/messages"),
  read: (body) => ({
    model: textOr(body.model, ""),
    tools: listOf(body.tools)
      .map(fieldsOf)
      .map((tool) => ({ name: textOr(tool.name, ""), schema: fieldsOf(tool.input_schema) })),
    toolResults: listOf(body.messages)
      .flatMap((message) => listOf(fieldsOf(message).content))
      .map(fieldsOf)
      .filter((block) => block.type === "tool_result")
      .map((block) => textsBelow(block.content)),
    streams: body.stream === true,
    text: textsBelow([body.system, body.messages]),
  }),
  streamType: "text/event-stream; charset=utf-8",
  stream: (asked, reply) => frames(asked, reply),
  begin: (asked) => [start(asked), event({ type: "content_block_start", index: 0, content_block: emptyText })],
  piece: (_asked, text) => delta(0, { type: "text_delta", text }),
  whole: (asked, reply) => ({
    ...message(asked),
    content: [
      ...(reply.text === "" ? [] : [{ type: "text", text: reply.text }]),
      ...reply.calls.map(({ id, tool, args }) => ({ type: "tool_use", id: `tool_${id}`, name: tool, input: args })),
    ],
    stop_reason: stopReason(reply),
    usage: { ...usage, output_tokens: tokens.output },
  }),
  garbage: ['event: message_start\ndata: {"type":"message_start","mess\n\n', "data: <html>bad gateway</html>\n\n"],
  fault: anthropicFault,
};

const usage = {
  input_tokens: tokens.fresh,
  cache_read_input_tokens: tokens.cached,
  cache_creation_input_tokens: 0,
  output_tokens: 1,
};
const emptyText = { type: "text", text: "" };

const event = (data: { readonly type: string; readonly [key: string]: unknown }): string => sse(data, data.type);
const delta = (index: number, change: object): string => event({ type: "content_block_delta", index, delta: change });
const stopReason = (reply: Reply): string => (reply.calls.length > 0 ? "tool_use" : "end_turn");

function message(asked: Asked) {
  const own = { id: `msg_${asked.toolResults.length + 1}`, type: "message", role: "assistant", model: asked.model };
  return { ...own, stop_sequence: null };
}

function start(asked: Asked): string {
  return event({ type: "message_start", message: { ...message(asked), content: [], stop_reason: null, usage } });
}

function frames(asked: Asked, reply: Reply): string[] {
  const blocks = [
    ...(reply.text === "" && reply.calls.length > 0
      ? []
      : [{ block: emptyText, change: { type: "text_delta", text: reply.text } }]),
    ...reply.calls.map(({ id, tool, args }) => ({
      block: { type: "tool_use", id: `tool_${id}`, name: tool, input: {} },
      change: { type: "input_json_delta", partial_json: JSON.stringify(args) },
    })),
  ];
  return [
    start(asked),
    ...blocks.flatMap(({ block, change }, index) => [
      event({ type: "content_block_start", index, content_block: block }),
      delta(index, change),
      event({ type: "content_block_stop", index }),
    ]),
    event({
      type: "message_delta",
      delta: { stop_reason: stopReason(reply), stop_sequence: null },
      usage: { output_tokens: tokens.output },
    }),
    event({ type: "message_stop" }),
  ];
}
