import type { DocumentChange } from "./document.ts";

/** Changes that belong together, with the id that a reader says it has seen. */
export interface Frame {
  readonly id: string;
  readonly changes: readonly DocumentChange[];
}

/**
 * The last changes, so that a reader whose connection broke goes on where it was. Bounded by frames and by the size of
 * their text: a reader that was away for longer is given everything anew.
 */
export class ChangeLog {
  readonly #epoch: string;
  readonly #mostFrames: number;
  readonly #mostBytes: number;
  readonly #frames: { readonly frame: Frame; readonly bytes: number }[] = [];
  #bytes = 0;
  #last = 0;

  /** `epoch`: another one for each start of the program, since its numbers begin anew. No dash in it. */
  constructor(epoch: string, { mostFrames = 500, mostBytes = 4_000_000 } = {}) {
    this.#epoch = epoch;
    this.#mostFrames = mostFrames;
    this.#mostBytes = mostBytes;
  }

  /** Of the newest frame; what a reader has who was given everything. */
  get lastId(): string {
    return `${this.#epoch}-${this.#last}`;
  }

  add(changes: readonly DocumentChange[]): Frame {
    this.#last += 1;
    const frame = { id: this.lastId, changes };
    const bytes = JSON.stringify(changes).length;
    this.#frames.push({ frame, bytes });
    this.#bytes += bytes;
    while (this.#frames.length > this.#mostFrames || (this.#bytes > this.#mostBytes && this.#frames.length > 1))
      this.#bytes -= this.#frames.shift()?.bytes ?? 0;
    return frame;
  }

  /** What came after that frame; null: it cannot be told, and the reader needs everything. */
  after(id: string): readonly Frame[] | null {
    const match = /^([^-]+)-(\d{1,15})$/.exec(id);
    if (match?.[1] !== this.#epoch) return null;
    const missing = this.#last - Number(match[2]);
    if (missing < 0 || missing > this.#frames.length) return null;
    return this.#frames.slice(this.#frames.length - missing).map(({ frame }) => frame);
  }
}
