import { Marks, type Place, type ReadText, setOwn } from "./marks.ts";

export type JsonFault = Place & { readonly message: string; readonly fix: string };

/** Deeper than anything that is meant, shallower than the stack. */
const maxDepth = 100;

/**
 * JSON with the places of its values. Stricter than `JSON.parse`: a key that stands twice in a section is a fault, since
 * one of the two would be dropped without a word.
 */
export function readJson(text: string): { readonly read: ReadText } | { readonly fault: JsonFault } {
  try {
    return { read: { value: new JsonReader(text, null).readAll(), places: () => marksOf(text) } };
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    return { fault: { ...new Marks(text).placeAt(error.offset), message: error.message, fix: error.fix } };
  }
}

function marksOf(text: string): Marks {
  const marks = new Marks(text);
  new JsonReader(text, marks).readAll();
  return marks;
}

class Stop extends Error {
  readonly offset: number;
  readonly fix: string;
  constructor(offset: number, message: string, fix: string) {
    super(message);
    this.offset = offset;
    this.fix = fix;
  }
}

class JsonReader {
  readonly #marks: Marks | null;
  readonly #text: string;
  #at = 0;

  constructor(text: string, marks: Marks | null) {
    this.#text = text;
    this.#marks = marks;
    if (text.charCodeAt(0) === 0xfeff) this.#at = 1;
  }

  readAll(): unknown {
    this.#skipSpace();
    const start = this.#at;
    const value = this.#value(0);
    this.#skipSpace();
    if (this.#at < this.#text.length) this.#refuse("something after the end");
    this.#marks?.settle(value, start);
    return value;
  }

  #value(depth: number): unknown {
    if (depth > maxDepth) throw new Stop(this.#at, `Nested more than ${maxDepth} deep.`, "write it flatter.");
    const first = this.#text[this.#at];
    if (first === "{") return this.#section(depth);
    if (first === "[") return this.#list(depth);
    if (first === '"') return this.#string();
    return this.#word();
  }

  #section(depth: number): Record<string, unknown> {
    const section: Record<string, unknown> = {};
    this.#at += 1;
    this.#skipSpace();
    if (this.#took("}")) return section;
    for (;;) {
      const keyAt = this.#at;
      if (this.#text[keyAt] !== '"') this.#refuse('a key in quotes, or "}"');
      const key = this.#string();
      if (Object.hasOwn(section, key)) {
        throw new Stop(keyAt, "The same key stands twice in one section.", "keep one of the two.");
      }
      this.#skipSpace();
      if (!this.#took(":")) this.#refuse('":"');
      this.#skipSpace();
      const valueAt = this.#at;
      setOwn(section, key, this.#value(depth + 1));
      this.#marks?.note(section, key, keyAt, valueAt);
      this.#skipSpace();
      if (this.#took("}")) return section;
      if (!this.#took(",")) this.#refuse('"," or "}"');
      this.#skipSpace();
    }
  }

  #list(depth: number): unknown[] {
    const list: unknown[] = [];
    this.#at += 1;
    this.#skipSpace();
    if (this.#took("]")) return list;
    for (;;) {
      this.#marks?.note(list, list.length, this.#at, this.#at);
      list.push(this.#value(depth + 1));
      this.#skipSpace();
      if (this.#took("]")) return list;
      if (!this.#took(",")) this.#refuse('"," or "]"');
      this.#skipSpace();
    }
  }

  #string(): string {
    const start = this.#at;
    let end = start + 1;
    for (let code = this.#text.charCodeAt(end); code !== 0x22; code = this.#text.charCodeAt(end)) {
      if (Number.isNaN(code)) throw new Stop(start, "Not valid JSON: this text has no end.", 'close it with ".');
      end += code === 0x5c ? 2 : 1;
    }
    this.#at = end + 1;
    try {
      return JSON.parse(this.#text.slice(start, end + 1)) as string;
    } catch {
      const message = "Not valid JSON: this text has a line break, a control character or an unknown escape.";
      throw new Stop(start, message, "write it as \\n, \\t or \\u0000.");
    }
  }

  /** A number, `true`, `false` or `null`. */
  #word(): unknown {
    word.lastIndex = this.#at;
    const found = word.exec(this.#text)?.[0] ?? "";
    try {
      const value: unknown = JSON.parse(found);
      this.#at += found.length;
      return value;
    } catch {
      return this.#refuse("a value");
    }
  }

  #took(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at += 1;
    return true;
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at += 1;
    }
  }

  #refuse(expected: string): never {
    const rest = this.#text.slice(this.#at, this.#at + 20);
    const found = rest === "" ? "the end" : JSON.stringify(rest);
    throw new Stop(this.#at, `Not valid JSON: expected ${expected}, found ${found}.`, "correct it there.");
  }
}

const word = /[-+.0-9A-Za-z]{1,400}/y;
