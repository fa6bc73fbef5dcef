import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readdirSync, readSync, type Stats, statSync } from "node:fs";
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

export const inboxFile = (folder: string) => join(folder, "inbox.jsonl");

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
 * begins with `inbox`) is read to its end first, its last line whether or not it has an end; then the new one.
 */
export function readInbox(folder: string, cursor: InboxCursor): readonly FoundLine[] {
  if (cursor.fileId !== null) {
    const going = within(inboxFile(folder), (file) =>
      file.isAt(cursor) ? file.linesFrom(cursor, { isWhole: false }) : null,
    );
    if (going !== null) return going;
    const aside = movedAside(folder, cursor);
    if (aside.length > 0) return aside;
  }
  const start = { offset: 0, lineNumber: 0 };
  return within(inboxFile(folder), (file) => file.linesFrom(start, { isWhole: false })) ?? [];
}

/** As long as this is the same there is nothing new in it. Null: that cannot be told, it was written to just now. */
export function inboxMark(folder: string, now: Instant): string | null {
  const stats = statSync(inboxFile(folder), { throwIfNoEntry: false });
  if (stats === undefined) return "none";
  // Two writes within one step of the file system's clock look like one.
  return Math.abs(now - stats.mtimeMs) < 1_000 ? null : `${stats.ino}-${stats.size}-${stats.mtimeMs}`;
}

type Cursor = Pick<InboxCursor, "fileId" | "offset" | "lineNumber">;

function movedAside(folder: string, cursor: Cursor): readonly FoundLine[] {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith("inbox")) continue;
    const lines = within(join(folder, name), (file) =>
      file.number === numberIn(cursor) && file.isAt(cursor) ? file.linesFrom(cursor, { isWhole: true }) : null,
    );
    if (lines !== null) return lines;
  }
  return [];
}

const numberIn = ({ fileId }: Cursor): string | undefined => fileId?.split(":")[0];
const printIn = ({ fileId }: Cursor): string | undefined => fileId?.split(":")[1];

/** Null: there is no such file. */
function within<T>(path: string, look: (file: InboxFile) => T | null): T | null {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return null;
  const handle = openSync(path, "r");
  try {
    return look(new InboxFile(handle));
  } finally {
    closeSync(handle);
  }
}

class InboxFile {
  readonly #handle: number;
  readonly #stats: Stats;

  constructor(handle: number) {
    this.#handle = handle;
    this.#stats = fstatSync(handle);
  }

  get number(): string {
    return String(this.#stats.ino);
  }

  isAt(cursor: Cursor): boolean {
    return this.#stats.size >= cursor.offset && printIn(cursor) === this.#printAt(cursor.offset);
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
      return { line, offset: begin, fileId: `${this.number}:${this.#printAt(line.end)}` };
    });
  }

  #split({ offset, lineNumber }: Pick<Cursor, "offset" | "lineNumber">, isWhole: boolean): readonly MailboxLine[] {
    const { size } = this.#stats;
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
    const { size } = this.#stats;
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
    const bytes = Buffer.alloc(Math.max(0, Math.min(most, this.#stats.size - offset)));
    return bytes.subarray(0, readSync(this.#handle, bytes, 0, bytes.length, offset));
  }
}

const printedBytes = 1024;
