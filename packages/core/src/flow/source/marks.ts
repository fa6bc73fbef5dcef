/** Keys and indices that lead to a value. */
export type Path = readonly (string | number)[];

/** Counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Says where in a text a value, or the key of a section, stands; the nearest parent for what does not exist. */
export interface Places {
  placeOf(path: Path): Place;
  placeOfKey(sectionPath: Path, key: string): Place;
}

/** A text as plain values. Keys are own properties, `__proto__` included. */
export interface ReadText {
  readonly value: unknown;
  places(): Promise<Places> | Places;
}

/** Offsets of the values of a text, kept while it is read; looked at only when there is something to say. */
export class Marks implements Places {
  readonly #text: string;
  readonly #of = new WeakMap<object, Map<string | number, { readonly key: number; readonly value: number }>>();
  #root: unknown = undefined;
  #start = 0;

  constructor(text: string) {
    this.#text = text;
  }

  note(container: object, key: string | number, keyAt: number, valueAt: number): void {
    const known = this.#of.get(container);
    const mark = { key: keyAt, value: valueAt };
    if (known === undefined) this.#of.set(container, new Map([[key, mark]]));
    else known.set(key, mark);
  }

  settle(root: unknown, start: number): void {
    this.#root = root;
    this.#start = start;
  }

  placeOf(path: Path): Place {
    return placeAt(this.#text, this.#walk(path).offset);
  }

  placeOfKey(sectionPath: Path, key: string): Place {
    const { value, offset, isWhole } = this.#walk(sectionPath);
    const mark = isWhole && isObject(value) ? this.#of.get(value)?.get(key) : undefined;
    return placeAt(this.#text, mark?.key ?? offset);
  }

  #walk(path: Path): { readonly value: unknown; readonly offset: number; readonly isWhole: boolean } {
    let value = this.#root;
    let offset = this.#start;
    for (const part of path) {
      const mark = isObject(value) ? this.#of.get(value)?.get(part) : undefined;
      if (mark === undefined) return { value, offset, isWhole: false };
      value = (value as Record<string | number, unknown>)[part];
      offset = mark.value;
    }
    return { value, offset, isWhole: true };
  }
}

/** Puts a key into a section as its own, whatever its name is. */
export function setOwn(section: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== "__proto__") section[key] = value;
  else Object.defineProperty(section, key, { value, writable: true, enumerable: true, configurable: true });
}

export function placeAt(text: string, offset: number): Place {
  let line = 1;
  let start = 0;
  for (let end = text.indexOf("\n"); end !== -1 && end < offset; end = text.indexOf("\n", start)) {
    line += 1;
    start = end + 1;
  }
  return { line, column: offset - start + 1 };
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
