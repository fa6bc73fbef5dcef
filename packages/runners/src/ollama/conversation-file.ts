import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { asArray, asObject, asText, type Fields, parseJsonLine } from "../backends/json-line.ts";
import { writeAtomically } from "../session/write-atomically.ts";
import type { ChatMessage } from "./chat.ts";
import { argumentsOf } from "./read-turn.ts";

const maxBytes = 32 * 1024 * 1024;

/** Our own ids only: a name from outside never becomes a path. */
export const isConversationId = (id: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id);

/** The whole conversation but the system prompt, which is made anew; complete on disk after each step. */
export function saveConversation(folder: string, id: string, messages: readonly ChatMessage[]): void {
  writeAtomically(join(folder, `${id}.json`), `${JSON.stringify({ version: 1, messages })}\n`);
}

/** Null when there is none of that id, or what is there is none of ours. */
export function loadConversation(folder: string, id: string): readonly ChatMessage[] | null {
  if (!isConversationId(id)) return null;
  const path = join(folder, `${id}.json`);
  try {
    if (statSync(path).size > maxBytes) return null;
    const saved = parseJsonLine(readFileSync(path, "utf8"));
    if (saved?.version !== 1 || !Array.isArray(saved.messages)) return null;
    return withAnswers(saved.messages.flatMap((one) => messageOf(asObject(one) ?? {}) ?? []));
  } catch {
    return null;
  }
}

function messageOf({ role, content, thinking, tool_calls, tool_name }: Fields): ChatMessage | null {
  if (role !== "user" && role !== "assistant" && role !== "tool") return null;
  if (typeof content !== "string") return null;
  const calls = asArray(tool_calls).flatMap((one) => {
    const asked = asObject(asObject(one)?.function);
    const name = asText(asked?.name);
    return asked && name !== null ? [{ function: { name, arguments: argumentsOf(asked.arguments) } }] : [];
  });
  return {
    ...{ role, content },
    ...(asText(thinking) === null ? {} : { thinking: asText(thinking) ?? "" }),
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
    ...(asText(tool_name) === null ? {} : { tool_name: asText(tool_name) ?? "" }),
  };
}

/** Pure. Calls whose session ended before their results were there get one that says so: no server takes them without. */
export function withAnswers(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  const asked = messages.findLastIndex(({ role }) => role === "assistant");
  const calls = messages[asked]?.tool_calls ?? [];
  const answered = messages.slice(asked + 1).filter(({ role }) => role === "tool").length;
  const missing = calls.slice(answered).map(
    (call): ChatMessage => ({
      role: "tool",
      tool_name: call.function.name,
      content: "[The session ended before this call had a result. Look at what it did before you repeat it.]",
    }),
  );
  return [...messages, ...missing];
}
