import { type Asked, type Fields, textOr, textsBelow } from "../asked.ts";
import { ollamaFault } from "../faults/ollama.ts";
import { type Api, type Reply, tokens } from "./api.ts";
import { functionTools, toolMessages } from "./chat.ts";

/** Ollama's /api/chat: one JSON object a line. It streams unless told not to. */
export const ollamaApi: Api = {
  name: "ollama",
  isAskedAt: (path) => path.endsWith("/api/chat"),
  read: (body) => ({
    model: textOr(body.model, ""),
    tools: functionTools(body),
    toolResults: toolMessages(body),
    streams: body.stream !== false,
    text: textsBelow(body.messages),
  }),
  streamType: "application/x-ndjson",
  stream: (asked, reply) => [
    line({ ...envelope(asked), message: messageOf(reply), done: false }),
    line({ ...envelope(asked), message: { role: "assistant", content: "" }, ...ending }),
  ],
  begin: () => [],
  piece: (asked, text) => line({ ...envelope(asked), message: { role: "assistant", content: text }, done: false }),
  whole: (asked, reply) => ({ ...envelope(asked), message: messageOf(reply), ...ending }),
  garbage: ['{"model":"scripted","mess\n', "<html>bad gateway</html>\n"],
  fault: ollamaFault,
};

const ending = {
  done: true,
  done_reason: "stop",
  total_duration: 5_000_000,
  load_duration: 1_000_000,
  prompt_eval_count: tokens.input,
  prompt_eval_duration: 2_000_000,
  eval_count: tokens.output,
  eval_duration: 2_000_000,
};

const line = (fields: Fields): string => `${JSON.stringify(fields)}\n`;
const envelope = (asked: Asked) => ({ model: asked.model, created_at: "2026-01-01T00:00:00Z" });

function messageOf({ text, calls }: Reply) {
  const toolCalls = calls.map(({ tool, args }) => ({ function: { name: tool, arguments: args } }));
  return { role: "assistant", content: text, ...(calls.length === 0 ? {} : { tool_calls: toolCalls }) };
}
