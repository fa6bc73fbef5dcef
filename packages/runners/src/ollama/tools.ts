import { asNumber, asText } from "../backends/json-line.ts";
import type { AskedCall, CallArguments } from "./chat.ts";

/** A call that is understood: one of our tools, with what it needs. */
export type ToolCall =
  | { readonly tool: "read_file"; readonly path: string; readonly from: number; readonly to: number | null }
  | { readonly tool: "list_files"; readonly path: string; readonly pattern: string | null }
  | { readonly tool: "search_files"; readonly path: string; readonly text: string }
  | { readonly tool: "write_file"; readonly path: string; readonly content: string }
  | {
      readonly tool: "patch_file";
      readonly path: string;
      readonly oldText: string;
      readonly newText: string;
      readonly everywhere: boolean;
    }
  | { readonly tool: "run_command"; readonly command: string; readonly timeoutSeconds: number | null };

export type ReadCall =
  | { readonly ok: true; readonly call: ToolCall }
  | { readonly ok: false; readonly problem: string };

/** What the model is told of each tool; also the shape `/api/chat` takes them in. */
export const toolDefinitions = [
  define("read_file", "Read a text file of the worktree.", {
    path: text("relative to the worktree"),
    from_line: optional(whole("first line, from 1")),
    to_line: optional(whole("last line")),
  }),
  define("list_files", "List the files below a folder of the worktree.", {
    path: optional(text('the folder; "." when left out')),
    pattern: optional(text("only paths that contain this text")),
  }),
  define("search_files", "Find the lines that contain a text, with file and line number.", {
    text: text("the text itself, not a regular expression"),
    path: optional(text("file or folder to search; everything when left out")),
  }),
  define("write_file", "Write a whole file; makes its folders. For a small change to a file use patch_file.", {
    path: text("relative to the worktree"),
    content: text("the whole new text of the file"),
  }),
  define("patch_file", "Replace one exact piece of a file's text by another.", {
    path: text("relative to the worktree"),
    old_text: text("the text to replace, exactly as it is in the file; it must occur once"),
    new_text: text("what stands there instead"),
    replace_all: optional({ type: "boolean", description: "replace every occurrence" }),
  }),
  define("run_command", "Run a shell command in the worktree, without input. It is ended at its time limit.", {
    command: text("for /bin/sh"),
    timeout_seconds: optional(whole("at most the session's limit")),
  }),
];

export const toolNames: readonly string[] = toolDefinitions.map((one) => one.function.name);

/** Names models use for the same things; taken as ours, so that a turn is not lost to a word. */
const otherNames: { readonly [name: string]: string } = {
  read: "read_file",
  cat: "read_file",
  list: "list_files",
  ls: "list_files",
  list_dir: "list_files",
  list_directory: "list_files",
  search: "search_files",
  grep: "search_files",
  write: "write_file",
  create_file: "write_file",
  edit: "patch_file",
  edit_file: "patch_file",
  patch: "patch_file",
  replace: "patch_file",
  bash: "run_command",
  shell: "run_command",
  run: "run_command",
  exec: "run_command",
  execute: "run_command",
  exec_command: "run_command",
  execute_command: "run_command",
  run_shell_command: "run_command",
};

export const isToolName = (name: string): boolean => toolNames.includes(ownName(name));

const ownName = (name: string): string => {
  const plain = name
    .trim()
    .toLowerCase()
    .replace(/^functions?[.:]/, "");
  return otherNames[plain] ?? plain;
};

