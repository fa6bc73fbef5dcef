import { closeSync, constants, fstatSync, mkdirSync, openSync, readdirSync, readFileSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { boundOutput } from "./bound-output.ts";
import { guardPath } from "./guard-path.ts";
import type { ToolCall } from "./tools.ts";

export interface ToolResult {
  readonly ok: boolean;
  /** For the model; already cut. */
  readonly text: string;
}

export interface OutputBound {
  readonly bytes: number;
  readonly lines: number;
}

type FileCall = Exclude<ToolCall, { readonly tool: "run_command" | "search_files" }>;

/** Does one call on files of the worktree; whatever is wrong is told to the model. */
export function runFileTool(worktree: string, call: FileCall, bound: OutputBound): ToolResult {
  const path = guardPath(worktree, call.path);
  if (!path.ok) return no(path.problem);
  try {
    switch (call.tool) {
      case "read_file":
        return readPart(path, call, bound);
      case "list_files":
        return list(path, call.pattern, bound);
      case "write_file":
        return write(path, call.content);
      case "patch_file":
        return patch(path, call);
    }
  } catch (error) {
    return no(`${call.tool} of ${path.shown} failed: ${explain(error)}`);
  }
}

interface Place {
  readonly real: string;
  readonly shown: string;
}

const maxFileBytes = 10 * 1024 * 1024;

function readPart(path: Place, { from, to }: { from: number; to: number | null }, bound: OutputBound): ToolResult {
  const lines = readText(path.real).split("\n");
  if (lines.at(-1) === "") lines.pop();
  if (from > lines.length && lines.length > 0) return no(`${path.shown} has only ${lines.length} lines.`);
  const last = Math.min(to ?? from + bound.lines - 1, lines.length);
  const header = `[${path.shown}: lines ${Math.min(from, lines.length)} to ${last} of ${lines.length}]`;
  return yes(`${header}\n${boundOutput(lines.slice(from - 1, last).join("\n"), bound)}`);
}

/** Nobody reads those, and they are many. */
const unlisted = new Set(["node_modules", ".venv", "__pycache__"]);
const maxVisited = 20_000;

function list(path: Place, pattern: string | null, bound: OutputBound): ToolResult {
  const found: string[] = [];
  const folders = [""];
  const wanted = pattern?.replace(/^\*+|\*+$/g, "") ?? "";
  for (let visited = 0; folders.length > 0 && visited < maxVisited; ) {
    const folder = folders.shift() ?? "";
    for (const entry of readdirSync(join(path.real, folder), { withFileTypes: true })) {
      visited += 1;
      if (entry.name.toLowerCase() === ".git") continue;
      const name = join(folder, entry.name);
      if (entry.isDirectory() && !unlisted.has(entry.name)) folders.push(name);
      else if (name.includes(wanted)) found.push(entry.isDirectory() ? `${name}/ (not listed)` : name);
    }
  }
  if (found.length === 0) return yes(`[${path.shown}: no files]`);
  return yes(boundOutput(found.sort().join("\n"), bound));
}

function write(path: Place, content: string): ToolResult {
  mkdirSync(dirname(path.real), { recursive: true });
  writeText(path.real, content);
  return yes(`Wrote ${path.shown} (${Buffer.byteLength(content)} bytes).`);
}

function patch(path: Place, call: FileCall & { readonly tool: "patch_file" }): ToolResult {
  const { oldText, newText, everywhere } = call;
  const text = readText(path.real);
  const count = text.split(oldText).length - 1;
  if (count === 0) {
    return no(`old_text does not occur in ${path.shown}. Read the file and give the text exactly, with its spaces.`);
  }
  if (count > 1 && !everywhere) {
    return no(
      `old_text occurs ${count} times in ${path.shown}. Give more of the text around it, or replace_all: true.`,
    );
  }
  writeText(path.real, text.split(oldText).join(newText));
  return yes(`Replaced ${count === 1 ? "it" : `${count} occurrences`} in ${path.shown}.`);
}

/** Only regular files: a pipe would block for ever, a link came into the place after it was looked at. */
function readText(path: string): string {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new Error("it is no regular file");
    if (stat.size > maxFileBytes) throw new Error(`it has ${stat.size} bytes; use run_command to see parts of it`);
    const bytes = readFileSync(file);
    if (bytes.subarray(0, 8_000).includes(0)) throw new Error("it is a binary file");
    return bytes.toString("utf8");
  } finally {
    closeSync(file);
  }
}

function writeText(path: string, text: string): void {
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW, O_NONBLOCK } = constants;
  const file = openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK, 0o644);
  try {
    if (!fstatSync(file).isFile()) throw new Error("it is no regular file");
    const bytes = Buffer.from(text);
    for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
  } finally {
    closeSync(file);
  }
}

function explain(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const known: { readonly [code: string]: string } = {
    ENOENT: "it is not there",
    EISDIR: "it is a folder",
    ENOTDIR: "a part of the path is no folder",
    EACCES: "it may not be opened",
    ELOOP: "it is a link",
  };
  return `${known[code ?? ""] ?? message}.`;
}

const yes = (text: string): ToolResult => ({ ok: true, text });
const no = (text: string): ToolResult => ({ ok: false, text });
