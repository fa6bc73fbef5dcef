import { Marks, type ReadText } from "./marks.ts";
import { NotPlain, readBlockScalar, readFlow, readPlainScalar } from "./yaml-values.ts";

/** Deeper than any plan; the YAML library is asked about the rest. */
const maxDepth = 40;

export interface Line {
  /** Of its first character. */
  readonly start: number;
  /** After its last. */
  readonly end: number;
  readonly indent: number;
  /** No value on it: nothing, spaces, or a comment. */
  readonly kind: "text" | "comment" | "blank";
}

/**
 * Reads the YAML that people write plans in (sections, lists, texts in one line or after `|` and `>`, lists and sections
 * in brackets), and answers null for everything else: whatever is rare, doubtful or wrong is for the YAML library, which
 * takes a second for a plan of five thousand tasks, and the fortieth part of one to be loaded. What this reader answers is what the
 * library would (a test compares them on thousands of texts).
 */
export function readPlainYaml(text: string): ReadText | null {
  if (hasRareCharacters.test(text)) return null;
  try {
    return { value: new PlainYamlReader(text, null).readAll(), places: () => marksOf(text) };
  } catch (error) {
    if (error === NotPlain) return null;
    throw error;
  }
}

function marksOf(text: string): Marks {
  const marks = new Marks(text);
  new PlainYamlReader(text, marks).readAll();
  return marks;
}

// Tabs, carriage returns, control characters, other kinds of line ends, byte order marks, halves of characters.
const hasRareCharacters =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]|^(?:%|\.\.\.|---(?!\n))|\n(?:---|\.\.\.)|\p{Surrogate}/u;

class PlainYamlReader {
  readonly #marks: Marks | null;
  readonly #text: string;
  readonly #lines: Line[];
  #line = 0;

  constructor(text: string, marks: Marks | null) {
    this.#text = text;
    this.#marks = marks;
    this.#lines = linesOf(text);
    if (text.startsWith("---\n")) this.#line = 1;
  }

  readAll(): unknown {
    this.#skipEmpty();
    const first = this.#lines[this.#line];
    if (first === undefined || first.indent !== 0) throw NotPlain;
    const value = this.#block(0, 0);
    if (this.#line < this.#lines.length) throw NotPlain;
    this.#marks?.settle(value, first.start);
    return value;
  }

  /** The section or list whose lines begin at this column. */
  #block(indent: number, depth: number): unknown {
    if (depth > maxDepth) throw NotPlain;
    const line = this.#current(indent);
    if (line === null) throw NotPlain;
    return this.#isItem(line) ? this.#list(indent, depth) : this.#section(indent, depth);
  }

  #section(indent: number, depth: number): Record<string, unknown> {
    const section: Record<string, unknown> = {};
    for (let line = this.#current(indent); line !== null; line = this.#current(indent)) {
      const at = line.start + indent;
      const key = keyAt(this.#text, at, line.end);
      if (key === null || Object.hasOwn(section, key)) throw NotPlain;
      const valueAt = this.#skipSpaces(at + key.length + 1, line.end);
      this.#marks?.note(section, key, at, this.#isEmptyFrom(valueAt, line.end) ? at : valueAt);
      section[key] = this.#value(valueAt, line, indent, depth, true);
    }
    return section;
  }

  #list(indent: number, depth: number): unknown[] {
    const list: unknown[] = [];
    for (let line = this.#current(indent); line !== null; line = this.#current(indent)) {
      // A section may stand at the column of the list that is its last value.
      if (!this.#isItem(line)) {
        if (list.length > 0) return list;
        throw NotPlain;
      }
      const at = line.start + indent;
      const valueAt = this.#skipSpaces(at + 1, line.end);
      this.#marks?.note(list, list.length, at, valueAt < line.end ? valueAt : at);
      list.push(this.#item(valueAt, line, indent, depth));
    }
    return list;
  }

