// What stands on a terminal after it was given some bytes. Knows the few sequences that we mean to write and throws at any
// other, so that text of others that reached it as one fails the test.
export interface ModelledScreen {
  /** Without colours, and without blanks at the end. */
  readonly rows: readonly string[];
  readonly isAlternate: boolean;
  readonly hasCursor: boolean;
  readonly wraps: boolean;
}

const sequence = new RegExp(`^${String.fromCharCode(27)}\\[(\\??)([0-9;]*)([A-Za-z])`);
const modes: Readonly<Record<string, "isAlternate" | "hasCursor" | "wraps" | null>> = {
  ...{ "1049": "isAlternate", "25": "hasCursor", "7": "wraps", "2026": null },
};

export function screenAfter(bytes: string, columns: number): ModelledScreen {
  const on = { isAlternate: false, hasCursor: true, wraps: true };
  let rows: string[] = [];
  let [row, column] = [0, 0];
  for (let at = 0; at < bytes.length; ) {
    const rest = bytes.slice(at, at + 40);
    const found = sequence.exec(rest);
    if (found) {
      const [whole, isPrivate, given = "", kind] = found;
      at += whole.length;
      const mode = modes[given];
      if (isPrivate && (kind === "h" || kind === "l") && mode !== undefined) {
        if (mode !== null) on[mode] = kind === "h";
        if (mode === "isAlternate") [rows, row, column] = [[], 0, 0];
      } else if (kind === "J" && given === "2") rows = [];
      else if (kind === "K" && given === "") rows[row] = (rows[row] ?? "").slice(0, column);
      else if (kind === "H") [row, column] = given.split(";").map((number) => Number(number) - 1) as [number, number];
      else if (kind !== "m") throw new Error(`the terminal was given ${JSON.stringify(whole)}`);
      continue;
    }
    const character = String.fromCodePoint(bytes.codePointAt(at) ?? 0);
    at += character.length;
    if (character === "\r") column = 0;
    else if (character === "\n") row += 1;
    else if (character < " " || character === "\u007f" || (character > "\u007f" && character < "\u00a0"))
      throw new Error(`the terminal was given the control character ${JSON.stringify(character)}`);
    else {
      if (on.isAlternate && column >= columns) throw new Error(`row ${row + 1} is longer than ${columns} columns`);
      rows[row] = (rows[row] ?? "").padEnd(column).slice(0, column) + character + (rows[row] ?? "").slice(column + 1);
      column += 1;
    }
  }
  return { rows: Array.from(rows, (text) => (text ?? "").trimEnd()), ...on };
}
