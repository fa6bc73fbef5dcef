import type { Json } from "../../domain/json.ts";
import { suggest } from "../../profile/suggest.ts";
import type { Path } from "../source/marks.ts";
import type { Remarks } from "./problem.ts";

/** Makes something of what was found, or remarks on it and answers undefined. */
export interface Reader<T> {
  (found: unknown, path: Path, remarks: Remarks): T | undefined;
  /** What it is made of, for the page that names every key: a section's keys, a list's entries, or the one and the other. */
  readonly fields?: Fields;
  readonly parts?: readonly Reader<unknown>[];
}

export type Fields = Readonly<Record<string, Reader<unknown>>>;
/** What was given, less what was wrong. An empty value is as good as none. */
export type Given<F extends Fields> = { readonly [K in keyof F]?: Exclude<ReturnType<F[K]>, undefined> };

/**
 * A section with these keys. Our own table of readers, not zod: loading zod costs more than `flow run` as a whole may
 * take over `node -e 0`, see docs/decisions/0027.
 */
export function section<F extends Fields>(fields: F): Reader<Given<F>> {
  const read = (found: unknown, path: Path, remarks: Remarks): Given<F> | undefined => {
    if (!isSection(found)) return wrong(found, path, remarks, "a section (indented keys)");
    const given: Record<string, unknown> = {};
    for (const key of Object.keys(found)) {
      const value = found[key];
      if (!Object.hasOwn(fields, key)) unknownKey(fields, key, path, remarks);
      else if (value !== null && value !== undefined) {
        const made = fields[key]?.(value, [...path, key], remarks);
        if (made !== undefined) given[key] = made;
      }
    }
    return given as Given<F>;
  };
  return Object.assign(read, { fields });
}

function unknownKey(fields: Fields, key: string, path: Path, remarks: Remarks): void {
  const known = Object.keys(fields);
  const near = suggest(key, known);
  const fix = near === null ? `remove it; known here: ${known.join(", ")}.` : `did you mean "${near}"?`;
  remarks.addKey([...path, key], `Unknown key ${quote(key)}.`, fix);
}

export function list<T>(each: Reader<T>, { min = 0, max = 1000 } = {}): Reader<readonly T[]> {
  const read = (found: unknown, path: Path, remarks: Remarks): readonly T[] | undefined => {
    if (!Array.isArray(found)) return wrong(found, path, remarks, "a list");
    if (found.length < min) return remarks.add(path, "Expected at least one entry, found an empty list.", "add one.");
    if (found.length > max) {
      return remarks.add(path, `Expected at most ${max} entries, found ${found.length}.`, "split it.");
    }
    const made: T[] = [];
    for (let index = 0; index < found.length; index += 1) {
      const one = each(found[index], [...path, index], remarks);
      if (one !== undefined) made.push(one);
    }
    return made;
  };
  return Object.assign(read, { parts: [each] });
}

/** A section whose keys are names of the writer's own. */
export function named<T>(name: RegExp, what: string, each: Reader<T>): Reader<Readonly<Record<string, T>>> {
  return (found, path, remarks) => {
    if (!isSection(found)) return wrong(found, path, remarks, "a section of NAME: value lines");
    const made: Record<string, T> = {};
    for (const key of Object.keys(found)) {
      if (!name.test(key) || key === "__proto__") {
        remarks.addKey([...path, key], `Expected ${what}, found ${quote(key)}.`, "give it another name.");
        continue;
      }
      const one = each(found[key], [...path, key], remarks);
      if (one !== undefined) made[key] = one;
    }
    return made;
  };
}

export function text({ max, may = "", isOneLine = false }: TextBounds): Reader<string> {
  return (found, path, remarks) => {
    if (typeof found !== "string") {
      const fix = typeof found === "object" ? "write a text." : "put the value in quotes.";
      return remarks.add(path, `Expected a text, found ${show(found)}.`, fix);
    }
    if (found.trim() === "" && may !== "be empty") return remarks.add(path, "Is empty.", "write a text, or remove it.");
    if (found.includes("\0"))
      return remarks.add(path, "Has a NUL character.", "remove it; no program can be given one.");
    if (isOneLine && /[\r\n]/.test(found)) return remarks.add(path, "Has several lines.", "write it on one line.");
    // A character has at most three bytes of UTF-8 for each of its units.
    if (found.length * 3 > max && bytesOf(found) > max) {
      return remarks.add(
        path,
        `Has ${bytesOf(found)} bytes, at most ${max} are taken.`,
        "put it into a file and name it.",
      );
    }
    return found;
  };
}

