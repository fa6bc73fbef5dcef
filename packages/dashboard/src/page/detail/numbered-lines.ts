import type { LogLine } from "./log-lines.ts";

/** A line with a number of its own in a view, which stays while others come before and after it. */
export interface NumberedLine extends LogLine {
  readonly key: number;
}

/** A page of more is slow, and nobody reads it there. */
const most = 8_000;

/** Pure. What has come since, behind what there is; what is too much is left out at the beginning. */
export function appended(lines: readonly NumberedLine[], fresh: readonly LogLine[]): readonly NumberedLine[] {
  if (fresh.length === 0) return lines;
  const next = (lines.at(-1)?.key ?? -1) + 1;
  const all = [...lines, ...fresh.map((line, index) => ({ ...line, key: next + index }))];
  return all.length > most ? all.slice(-most) : all;
}

/** Pure. What stands before it. */
export function prepended(earlier: readonly LogLine[], lines: readonly NumberedLine[]): readonly NumberedLine[] {
  const first = (lines[0]?.key ?? 0) - earlier.length;
  return [...earlier.map((line, index) => ({ ...line, key: first + index })), ...lines];
}
