import { type Asked, type Fields, fieldsOf, listOf, textOr, textsBelow } from "../asked.ts";
import { chatFault } from "../faults/openai.ts";
import { type Api, type Reply, sse, tokens } from "./api.ts";

/** OpenAI's Chat Completions, which many servers speak. */
export const chatApi: Api = {
  name: "chat",
  isAskedAt: (path) => path.endsWith("/chat/completions"),
  read: (body) => ({
    model: textOr(body.model, ""),
    tools: functionTools(body),
    toolResults: toolMessages(body),
    streams: body.stream === true,
    text: textsBelow(body.messages),
  }),
  streamType: "text/event-stream; charset=utf-8",
  stream: (asked, reply) => [
    chunk(asked, { role: "assistant", content: "" }),
    ...(reply.text === "" ? [] : [chunk(asked, { content: reply.text })]),
    ...callsOf(reply).map((call, index) => chunk(asked, { tool_calls: [{ index, ...call }] })),
    chunk(asked, {}, finishReason(reply)),
    sse({ ...envelope(asked, "chat.completion.chunk"), choices: [], usage }),
    sse("[DONE]"),
  ],
  begin: (asked) => [chunk(asked, { role: "assistant", content: "" })],
  piece: (asked, text) => chunk(asked, { content: text }),
  whole: (asked, reply) => {
    const calls = callsOf(reply);
    const message = { role: "assistant", content: reply.text, ...(calls.length === 0 ? {} : { tool_calls: calls }) };
    const choice = { index: 0, message, finish_reason: finishReason(reply) };
    return { ...envelope(asked, "chat.completion"), choices: [choice], usage };
  },
  garbage: ['data: {"id":"chatcmpl-1","obj\n\n', "data: <html>bad gateway</html>\n\n"],
  fault: chatFault,
};

/** The tools as Chat Completions and Ollama write them. */
export function functionTools(body: Fields): Asked["tools"] {
  return listOf(body.tools)
    .map((tool) => fieldsOf(fieldsOf(tool).function))
    .map((tool) => ({ name: textOr(tool.name, ""), schema: fieldsOf(tool.parameters) }));
}

export function toolMessages(body: Fields): readonly string[] {
  return listOf(body.messages)
    .map(fieldsOf)
    .filter((message) => message.role === "tool")
    .map((message) => textsBelow(message.content));
}

const usage = {
  prompt_tokens: tokens.input,
  completion_tokens: tokens.output,
  total_tokens: tokens.total,
  prompt_tokens_details: { cached_tokens: tokens.cached },
};

function envelope(asked: Asked, object: string) {
  return { id: `chatcmpl-${asked.toolResults.length + 1}`, object, created: 0, model: asked.model };
}

function chunk(asked: Asked, delta: Fields, finished: string | null = null): string {
  const choices = [{ index: 0, delta, finish_reason: finished }];
  return sse({ ...envelope(asked, "chat.completion.chunk"), choices });
}

function callsOf({ calls }: Reply) {
  return calls.map(({ id, tool, args }) => ({
    id,
    type: "function",
    function: { name: tool, arguments: JSON.stringify(args) },
  }));
}

const finishReason = (reply: Reply): string => (reply.calls.length > 0 ? "tool_calls" : "stop");