  /** What stands after a dash may itself be the first line of a section. */
  #item(valueAt: number, line: Line, indent: number, depth: number): unknown {
    const column = valueAt - line.start;
    const startsItem = this.#text[valueAt] === "-" && (valueAt + 1 >= line.end || this.#text[valueAt + 1] === " ");
    if (valueAt >= line.end || (!startsItem && keyAt(this.#text, valueAt, line.end) === null)) {
      return this.#value(valueAt, line, indent, depth, false);
    }
    this.#lines[this.#line] = { ...line, indent: column };
    return this.#block(column, depth + 1);
  }

  #value(at: number, line: Line, indent: number, depth: number, isOfSection: boolean): unknown {
    if (this.#isEmptyFrom(at, line.end)) return this.#below(indent, depth, isOfSection);
    const first = this.#text[at];
    if (first === "|" || first === ">") {
      const { value, next } = readBlockScalar(this.#text, this.#lines, this.#line, at, indent);
      this.#line = next;
      this.#skipEmpty();
      return value;
    }
    if (first === "[" || first === "{" || first === '"' || first === "'") return this.#flow(at, indent, depth);
    const value = readPlainScalar(this.#text, at, line.end);
    this.#next(indent);
    return value;
  }

  #flow(at: number, indent: number, depth: number): unknown {
    const { value, end } = readFlow(this.#text, at, indent, depth, this.#marks);
    while ((this.#lines[this.#line]?.end ?? Number.POSITIVE_INFINITY) < end) this.#line += 1;
    const line = this.#lines[this.#line];
    if (line === undefined || !this.#isEmptyFrom(end, line.end)) throw NotPlain;
    this.#next(indent);
    return value;
  }

  /** A value that stands under its key or dash; null: there is none. */
  #below(indent: number, depth: number, isOfSection: boolean): unknown {
    this.#line += 1;
    this.#skipEmpty();
    const line = this.#lines[this.#line];
    if (line === undefined || line.indent < indent) return null;
    if (line.indent > indent) return this.#block(line.indent, depth + 1);
    return isOfSection && this.#isItem(line) ? this.#list(indent, depth + 1) : null;
  }

  /** On to the next line that holds something. One that is further in would go on with the value before. */
  #next(indent: number): void {
    this.#line += 1;
    this.#skipEmpty();
    if ((this.#lines[this.#line]?.indent ?? 0) > indent) throw NotPlain;
  }

  #skipEmpty(): void {
    while (this.#line < this.#lines.length && this.#lines[this.#line]?.kind !== "text") this.#line += 1;
  }

  /** The line at hand when it belongs to a block at this column; null: the block is at its end. */
  #current(indent: number): Line | null {
    const line = this.#lines[this.#line];
    if (line === undefined || line.indent < indent) return null;
    if (line.indent > indent) throw NotPlain;
    return line;
  }

  #isItem({ start, indent, end }: Line): boolean {
    const at = start + indent;
    return this.#text[at] === "-" && (at + 1 >= end || this.#text[at + 1] === " ");
  }

  /** Nothing, or a comment, which needs a space before it. */
  #isEmptyFrom(at: number, end: number): boolean {
    const from = this.#skipSpaces(at, end);
    return from >= end || (this.#text[from] === "#" && this.#text[from - 1] === " ");
  }

  #skipSpaces(from: number, end: number): number {
    let at = from;
    while (at < end && this.#text[at] === " ") at += 1;
    return at;
  }
}

/** The plain key that begins here; null: none that is beyond doubt. */
function keyAt(text: string, start: number, end: number): string | null {
  let at = start;
  while (at < end && isOfKey(text.charCodeAt(at))) at += 1;
  if (at === start || text[at] !== ":" || (at + 1 < end && text[at + 1] !== " ")) return null;
  const key = text.slice(start, at);
  return /^[0-9.-]/.test(key) || doubtful.test(key) ? null : key;
}

/** A letter, a digit, `_`, `.` or `-`. */
function isOfKey(code: number): boolean {
  if (code > 0x60) return code < 0x7b;
  if (code > 0x40) return code < 0x5b || code === 0x5f;
  return (code > 0x2f && code < 0x3a) || code === 0x2d || code === 0x2e;
}

const doubtful = /^(?:null|true|false|__proto__)$/i;

function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf("\n", start);
    const end = found === -1 ? text.length : found;
    let at = start;
    while (at < end && text[at] === " ") at += 1;
    const kind = at === end ? "blank" : text[at] === "#" ? "comment" : "text";
    lines.push({ start, end, indent: at - start, kind });
    start = end + 1;
  }
  return lines;
}
