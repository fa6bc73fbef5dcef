import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import { createLineReader } from "./read-lines.ts";
import type { FollowedFile } from "./session-spec.ts";

export interface FileFollower {
  /** The conversation has begun, and has this id. */
  begin(id: string): void;
  /** Hands on what was added since the last look. */
  look(): void;
  close(): void;
}

const everyMs = 500;
const maxLineLength = 256 * 1024;
/** Of one look; the rest comes with the next. */
const maxBytes = 4 * 1024 * 1024;

/**
 * Reads along in the file that a program keeps of its conversation. The agent can write there, as it can print: what is
 * no plain file is not opened, and nothing of it stops the session.
 */
export function followFile(follows: FollowedFile, onLine: (line: string) => void): FileFollower {
  const lines = createLineReader(maxLineLength, onLine);
  let name: string | null = null;
  let opened: number | null = null;
  let offset = 0;

  function look(): void {
    if (name === null) return;
    opened ??= openNamed(follows.folder, name);
    if (opened === null) return;
    const { size } = fstatSync(opened);
    const chunk = Buffer.alloc(Math.min(maxBytes, Math.max(0, size - offset)));
    const length = readSync(opened, chunk, 0, chunk.length, offset);
    offset += length;
    if (length > 0) lines.push(chunk.subarray(0, length));
  }
  const timer = setInterval(look, everyMs);
  timer.unref();
  return {
    begin: (id) => {
      const known = id.slice(0, follows.idLength);
      if (known !== "") name ??= known;
    },
    look,
    close: () => {
      clearInterval(timer);
      name = null;
      if (opened !== null) closeSync(opened);
      opened = null;
    },
  };
}

function openNamed(folder: string, name: string): number | null {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    const found = entries.find((entry) => entry.isFile() && entry.name.includes(name) && entry.name.endsWith(".jsonl"));
    if (!found) return null;
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
    const opened = openSync(join(found.parentPath, found.name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (fstatSync(opened).isFile()) return opened;
    closeSync(opened);
    return null;
  } catch {
    // Not there yet.
    return null;
  }
}
