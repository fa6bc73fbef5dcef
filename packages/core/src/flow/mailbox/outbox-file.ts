import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { FlowMessage } from "../../domain/flow-mailbox.ts";
import { syncPath } from "../../sync-path.ts";
import { formatMessage } from "./format-message.ts";

const outboxFile = (folder: string) => join(folder, "outbox.jsonl");

/** More than any line has. */
const tailBytes = 2 * 1024 * 1024;

/** Changes whenever anybody writes to the file, cuts it, or puts another in its place. Null: it is not there. */
export function outboxMark(folder: string): string | null {
  const stats = statSync(outboxFile(folder), { throwIfNoEntry: false });
  return stats === undefined ? null : `${stats.ino}-${stats.size}-${stats.mtimeMs}`;
}

/**
 * The number of the flow's last message in the file. Null: the file does not say, because it is not there, is empty, or
 * holds no line of ours. What follows the last line end, a line that a kill or a full disk cut off, is taken away: only
 * for whoever holds the store's write lock and the keeper's lease, since the line of a writer at work looks the same.
 *
 * `lastSeq`: of the store. A file that is ahead of the store tells of what the store does not know, because it was
 * restored from a backup: it is moved aside, and the account begins anew.
 */
export function lastTold(folder: string, flowId: string, lastSeq: number): number | null {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = outboxFile(folder);
  const found = isThere(path) ? lastSeqIn(path, flowId, { isMended: true }) : null;
  if (found !== null && found > lastSeq) {
    renameSync(path, join(folder, `ahead-${found}.outbox.jsonl`));
    return 0;
  }
  if (found !== null || !isEmpty(path)) return found;
  // A reader moved it aside, perhaps between the writing of a line and the note that it was written.
  const aside = readdirSync(folder).filter((name) => name.startsWith("outbox") && isThere(join(folder, name)));
  const told = aside.map((name) => lastSeqIn(join(folder, name), flowId, { isMended: false }) ?? 0);
  const most = Math.max(0, ...told.filter((seq) => seq <= lastSeq));
  return most === 0 ? null : most;
}

function lastSeqIn(path: string, flowId: string, { isMended }: { readonly isMended: boolean }): number | null {
  const file = openSync(path, isMended ? "r+" : "r");
  try {
    const { size } = fstatSync(file);
    const from = Math.max(0, size - tailBytes);
    const tail = Buffer.alloc(size - from);
    const bytes = tail.subarray(0, readSync(file, tail, 0, tail.length, from));
    const end = bytes.lastIndexOf(0x0a) + 1;
    if (isMended && from + end < size) ftruncateSync(file, from + end);
    // The first of these lines may be cut.
    const lines = bytes.subarray(0, end).toString("utf8").split("\n");
    for (let index = lines.length - 1; index >= (from === 0 ? 0 : 1); index -= 1) {
      const seq = seqOf(lines[index] ?? "", flowId);
      if (seq !== null) return seq;
    }
    return null;
  } finally {
    closeSync(file);
  }
}

function seqOf(line: string, flowId: string): number | null {
  if (!line.startsWith("{")) return null;
  try {
    const { seq, flow } = JSON.parse(line);
    return flow === flowId && Number.isSafeInteger(seq) && seq > 0 ? seq : null;
  } catch {
    return null;
  }
}

/** Anything else in its place, a pipe for example, would hold up whoever opens it. */
function isThere(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats !== undefined && !stats.isFile()) throw new Error(`${path} is no file: move it away.`);
  return stats !== undefined;
}

const isEmpty = (path: string): boolean => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0;

/** On the disk when it returns. For inside the transaction that notes it: nothing here waits. */
export function appendMessages(folder: string, flowId: string, messages: readonly FlowMessage[]): void {
  const path = outboxFile(folder);
  const isNew = !isThere(path);
  const file = openSync(path, "a", 0o600);
  try {
    const text = Buffer.from(messages.map((message) => formatMessage(flowId, message)).join(""));
    for (let written = 0; written < text.length; ) written += writeSync(file, text, written);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  // A new file's name is in its folder, which is written down on its own.
  if (isNew) syncPath(folder);
}
