import { asArray, asNumber, asObject, asText, type Fields, parseJsonLine } from "../backends/json-line.ts";
import type { AskedCall, CallArguments, Turn } from "./chat.ts";

/** Puts the lines of one streamed answer together. Never throws, whatever a line is. */
export function createTurnReader(): {
  push(line: string): void;
  characters(): number;
  /** The words of the last line. */
  newest(): string;
  turn(): Turn;
} {
  let newest = "";
  let content = "";
  let thinking = "";
  let isDone = false;
  let error: string | null = null;
  let malformedLines = 0;
  let last: Fields = {};
  const calls: AskedCall[] = [];

  function take(line: Fields): void {
    error = asText(line.error) ?? asText(asObject(line.error)?.message) ?? error;
    const message = asObject(line.message) ?? {};
    newest = `${asText(message.thinking) ?? ""}${asText(message.content) ?? ""}`;
    content += asText(message.content) ?? "";
    thinking += asText(message.thinking) ?? "";
    for (const call of asArray(message.tool_calls)) calls.push(callOf(asObject(call) ?? {}));
    if (line.done !== true) return;
    isDone = true;
    last = line;
  }
  return {
    push: (line) => {
      if (line.trim() === "") return;
      const parsed = parseJsonLine(line);
      if (parsed) take(parsed);
      else malformedLines += 1;
    },
    newest: () => newest,
    characters: () => content.length + thinking.length,
    turn: () => ({
      content,
      thinking,
      calls,
      isDone,
      doneReason: asText(last.done_reason),
      promptTokens: asNumber(last.prompt_eval_count) ?? 0,
      outputTokens: asNumber(last.eval_count) ?? 0,
      malformedLines,
      error,
    }),
  };
}

function callOf(call: Fields): AskedCall {
  const asked = asObject(call.function) ?? call;
  return { name: asText(asked.name) ?? "", arguments: argumentsOf(asked.arguments) };
}

/** An object; some models and proxies give it as a text that holds one. */
export function argumentsOf(value: unknown): CallArguments {
  if (typeof value !== "string") return asObject(value) ?? {};
  try {
    return asObject(JSON.parse(value)) ?? {};
  } catch {
    return {};
  }
}
