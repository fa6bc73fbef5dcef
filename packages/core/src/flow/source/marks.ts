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

/**
 * Offsets of the values of a text, noted while it is read. Only a text about which there is something to say is read
 * with marks, for a second time: they cost more than the reading.
 */
export class Marks implements Places {
  readonly #lineStarts: readonly number[];
  readonly #of = new Map<object, Map<string | number, { readonly key: number; readonly value: number }>>();
  #root: unknown;
  #start = 0;

  constructor(text: string) {
    this.#lineStarts = lineStartsOf(text);
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
    return this.placeAt(this.#walk(path).offset);
  }

  placeOfKey(sectionPath: Path, key: string): Place {
    const { value, offset, isWhole } = this.#walk(sectionPath);
    const mark = isWhole && isObject(value) ? this.#of.get(value)?.get(key) : undefined;
    return this.placeAt(mark?.key ?? offset);
  }

  /** Of an offset in the text. */
  placeAt(offset: number): Place {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#lineStarts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#lineStarts[low] ?? 0) + 1 };
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

function lineStartsOf(text: string): readonly number[] {
  const starts = [0];
  for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", end + 1)) starts.push(end + 1);
  return starts;
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
