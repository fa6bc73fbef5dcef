export type Key = "quit" | "interrupt" | "suspend" | "redraw" | "up" | "down" | "page-up" | "page-down" | "top" | "end";

/** Pure. What a person typed, as a terminal in raw mode tells it; keys that mean nothing here are left out. */
export function typedKeys(text: string): readonly Key[] {
  return [...text.matchAll(aKey)].flatMap(([typed]) => keys[typed] ?? []);
}

const ESC = "\u001b";

/** A letter, or all that a terminal sends for a key without one. */
const aKey = new RegExp(`${ESC}(?:\\[[0-9;]*[A-Za-z~]|O[A-Z])|[^${ESC}]`, "gu");

const keys: Readonly<Record<string, Key>> = {
  ...{ q: "quit", Q: "quit", "\u0003": "interrupt", "\u0004": "quit", "\u001a": "suspend", "\u000c": "redraw" },
  ...{ k: "up", "\u001b[A": "up", "\u001bOA": "up", j: "down", "\u001b[B": "down", "\u001bOB": "down" },
  ...{ "\r": "down", "\u001b[5~": "page-up", b: "page-up", "\u001b[6~": "page-down", " ": "page-down" },
  ...{ g: "top", "\u001b[H": "top", "\u001b[1~": "top", G: "end", "\u001b[F": "end", "\u001b[4~": "end" },
};