interface TextBounds {
  /** In bytes of UTF-8. */
  readonly max: number;
  readonly may?: "be empty" | "";
  readonly isOneLine?: boolean;
}

export function word(pattern: RegExp, what: string): Reader<string> {
  return (found, path, remarks) => {
    if (typeof found === "string" && pattern.test(found)) return found;
    const fix = typeof found === "number" || typeof found === "boolean" ? "put the value in quotes." : `write ${what}.`;
    return remarks.add(path, `Expected ${what}, found ${show(found)}.`, fix);
  };
}

export function oneOf<const W extends string>(words: readonly W[]): Reader<W> {
  return (found, path, remarks) => {
    if (typeof found === "string" && (words as readonly string[]).includes(found)) return found as W;
    const near = typeof found === "string" ? suggest(found, words) : null;
    const expected = words.map((each) => `"${each}"`).join(" or ");
    const fix = near === null ? "use one of these." : `did you mean "${near}"?`;
    return remarks.add(path, `Expected ${expected}, found ${show(found)}.`, fix);
  };
}

/** Both bounds included. */
export function number({ min, max, isWhole = true }: NumberBounds): Reader<number> {
  return (found, path, remarks) => {
    const what = `${isWhole ? "a whole number" : "a number"} from ${min} to ${max}`;
    const fits = typeof found === "number" && (isWhole ? Number.isSafeInteger(found) : Number.isFinite(found));
    if (fits && found >= min && found <= max) return found;
    return wrong(found, path, remarks, what);
  };
}

interface NumberBounds {
  readonly min: number;
  readonly max: number;
  readonly isWhole?: boolean;
}

/** Anything JSON can say, at most so many bytes of it. */
export function json(maxBytes: number): Reader<Json> {
  return (found, path, remarks) => {
    const fault = faultOfJson(found, 0);
    if (fault !== null) return remarks.add(path, `Cannot be kept as JSON: ${fault}.`, "write it in another way.");
    if (bytesOf(JSON.stringify(found)) > maxBytes) {
      return remarks.add(path, `Has more than ${maxBytes} bytes as JSON.`, "put it into a file and name it.");
    }
    return found as Json;
  };
}

function faultOfJson(found: unknown, depth: number): string | null {
  if (depth > 60) return "it is nested more than 60 deep";
  if (found === null || typeof found === "boolean") return null;
  if (typeof found === "string") return found.includes("\0") ? "it has a NUL character" : null;
  if (typeof found === "number") return Number.isFinite(found) ? null : `${found} is no number of JSON`;
  if (typeof found !== "object") return `it has a ${typeof found}`;
  if (Object.hasOwn(found, "__proto__")) return 'it has the key "__proto__"';
  if (!Array.isArray(found) && !isSection(found)) return "it has something that is neither list nor section";
  for (const each of Object.values(found)) {
    const fault = faultOfJson(each, depth + 1);
    if (fault !== null) return fault;
  }
  return null;
}

/** One reader or the other, by what is found. */
export function either<A, B>(isFirst: (found: unknown) => boolean, first: Reader<A>, second: Reader<B>): Reader<A | B> {
  const read = (found: unknown, path: Path, remarks: Remarks): A | B | undefined =>
    isFirst(found) ? first(found, path, remarks) : second(found, path, remarks);
  return Object.assign(read, { parts: [first, second] });
}

export function wrong(found: unknown, path: Path, remarks: Remarks, what: string): undefined {
  return remarks.add(path, `Expected ${what}, found ${show(found)}.`, `write ${what}.`);
}

export function isSection(found: unknown): found is Record<string, unknown> {
  if (typeof found !== "object" || found === null || Array.isArray(found)) return false;
  const kind: unknown = Object.getPrototypeOf(found);
  return kind === Object.prototype || kind === null;
}

export function show(found: unknown): string {
  if (found === null || found === undefined) return "nothing";
  if (Array.isArray(found)) return found.length === 0 ? "an empty list" : "a list";
  if (typeof found === "object") return "a section";
  return typeof found === "string" ? quote(found) : String(found);
}

/** Short and on one line, whatever a file holds. */
export function quote(found: string): string {
  const shown = JSON.stringify(found.slice(0, 60));
  return found.length > 60 ? `${shown}...` : shown;
}

export const bytesOf = (found: string): number => Buffer.byteLength(found, "utf8");
