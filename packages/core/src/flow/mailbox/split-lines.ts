/** What of a file was read and has not become a line yet. Start with `startOfFile`, or from a durable cursor. */
export interface LineCarry {
  /** Number of the line that comes next; the first is 1. */
  readonly line: number;
  /** Where that line begins, in bytes of the file: all before it is dealt with. */
  readonly offset: number;
  /** Its bytes so far, at most `maxLineBytes`. */
  readonly bytes: Uint8Array;
  /** More of its bytes that were let go, because it is too long anyway. */
  readonly dropped: number;
}

/** One whole line. `end`: the offset after its line end, to where the cursor may go once the line is dealt with. */
export type MailboxLine =
  | { readonly line: number; readonly end: number; readonly text: string }
  | { readonly line: number; readonly end: number; readonly fault: LineFault };

/** Nothing can be made of such a line, but it is not passed over. */
export type LineFault = "too-long" | "not-utf8" | "nul";

export const maxLineBytes = 1024 * 1024;
export const startOfFile: LineCarry = { line: 1, offset: 0, bytes: new Uint8Array(0), dropped: 0 };

/**
 * Pure. The whole lines that a file has with these further bytes. Lines end in LF or CRLF; a last line without its end
 * stays in the carry until the end is there. Lines of white space are counted and left out; their bytes are in the
 * carry's `offset`. A byte order mark at the beginning of the file is no part of its first line.
 */
export function splitLines(
  chunk: Uint8Array,
  carry: LineCarry,
): { readonly lines: readonly MailboxLine[]; readonly carry: LineCarry } {
  const lines: MailboxLine[] = [];
  let { line, offset, bytes, dropped } = carry;
  let start = 0;
  for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, start)) {
    const size = bytes.length + dropped + (end - start);
    const after = offset + size + 1;
    const made =
      size > maxLineBytes ? faulty(line, after, "too-long") : lineOf(joined(bytes, chunk, start, end), line, after);
    if (made !== null) lines.push(made);
    line += 1;
    offset = after;
    bytes = startOfFile.bytes;
    dropped = 0;
    start = end + 1;
  }
  const rest = chunk.length - start;
  const kept = Math.min(rest, Math.max(0, maxLineBytes + 1 - bytes.length));
  if (kept > 0) bytes = joined(bytes, chunk, start, start + kept);
  return { lines, carry: { line, offset, bytes, dropped: dropped + rest - kept } };
}

function lineOf(found: Uint8Array, line: number, end: number): MailboxLine | null {
  const body = line === 1 && found[0] === 0xef && found[1] === 0xbb && found[2] === 0xbf ? found.subarray(3) : found;
  if (body.includes(0)) return faulty(line, end, "nul");
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
    return /^[ \t\r]*$/.test(text) ? null : { line, end, text: text.endsWith("\r") ? text.slice(0, -1) : text };
  } catch {
    return faulty(line, end, "not-utf8");
  }
}

const faulty = (line: number, end: number, fault: LineFault): MailboxLine => ({ line, end, fault });

/** A copy, so that a chunk's memory may be used again. */
function joined(bytes: Uint8Array, chunk: Uint8Array, start: number, end: number): Uint8Array {
  const whole = new Uint8Array(bytes.length + end - start);
  whole.set(bytes);
  whole.set(chunk.subarray(start, end), bytes.length);
  return whole;
}
