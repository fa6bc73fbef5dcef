import { redact } from "@agent-control-plane/core";
import { visibleText } from "@agent-control-plane/core/for-pages";
import type { Style } from "../output.ts";
import { columnsOf, cutTo } from "./columns.ts";

export type Tone = keyof Style;

/** A piece of a line; its text may be of hostile origin. */
export interface Piece {
  readonly text: string;
  readonly tone?: Tone;
}

export type Line = readonly Piece[];

/** Pure. A piece, for short. */
export const piece = (text: string, tone?: Tone): Piece => (tone === undefined ? { text } : { text, tone });

/** A line as a terminal is given it: on one row, nothing in it that a terminal would obey but our own styles. */
export function painted(line: Line, columns: number, style: Style): string {
  let left = columns;
  let row = "";
  for (const { text, tone } of line) {
    const shown = cutTo(harmless(text, columns), left);
    left -= columnsOf(shown);
    row += tone === undefined || shown === "" ? shown : style[tone](shown);
    if (left <= 0) break;
  }
  return row;
}

/** Secrets are looked for before anything is cut: half of one would not be known again. */
function harmless(text: string, columns: number): string {
  const enough = text.slice(0, 8 * columns + 4_000).replaceAll(/\s/g, " ");
  return visibleText(redact(enough), { coloured: false });
}
