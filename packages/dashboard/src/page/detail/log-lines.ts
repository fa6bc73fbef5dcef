export interface LogLine {
  /** The beginning of it; hostile. */
  readonly text: string;
  /** So many of its characters are left out. */
  readonly dropped: number;
}

/** What is shown of one line: more of it is read by nobody, and a line of a megabyte would stop the page. */
export const mostLineLength = 2_000;

/** Bytes of a log, as they come, in lines. The last one is open until its end comes. */
export class LogLines {
  readonly #decoder = new TextDecoder();
  readonly #most: number;
  #text = "";
  #dropped = 0;

  /** `most`: what is kept of one line. */
  constructor(most = mostLineLength) {
    this.#most = most;
  }

  /** Lines that have ended. A carriage return alone ends one, too: programs that draw over a line would hide it. */
  push(bytes: Uint8Array): readonly LogLine[] {
    const lines: LogLine[] = [];
    const parts = this.#decoder.decode(bytes, { stream: true }).split(/\r*\n|\r(?=.)/);
    for (const [index, part] of parts.entries()) {
      if (index > 0) lines.push(this.#take());
      const room = this.#most - this.#text.length;
      this.#text += part.slice(0, Math.max(0, room));
      this.#dropped += Math.max(0, part.length - room);
    }
    return lines;
  }

  /** The line that has begun and not ended; null: none. */
  get open(): LogLine | null {
    return this.#text === "" ? null : { text: this.#text, dropped: this.#dropped };
  }

  #take(): LogLine {
    const line = { text: this.#text, dropped: this.#dropped };
    this.#text = "";
    this.#dropped = 0;
    return line;
  }
}
