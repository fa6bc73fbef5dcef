import {
  type Document,
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLError,
} from "yaml";
import type { ProfileProblem } from "./problem.ts";

type Path = readonly PropertyKey[];
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A YAML text as plain values that still know where they stood. */
export interface YamlSource {
  /** Map keys with an empty value are left out: an empty value means the default. */
  readonly value: unknown;
  /** Where the value, or the nearest parent that exists, stands. */
  placeOf(path: Path): Place;
  /** Where the key itself stands; its map when it does not exist. */
  placeOfKey(mapPath: Path, key: string): Place;
  has(path: Path): boolean;
}

/** Values under these keys are a person's own words, where "empty" is a value and not a default. */
const verbatim = new Set(["execution.env.set", "queue.priority_labels"]);

/**
 * Null source: the text has no values to look at. Doubled keys are problems, yet the rest can be looked at.
 * `keepEmpty`: map keys with an empty value stay, as null.
 */
export function readYaml(
  file: string,
  text: string,
  { keepEmpty = false }: { readonly keepEmpty?: boolean } = {},
): { readonly source: YamlSource | null; readonly problems: readonly ProfileProblem[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    logLevel: "error",
  });
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const faults = [...document.errors, ...document.warnings];
  const problems = faults.map((fault) => ({ file, ...place(fault.pos[0]), path: "", ...explain(fault) }));
  if (faults.some(({ code }) => code !== "DUPLICATE_KEY")) return { source: null, problems };
  try {
    const whole: unknown = document.toJS({ maxAliasCount: 100 });
    const value = keepEmpty ? whole : withoutEmpty(whole, "");
    const source = {
      value,
      placeOf: (path: Path) => place(offsetOf(document, path)),
      placeOfKey: (mapPath: Path, key: string) => place(offsetOfKey(document, mapPath, key)),
      has: (path: Path) => document.hasIn(path) && document.getIn(path) !== null,
    };
    return { source, problems };
  } catch (error) {
    const message = `Not readable as values: ${error instanceof Error ? error.message : String(error)}.`;
    const fix = "write the values out without aliases.";
    return { source: null, problems: [...problems, { file, ...place(badAlias(document)), path: "", message, fix }] };
  }
}

/** Only aliases stop values from being read; the first that leads nowhere is the culprit, else the whole file. */
function badAlias(document: Document): number {
  let offset = 0;
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document) !== undefined) return undefined;
      offset = alias.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return offset;
}

function explain({ code, message }: YAMLError): { readonly message: string; readonly fix: string } {
  if (code === "DUPLICATE_KEY") {
    return { message: "The same key stands twice in one section.", fix: "keep one of the two." };
  }
  return { message: `Not valid YAML: ${message}.`, fix: "correct the line, often its indentation or quotes." };
}

function offsetOf(document: Document, path: Path): number {
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const node = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    const start = startOf(node);
    if (start !== null) return start;
  }
  return 0;
}

function offsetOfKey(document: Document, mapPath: Path, key: string): number {
  const map = mapPath.length === 0 ? document.contents : document.getIn(mapPath, true);
  if (isMap(map)) {
    for (const pair of map.items) {
      if (isPair(pair) && isScalar(pair.key) && String(pair.key.value) === key) return startOf(pair.key) ?? 0;
    }
  }
  return offsetOf(document, mapPath);
}

const startOf = (node: unknown): number | null => (isNode(node) ? ((node as Node).range?.[0] ?? null) : null);

function withoutEmpty(value: unknown, path: string): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutEmpty(item, `${path}[]`));
  if (typeof value !== "object" || value === null || verbatim.has(path)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, child]) => child !== null)
      .map(([key, child]) => [key, withoutEmpty(child, path === "" ? key : `${path}.${key}`)]),
  );
}
