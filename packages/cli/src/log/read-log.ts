import { closeSync, createReadStream, fstatSync, openSync, readSync, statSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Instant } from "@agent-control-plane/core";
import { logParts } from "./rotated-file.ts";

export type Level = "debug" | "info" | "warn" | "error";

/** Rising. */
export const levels: readonly Level[] = ["debug", "info", "warn", "error"];

export interface LogFilter {
  readonly level: Level;
  readonly since: Instant | null;
  readonly profileId: string | null;
}

/** One line as it stands in the file, and what is in it. */
export interface LogLine {
  readonly text: string;
  readonly level: Level;
  readonly at: Instant;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Lines of the log and its rotated parts, the oldest first. What is no line of a log (a torn one) is left out. */
export async function* readLog(path: string, filter: LogFilter): AsyncGenerator<LogLine> {
  for (const part of logParts(path)) {
    const stat = statSync(part, { throwIfNoEntry: false });
    // It was not written to since.
    if (!stat || (filter.since !== null && stat.mtimeMs < filter.since)) continue;
    for await (const text of createInterface({ input: createReadStream(part), crlfDelay: Number.POSITIVE_INFINITY })) {
      const line = parseLine(text);
      if (line && matches(line, filter)) yield line;
    }
  }
}

/** What is appended from now on, over rotations. Each call answers what is new since the last one. */
export function followLog(path: string, filter: LogFilter): () => readonly LogLine[] {
  let file = open(path);
  let position = file === null ? 0 : fstatSync(file.handle).size;
  let rest = "";
  return () => {
    const lines = readOn();
    const inode = statSync(path, { throwIfNoEntry: false })?.ino;
    if (inode !== undefined && inode !== file?.inode) {
      // What was written to the old one before it was rotated has been read just now.
      if (file !== null) {
        lines.push(...readOn());
        closeSync(file.handle);
      }
      file = open(path);
      position = 0;
      rest = "";
      lines.push(...readOn());
    }
    return lines.flatMap((text) => parseLine(text) ?? []).filter((line) => matches(line, filter));
  };

  function readOn(): string[] {
    if (file === null) return [];
    const buffer = Buffer.alloc(64 * 1024);
    const chunks: Buffer[] = [];
    for (;;) {
      const read = readSync(file.handle, buffer, 0, buffer.length, position);
      if (read === 0) break;
      position += read;
      chunks.push(Buffer.from(buffer.subarray(0, read)));
    }
    const parts = (rest + Buffer.concat(chunks).toString("utf8")).split("\n");
    rest = parts.pop() ?? "";
    return parts;
  }
}

function open(path: string): { readonly handle: number; readonly inode: number } | null {
  try {
    const handle = openSync(path, "r");
    return { handle, inode: fstatSync(handle).ino };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

function parseLine(text: string): LogLine | null {
  try {
    const { level, time, msg, ...fields } = JSON.parse(text) as Record<string, unknown>;
    const at = Date.parse(String(time));
    if (!levels.includes(level as Level) || Number.isNaN(at)) return null;
    return { text, level: level as Level, at, message: String(msg), fields };
  } catch {
    return null;
  }
}

function matches({ level, at, fields }: LogLine, filter: LogFilter): boolean {
  if (levels.indexOf(level) < levels.indexOf(filter.level)) return false;
  if (filter.since !== null && at < filter.since) return false;
  if (filter.profileId === null) return true;
  const { profileId, profiles } = fields;
  return profileId === filter.profileId || (Array.isArray(profiles) && profiles.includes(filter.profileId));
}
