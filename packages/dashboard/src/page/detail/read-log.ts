import { type LogLine, LogLines } from "./log-lines.ts";

export type LogName = "events" | "output";

/** A part of a log. */
export interface LogPiece {
  /** Of the whole log, in bytes. */
  readonly size: number;
  readonly start: number;
  readonly bytes: Uint8Array;
}

/** So much is read at a time, of its end and before it. */
const pieceBytes = 256 * 1024;

/** Lines of a log and where they stand in it; what comes later goes on at `end`. */
export interface LogBlock {
  readonly start: number;
  readonly end: number;
  readonly lines: readonly LogLine[];
}

export class LogReader {
  readonly #path: string;
  readonly #most: number;
  #newest = new LogLines();
  #end = 0;

  constructor(sessionId: string, log: LogName) {
    this.#path = `/api/v1/sessions/${encodeURIComponent(sessionId)}/log?of=${log}`;
    // An event is a line of JSON, and half of one says nothing.
    this.#most = log === "events" ? 64 * 1024 : 2_000;
  }

  /** The line at the end that is being written; null: none. */
  get open(): LogLine | null {
    return this.#newest.open;
  }

  /** The end of the log. Throws when the server does not answer; null: there is no such log. */
  async last(signal: AbortSignal): Promise<LogBlock | null> {
    const piece = await this.#ask(`bytes=-${pieceBytes}`, signal);
    if (piece === null) return null;
    this.#newest = new LogLines(this.#most);
    this.#end = piece.start + piece.bytes.length;
    const { skipped, bytes } = fromFirstLine(piece);
    return { start: piece.start + skipped, end: this.#end, lines: this.#newest.push(bytes) };
  }

  /**
   * What has come since; `begun-anew`: the log is shorter than it was (it was full, and began with an empty file). The last
   * byte is asked for once more: there is always an answer then, also when nothing came.
   */
  async more(signal: AbortSignal): Promise<readonly LogLine[] | "begun-anew"> {
    const from = Math.max(0, this.#end - 1);
    const piece = await this.#ask(from > 0 ? `bytes=${from}-` : null, signal);
    if (piece === null || piece.size < this.#end) return "begun-anew";
    const fresh = piece.bytes.subarray(Math.max(0, this.#end - piece.start));
    this.#end += fresh.length;
    return this.#newest.push(fresh);
  }

  /** What stands before a block, up to its beginning. */
  async before(start: number, signal: AbortSignal): Promise<LogBlock | null> {
    const from = Math.max(0, start - pieceBytes);
    const piece = await this.#ask(`bytes=${from}-${start - 1}`, signal);
    if (piece === null) return null;
    const { skipped, bytes } = fromFirstLine(piece);
    const reading = new LogLines(this.#most);
    const lines = reading.push(bytes);
    // A line that does not end here is longer than all that is read at once.
    return { start: from + skipped, end: start, lines: reading.open ? [...lines, reading.open] : lines };
  }

  async #ask(range: string | null, signal: AbortSignal): Promise<LogPiece | null> {
    const answer = await fetch(this.#path, { signal, headers: range ? { range } : {} });
    if (answer.status === 404 || answer.status === 416) return null;
    if (!answer.ok) throw new Error(`the dashboard answered ${answer.status}`);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    const told = /^bytes (\d+)-\d+\/(\d+)$/.exec(answer.headers.get("content-range") ?? "");
    if (told) return { start: Number(told[1]), size: Number(told[2]), bytes };
    return { start: 0, size: bytes.length, bytes };
  }
}

/** A piece begins somewhere in a line; one without any line end is part of a single line, and shown as it is. */
function fromFirstLine({ start, bytes }: LogPiece): { readonly skipped: number; readonly bytes: Uint8Array } {
  const end = start === 0 ? -1 : bytes.indexOf(0x0a);
  return end === -1 || end === bytes.length - 1
    ? { skipped: 0, bytes }
    : { skipped: end + 1, bytes: bytes.subarray(end + 1) };
}
