import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { FlowMessage } from "../../domain/flow.ts";
import { formatMessage } from "./format-message.ts";

export const outboxFile = (folder: string) => join(folder, "outbox.jsonl");

/** More than any line has. */
const tailBytes = 2 * 1024 * 1024;

/**
 * The number of the last whole message in the file; what follows it, a line that a kill cut off, is taken away. Null: the
 * file is empty or not there (a reader may have moved it aside), or its last line is not ours.
 */
export function mendOutbox(folder: string): number | null {
  const file = openSync(outboxFile(folder), "a+", 0o600);
  try {
    const { size } = fstatSync(file);
    const from = Math.max(0, size - tailBytes);
    const tail = Buffer.alloc(size - from);
    const bytes = tail.subarray(0, readSync(file, tail, 0, tail.length, from));
    const end = bytes.lastIndexOf(0x0a) + 1;
    if (from + end < size) ftruncateSync(file, from + end);
    const last = bytes.subarray(0, Math.max(0, end - 1));
    return seqOf(last.subarray(last.lastIndexOf(0x0a) + 1).toString("utf8"));
  } finally {
    closeSync(file);
  }
}

function seqOf(line: string): number | null {
  try {
    const { seq } = JSON.parse(line);
    return Number.isSafeInteger(seq) ? seq : null;
  } catch {
    return null;
  }
}

/** On the disk when it returns. For inside the transaction that notes it: nothing here waits. */
export function appendMessages(folder: string, flowId: string, messages: readonly FlowMessage[]): void {
  const file = openSync(outboxFile(folder), "a", 0o600);
  try {
    const text = Buffer.from(messages.map((message) => formatMessage(flowId, message)).join(""));
    for (let written = 0; written < text.length; ) written += writeSync(file, text, written);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
