import { type Line, piece } from "./line.ts";
import type { StatusView } from "./status-view.ts";

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export interface LaidOut {
  readonly lines: readonly Line[];
  /** The first line of the body that is shown, after what was asked for was put within bounds. */
  readonly top: number;
  /** How many lines of the body there is room for. */
  readonly page: number;
}

/** Pure. As many lines as the terminal has rows: the head, what fits of the body from `top` on, and the keys. */
export function layOut(view: StatusView, { rows }: Size, wanted: number, problem: string | null): LaidOut {
  const head = [...view.head.slice(0, rows < 8 ? 1 : 2), ...(rows < 14 ? [] : [[]])];
  const page = Math.max(0, rows - head.length - 1);
  const top = Math.max(0, Math.min(wanted, view.body.length - page));
  const body = view.body.slice(top, top + page);
  const filled = [...body, ...Array.from({ length: page - body.length }, (): Line => [])];
  return { lines: [...head, ...filled, footOf(view, { top, page, problem })].slice(0, rows), top, page };
}

function footOf(
  { body }: StatusView,
  { top, page, problem }: { readonly top: number; readonly page: number; readonly problem: string | null },
): Line {
  if (problem !== null) return [piece(`not read: ${problem}`, "red")];
  if (body.length <= page) return [piece("q quit", "dim")];
  return [piece(`q quit  ↑ ↓ scroll  ${top + 1}-${Math.min(body.length, top + page)} of ${body.length}`, "dim")];
}
