import { createHash } from "node:crypto";
import { type BigIntStats, closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Instant } from "../../domain/time.ts";
import type { InboxCursor } from "../../store/ports/flows.ts";
import { type MailboxLine, maxLineBytes, splitLines, startOfFile } from "./split-lines.ts";

/** A line, where it begins, and what its file is known by once it was dealt with. */
export interface FoundLine {
  readonly line: MailboxLine;
  readonly offset: number;
  readonly fileId: string;
}

const currentName = "inbox.jsonl";
const inboxFile = (folder: string) => join(folder, currentName);

/** A whole line fits in. */
const chunkBytes = maxLineBytes + 64 * 1024;
/** So many are dealt with before another flow has its turn. */
const mostLines = 200;

/**
 * The whole lines behind the cursor, at most 200; none: there is nothing new.
 *
 * The file is known by what was read of it: its first and its last bytes before the cursor. So it may be copied, and saved
 * anew by an editor, and goes on behind the cursor; and one whose text was replaced is read from its beginning, also when
 * it has the same size and the same number in the file system. A file that was renamed within the folder (any name that
 * begins with `inbox`) is read to its end first, its last line whether or not it has an end; then those that were renamed
 * to `inbox.jsonl.<number>` after it, in the order in which they were written; then the new one.
 */
export function readInbox(folder: string, cursor: InboxCursor): readonly FoundLine[] {
  // Opened before the folder is listed: one that is renamed meanwhile is this very file, and none comes between.
  const current = openInbox(inboxFile(folder));
  try {
    if (current?.isAt(cursor)) return current.linesFrom(cursor, { isWhole: false });
    for (const name of renamedSince(folder, cursor)) {
      const renamed = openInbox(join(folder, name));
      try {
        const lines = renamed?.linesFrom(renamed.isAt(cursor) ? cursor : start, { isWhole: true }) ?? [];
        if (lines.length > 0) return lines;
      } finally {
        renamed?.close();
      }
    }
    return current?.linesFrom(start, { isWhole: false }) ?? [];
  } finally {
    current?.close();
  }
}

const start = { offset: 0, lineNumber: 0 };

/** The file that the cursor stands in, whatever its name is now, and after it those that were made and renamed meanwhile. */
function renamedSince(folder: string, cursor: Cursor): readonly string[] {
  const { number, writtenAt } = partsOf(cursor);
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return [];
  const found = readdirSync(folder).flatMap((name) => {
    if (!name.startsWith("inbox") || name === currentName) return [];
    const stats = statSync(join(folder, name), { throwIfNoEntry: false, bigint: true });
    return stats?.isFile() ? [{ name, number: String(stats.ino), writtenAt: stats.mtimeNs }] : [];
  });
  const own = found.find((each) => each.number === number);
  const since = own?.writtenAt ?? writtenAt;
  const later = found.filter((each) => each !== own && /^\.\d+$/.test(each.name.slice(currentName.length)));
  const inOrder = later
    .filter((each) => each.writtenAt > since)
    .sort((one, other) => (one.writtenAt < other.writtenAt ? -1 : 1));
  return [...(own ? [own] : []), ...inOrder].map(({ name }) => name);
}

/**
 * As long as this is the same there is nothing new, in the file or beside it. Null: that cannot be told, because something
 * was written just now.
 */
export function inboxMark(folder: string, now: Instant): string | null {
  const [file, around] = [inboxFile(folder), folder].map((path) => statSync(path, { throwIfNoEntry: false }));
  // Two writes within one step of the file system's clock look like one.
  if ([file, around].some((stats) => stats && Math.abs(now - stats.mtimeMs) < 1_000)) return null;
  return `${file?.ino}-${file?.size}-${file?.mtimeMs}-${around?.mtimeMs}`;
}

type Cursor = Pick<InboxCursor, "fileId" | "offset" | "lineNumber">;

/** `<number in the file system>:<what was read of it>:<when it was written to last>`. */
function partsOf({ fileId }: Cursor) {
  const [number, print, writtenAt] = fileId?.split(":") ?? [];
  return { number, print, writtenAt: BigInt(writtenAt ?? -1) };
}

/** Null: there is no such file. */
function openInbox(path: string): InboxFile | null {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return null;
  try {
    return new InboxFile(openSync(path, "r"));
  } catch (error) {
    // Renamed just now.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

class InboxFile {
  readonly #handle: number;
  readonly #stats: BigIntStats;
  readonly #size: number;

  constructor(handle: number) {
    this.#handle = handle;
    this.#stats = fstatSync(handle, { bigint: true });
    this.#size = Number(this.#stats.size);
  }

  close(): void {
    closeSync(this.#handle);
  }

  isAt(cursor: Cursor): boolean {
    const { print } = partsOf(cursor);
    return print !== undefined && this.#size >= cursor.offset && print === this.#printAt(cursor.offset);
  }

  linesFrom(
    at: Pick<Cursor, "offset" | "lineNumber">,
    { isWhole }: { readonly isWhole: boolean },
  ): readonly FoundLine[] {
    const found = this.#split(at, isWhole).slice(0, mostLines);
    let offset = at.offset;
    return found.map((line) => {
      const begin = offset;
      offset = line.end;
      const { ino, mtimeNs } = this.#stats;
      return { line, offset: begin, fileId: `${ino}:${this.#printAt(line.end)}:${mtimeNs}` };
    });
  }

  #split({ offset, lineNumber }: Pick<Cursor, "offset" | "lineNumber">, isWhole: boolean): readonly MailboxLine[] {
    const size = this.#size;
    const chunk = this.#read(offset, chunkBytes);
    const isToEnd = offset + chunk.length >= size;
    if (!isToEnd && !chunk.includes(0x0a)) return this.#endOfLongLine(offset, lineNumber + 1, isWhole);
    const isEnded = isWhole && isToEnd && chunk.length > 0 && chunk.at(-1) !== 0x0a;
    const start = { ...startOfFile, line: lineNumber + 1, offset };
    const { lines, carry } = splitLines(isEnded ? Buffer.concat([chunk, Buffer.from("\n")]) : chunk, start);
    // The line end that we thought of is not in the file.
    if (lines.length > 0) return lines.map((line) => (line.end > size ? { ...line, end: size } : line));
    // Nothing but empty lines: they are done with.
    return carry.offset > offset ? [{ line: carry.line - 1, end: Math.min(carry.offset, size), text: "" }] : [];
  }

  /** Of a line that is longer than any may be only the end is looked for. */
  #endOfLongLine(from: number, line: number, isWhole: boolean): readonly MailboxLine[] {
    const size = this.#size;
    for (let at = from; at < size; at += chunkBytes) {
      const end = this.#read(at, chunkBytes).indexOf(0x0a);
      if (end !== -1) return [{ line, end: at + end + 1, fault: "too-long" }];
    }
    return isWhole ? [{ line, end: size, fault: "too-long" }] : [];
  }

  #printAt(offset: number): string {
    const bytes = Math.min(printedBytes, offset);
    const print = createHash("sha256").update(`${offset} `);
    return print
      .update(this.#read(0, bytes))
      .update(this.#read(offset - bytes, bytes))
      .digest("hex")
      .slice(0, 16);
  }

  #read(offset: number, most: number): Buffer {
    const bytes = Buffer.alloc(Math.max(0, Math.min(most, this.#size - offset)));
    return bytes.subarray(0, readSync(this.#handle, bytes, 0, bytes.length, offset));
  }
}

const printedBytes = 1024;
