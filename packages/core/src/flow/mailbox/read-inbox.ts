import { closeSync, openSync, readdirSync, readSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import type { InboxCursor } from "../../store/ports/flows.ts";
import { type MailboxLine, splitLines, startOfFile } from "./split-lines.ts";

/** What was found behind the cursor; `fileId` is to be saved with each line that is dealt with. */
export interface InboxReading {
  readonly fileId: string;
  readonly lines: readonly MailboxLine[];
}

export const inboxFile = (folder: string) => join(folder, "inbox.jsonl");

/** So much is read at once; what is behind it comes with the next look. A line may have a megabyte. */
const chunkBytes = 4 * 1024 * 1024;

/**
 * The whole lines behind the cursor. A file that was moved aside (`inbox.jsonl.1`, any name that begins with `inbox`) is
 * read to its end first, its last line whether or not it has an end; then the new one from its beginning. A file that
 * was cut short is read from its beginning, too. Null: there is nothing new.
 */
export function readInbox(folder: string, cursor: InboxCursor): InboxReading | null {
  const current = fileAt(inboxFile(folder));
  const before = cursor.fileId === null ? null : baseOf(cursor.fileId);
  if (before !== null && current?.id !== before) {
    const aside = movedAside(folder, before);
    if (aside && aside.size > cursor.offset) {
      return {
        fileId: cursor.fileId ?? "",
        lines: linesOf(aside, cursor.offset, cursor.lineNumber, { isWhole: true }),
      };
    }
  }
  if (!current) return null;
  if (current.id !== before) return found(current.id, linesOf(current, 0, 0, { isWhole: false }));
  if (current.size < cursor.offset) {
    // Its lines are others than those that were read: told apart by how far that was.
    return found(`${current.id}~${cursor.lineNumber}`, linesOf(current, 0, 0, { isWhole: false }));
  }
  if (current.size === cursor.offset) return null;
  return found(cursor.fileId ?? "", linesOf(current, cursor.offset, cursor.lineNumber, { isWhole: false }));
}

const found = (fileId: string, lines: readonly MailboxLine[]): InboxReading | null =>
  lines.length === 0 ? null : { fileId, lines };

interface InboxPart {
  readonly path: string;
  readonly id: string;
  readonly size: number;
}

function fileAt(path: string): InboxPart | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isFile() ? { path, id: idOf(stats), size: stats.size } : null;
}

/** A number of a file is used again once the file is gone; the moment of its making is not. */
const idOf = (stats: Stats): string => `${stats.ino}-${Math.round(stats.birthtimeMs)}`;
const baseOf = (fileId: string): string => fileId.split("~")[0] ?? "";

function movedAside(folder: string, id: string): InboxPart | null {
  for (const name of readdirSync(folder)) {
    const part = name.startsWith("inbox") ? fileAt(join(folder, name)) : null;
    if (part?.id === id) return part;
  }
  return null;
}

function linesOf(
  { path, size }: InboxPart,
  offset: number,
  lineNumber: number,
  { isWhole }: { readonly isWhole: boolean },
): readonly MailboxLine[] {
  const bytes = Buffer.alloc(Math.min(chunkBytes, size - offset));
  const file = openSync(path, "r");
  try {
    const read = readSync(file, bytes, 0, bytes.length, offset);
    const chunk = bytes.subarray(0, read);
    const isEnd = isWhole && offset + read === size && chunk.at(-1) !== 0x0a;
    const start = { ...startOfFile, line: lineNumber + 1, offset };
    const { lines } = splitLines(isEnd ? Buffer.concat([chunk, Buffer.from("\n")]) : chunk, start);
    // The line end that we thought of is not in the file.
    return lines.map((line) => (line.end > size ? { ...line, end: size } : line));
  } finally {
    closeSync(file);
  }
}
