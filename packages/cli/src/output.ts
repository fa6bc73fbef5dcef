import { redact, redactedJson } from "@agent-control-plane/core";
import { visibleText } from "@agent-control-plane/core/for-pages";

/**
 * The one door to the terminal: stdout carries the result, stderr everything else, and every text passes
 * redaction and shows its control characters.
 */
export interface Output {
  /** A line (or lines) of the result, for people. */
  print(text: string): void;
  /** The result as the one document on stdout. */
  json(document: unknown): void;
  /** A document on a line of its own. */
  jsonLine(document: unknown): void;
  /** Progress, warnings, hints: on stderr. */
  note(text: string): void;
  /** Styles for `print`; plain unless stdout is a terminal that wants colour. */
  readonly style: Style;
  /** Styles for `note`. */
  readonly noteStyle: Style;
}

export type Style = Readonly<Record<keyof typeof codes, (text: string) => string>>;

type Stream = { write(text: string): unknown; readonly isTTY?: boolean };

export function createOutput(stdout: Stream, stderr: Stream, env: NodeJS.ProcessEnv): Output {
  return {
    print: (text) => void stdout.write(`${visibleText(redact(text), { coloured: wantsColour(stdout, env) })}\n`),
    json: (document) => void stdout.write(`${visibleText(redactedJson(document, 2), { coloured: false })}\n`),
    jsonLine: (document) => void stdout.write(`${visibleText(redactedJson(document), { coloured: false })}\n`),
    note: (text) => void stderr.write(`${visibleText(redact(text), { coloured: wantsColour(stderr, env) })}\n`),
    style: createStyle(wantsColour(stdout, env)),
    noteStyle: createStyle(wantsColour(stderr, env)),
  };
}

/** Columns as wide as their widest cell, a row a line; the last one is never padded. */
export function table(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => cell.replace(/[\r\n]+/g, " ")));
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => visibleLength(row[column] ?? ""))));
  return cells
    .map((row) => row.map((cell, i) => (i === row.length - 1 ? cell : padded(cell, widths[i] ?? 0))).join("  "))
    .join("\n");
}

/** Lines longer than a terminal is wide go on below, further in; a word that alone is longer stays whole. */
export function wrapped(text: string, width = 120): string {
  return text
    .split("\n")
    .map((line) => wrappedLine(line, width))
    .join("\n");
}

function wrappedLine(line: string, width: number): string {
  if (visibleLength(line) <= width) return line;
  const margin = /^ */.exec(line)?.[0] ?? "";
  const further = `${margin}    `;
  const lines: string[] = [];
  let open = margin;
  let gap = "";
  for (const piece of line.slice(margin.length).match(/ +|[^ ]+/g) ?? []) {
    if (piece.startsWith(" ")) {
      gap = piece;
    } else if (open.trim() !== "" && visibleLength(open + gap + piece) > width) {
      lines.push(open);
      [open, gap] = [further + piece, ""];
    } else {
      [open, gap] = [open + gap + piece, ""];
    }
  }
  return [...lines, open].join("\n");
}

function wantsColour(stream: Stream, env: NodeJS.ProcessEnv): boolean {
  if ((env.NO_COLOR ?? "") !== "" || env.TERM === "dumb") return false;
  return stream.isTTY === true;
}

const codes = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

function createStyle(colour: boolean): Style {
  const wrap = ([on, off]: readonly [number, number]) =>
    colour ? (text: string) => `\u001b[${on}m${text}\u001b[${off}m` : (text: string) => text;
  return Object.fromEntries(Object.entries(codes).map(([name, pair]) => [name, wrap(pair)])) as Style;
}

const escapes = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");
const visibleLength = (text: string) => text.replace(escapes, "").length;
const padded = (text: string, width: number) => text + " ".repeat(Math.max(0, width - visibleLength(text)));