/** Pure. What a call asks for, or what is wrong with it in words the model can act on. */
export function readCall(asked: AskedCall): ReadCall {
  const tool = ownName(asked.name);
  const given = asked.arguments;
  const path = textOf(given, "path", "file_path", "file", "filename", "directory", "dir", "folder");
  switch (tool) {
    case "read_file": {
      if (path === null) return missing(tool, "path", given);
      const from = numberOf(given, "from_line", "start_line", "line_start", "offset") ?? 1;
      return { ok: true, call: { tool, path, from, to: numberOf(given, "to_line", "end_line", "line_end") } };
    }
    case "list_files":
      return { ok: true, call: { tool, path: path ?? ".", pattern: textOf(given, "pattern", "glob", "contains") } };
    case "search_files": {
      const wanted = textOf(given, "text", "query", "pattern", "search");
      return wanted === null
        ? missing(tool, "text", given)
        : { ok: true, call: { tool, path: path ?? ".", text: wanted } };
    }
    case "write_file": {
      const content = contentOf(given, "content", "contents", "text", "data");
      if (path === null) return missing(tool, "path", given);
      return content === null ? missing(tool, "content", given) : { ok: true, call: { tool, path, content } };
    }
    case "patch_file": {
      const oldText = textOf(given, "old_text", "old_string", "old", "search", "find");
      const newText = contentOf(given, "new_text", "new_string", "new", "replace", "replacement");
      if (path === null) return missing(tool, "path", given);
      if (oldText === null) return missing(tool, "old_text", given);
      if (newText === null) return missing(tool, "new_text", given);
      return { ok: true, call: { tool, path, oldText, newText, everywhere: isYes(given.replace_all) } };
    }
    case "run_command": {
      const command = commandOf(given);
      if (command === null) return missing(tool, "command", given);
      return { ok: true, call: { tool, command, timeoutSeconds: numberOf(given, "timeout_seconds", "timeout") } };
    }
    default:
      return {
        ok: false,
        problem: `There is no tool ${JSON.stringify(asked.name.slice(0, 80))}. Tools: ${toolNames.join(", ")}.`,
      };
  }
}

/** One line for people and for the events. */
export function detailOf(asked: AskedCall): string {
  const read = readCall(asked);
  if (!read.ok) return read.problem;
  const { call } = read;
  return call.tool === "run_command" ? call.command : call.tool === "search_files" ? call.text : call.path;
}

function missing(tool: string, name: string, given: CallArguments): ReadCall {
  const found = Object.keys(given).slice(0, 10).join(", ") || "nothing";
  return { ok: false, problem: `${tool} needs "${name}"; the call gave ${found}. Call it again with "${name}".` };
}

function contentOf(given: CallArguments, ...names: readonly string[]): string | null {
  for (const name of names) {
    const value = given[name];
    if (typeof value === "string") return value;
    // The content of a JSON file, given as the object it is.
    if (typeof value === "object" && value !== null) return `${JSON.stringify(value, null, 2)}\n`;
  }
  return null;
}

function textOf(given: CallArguments, ...names: readonly string[]): string | null {
  for (const name of names) if (asText(given[name]) !== null) return asText(given[name]);
  return null;
}

function numberOf(given: CallArguments, ...names: readonly string[]): number | null {
  for (const name of names) {
    const value = given[name];
    const number = asNumber(typeof value === "string" && value.trim() !== "" ? Number(value) : value);
    if (number !== null) return Math.max(1, Math.floor(number));
  }
  return null;
}

function commandOf(given: CallArguments): string | null {
  const found = given.command ?? given.cmd ?? given.script;
  if (!Array.isArray(found)) return asText(found);
  const words = found.filter((word) => typeof word === "string");
  // ["bash", "-lc", "…"] is what some models were taught; other lists are the words of one command.
  if (words.length === 3 && /^(ba|z|da)?sh$/.test(words[0] ?? "") && /^-l?c$/.test(words[1] ?? "")) {
    return asText(words[2]);
  }
  return asText(words.map(quoted).join(" "));
}

const quoted = (word: string): string => (/^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
const isYes = (value: unknown): boolean => value === true || value === "true";

interface Property {
  readonly type: string;
  readonly description: string;
  readonly isOptional?: boolean;
}

function define(name: string, description: string, parameters: { readonly [name: string]: Property }) {
  const required = Object.entries(parameters).flatMap(([key, { isOptional }]) => (isOptional ? [] : [key]));
  const properties = Object.fromEntries(
    Object.entries(parameters).map(([key, { type, description: meaning }]) => [key, { type, description: meaning }]),
  );
  return {
    type: "function" as const,
    function: { name, description, parameters: { type: "object" as const, properties, required } },
  };
}

function text(description: string): Property {
  return { type: "string", description };
}

function whole(description: string): Property {
  return { type: "integer", description };
}

function optional(property: Property): Property {
  return { ...property, isOptional: true };
}
