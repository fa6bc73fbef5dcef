import { asObject, asText, type Fields } from "../backends/json-line.ts";
import type { AskedCall } from "./chat.ts";
import { argumentsOf } from "./read-turn.ts";

export type CallsInText =
  | { readonly kind: "calls"; readonly calls: readonly AskedCall[] }
  /** It meant to call a tool, and what it wrote cannot be read. */
  | { readonly kind: "broken"; readonly problem: string }
  | { readonly kind: "none" };

/**
 * Pure. The tool calls in a model's prose: models without tool support, and some with it, write them as JSON, fenced,
 * bare or in tags, or as tags with parameters. Only what has the shape of a call counts, and a name alone only when it
 * is a tool's: a `package.json` in an answer is no call.
 */
export function callsInText(answer: string, isTool: (name: string) => boolean): CallsInText {
  const text = withoutThoughts(answer);
  const tagged = taggedCalls(text);
  if (tagged.length > 0) return { kind: "calls", calls: tagged };
  // As a whole first: a file's text in a call may hold fences. Then part by part: prose may hold half a quotation.
  const whole = callsInPieces(jsonPieces(text), isTool);
  return whole.kind === "calls" ? whole : callsInPieces(text.split("```").flatMap(jsonPieces), isTool);
}

function callsInPieces(pieces: readonly string[], isTool: (name: string) => boolean): CallsInText {
  const calls: AskedCall[] = [];
  let broken: string | null = null;
  for (const piece of pieces) {
    const parsed = parsePiece(piece);
    if (parsed.ok) calls.push(...callsOf(parsed.value, isTool, 0));
    else if (looksLikeCall(piece, isTool)) broken = parsed.problem;
  }
  if (calls.length > 0) return { kind: "calls", calls };
  return broken === null ? { kind: "none" } : { kind: "broken", problem: broken };
}

/** Pure. What a reasoning model says to itself in its answer is not said to us. */
export function withoutThoughts(text: string): string {
  return text.replace(/<think(?:ing)?>[\s\S]*?(?:<\/think(?:ing)?>|$)/g, "").trim();
}

/** `<function=name><parameter=path>x</parameter></function>`, as Qwen's coder models were taught. */
function taggedCalls(text: string): readonly AskedCall[] {
  return [...text.matchAll(/<function=([\w.-]+)>([\s\S]*?)<\/function>/g)].map(([, name = "", body = ""]) => {
    const parameters = [...body.matchAll(/<parameter=([\w.-]+)>\n?([\s\S]*?)\n?<\/parameter>/g)];
    if (parameters.length === 0) return { name, arguments: argumentsOf(body.trim()) };
    return { name, arguments: Object.fromEntries(parameters.map(([, key = "", value = ""]) => [key, value])) };
  });
}

/** Top-level `{…}` and `[…]` of a text, each to its closing bracket; one that never closes goes to the end. */
function jsonPieces(text: string): readonly string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length && pieces.length < 100; ) {
    const start = nextOpening(text, at);
    if (start === -1) break;
    const end = closingOf(text, start);
    // A bracket of prose, such as [1], must not swallow what follows when it stays open.
    if (end === -1 && text[start] === "[") at = start + 1;
    else {
      pieces.push(text.slice(start, end === -1 ? undefined : end + 1));
      at = end === -1 ? text.length : end + 1;
    }
  }
  return pieces;
}

function nextOpening(text: string, from: number): number {
  const found = /\{|\[(?=\s*\{)/.exec(text.slice(from));
  return found ? from + found.index : -1;
}

function closingOf(text: string, start: number): number {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at += 1) {
    const sign = text[at];
    if (inString) {
      if (sign === "\\") at += 1;
      else if (sign === '"') inString = false;
    } else if (sign === '"') inString = true;
    else if (sign === "{" || sign === "[") depth += 1;
    else if (sign === "}" || sign === "]") {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return -1;
}

type Parsed = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: string };

/** Small models break lines inside strings; that much is mended. */
function parsePiece(piece: string): Parsed {
  const mended = piece.replace(/"(?:[^"\\]|\\[\s\S])*"/g, (text) =>
    text.replace(/\r?\n/g, "\\n").replace(/\t/g, "\\t"),
  );
  try {
    return { ok: true, value: JSON.parse(mended) };
  } catch (error) {
    return { ok: false, problem: (error as Error).message.slice(0, 200) };
  }
}

const nameKeys = ["name", "tool", "tool_name", "function", "function_name", "action"] as const;
const argumentKeys = ["arguments", "args", "parameters", "params", "input", "tool_input", "action_input"] as const;

function callsOf(value: unknown, isTool: (name: string) => boolean, depth: number): readonly AskedCall[] {
  if (depth > 3) return [];
  if (Array.isArray(value)) return value.flatMap((one) => callsOf(one, isTool, depth + 1));
  const fields = asObject(value);
  if (!fields) return [];
  const inner = fields.tool_calls ?? fields.tool_call ?? fields.calls ?? asObject(fields.function);
  if (inner) return callsOf(inner, isTool, depth + 1);
  const call = callOf(fields, isTool);
  return call ? [call] : [];
}

function callOf(fields: Fields, isTool: (name: string) => boolean): AskedCall | null {
  const nameKey = nameKeys.find((key) => asText(fields[key]) !== null);
  if (nameKey === undefined) return null;
  const name = asText(fields[nameKey]) ?? "";
  const given = argumentKeys.find((key) => fields[key] !== undefined && typeof fields[key] !== "number");
  if (given !== undefined) return { name, arguments: argumentsOf(fields[given]) };
  if (!isTool(name)) return null;
  const { [nameKey]: _, ...rest } = fields;
  return { name, arguments: rest };
}

function looksLikeCall(piece: string, isTool: (name: string) => boolean): boolean {
  const name = /"(?:name|tool|tool_name|function|function_name|action)"\s*:\s*"([\w.-]+)"/.exec(piece)?.[1];
  return name !== undefined && isTool(name);
}
