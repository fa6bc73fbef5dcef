import type * as z from "zod";
import type { EnvOverride } from "./env-overrides.ts";
import { formatPath, type ProfileProblem } from "./problem.ts";
import { suggest } from "./suggest.ts";
import type { YamlSource } from "./yaml-source.ts";

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** What the schema did not accept, in a person's words, each at its place. */
export function schemaProblems(
  file: string,
  source: YamlSource,
  issues: readonly Issue[],
  overrides: readonly EnvOverride[],
  value: unknown,
  schema: z.core.$ZodType,
): readonly ProfileProblem[] {
  return issues.flatMap((issue): ProfileProblem[] => {
    if (issue.code === "unrecognized_keys") {
      const known = knownKeys(schema, issue.path);
      return issue.keys.map((key) => unknownKey(file, source, issue.path, key, known));
    }
    const override = overrides.find(({ path }) => path.every((part, i) => issue.path[i] === part));
    const place = override === undefined ? { file, ...source.placeOf(issue.path) } : fromEnv(override.name);
    return [{ ...place, path: formatPath(issue.path), ...explain(issue, valueAt(value, issue.path)) }];
  });
}

/** The same values less the keys the schema does not know, so that the rules can be asked about the rest. */
export function withoutUnknownKeys(value: unknown, issues: readonly Issue[]): unknown {
  const copy = structuredClone(value);
  for (const issue of issues) {
    if (issue.code !== "unrecognized_keys") continue;
    const section = valueAt(copy, issue.path) as Record<string, unknown>;
    for (const key of issue.keys) delete section[key];
  }
  return copy;
}

const fromEnv = (name: string) => ({ file: `$${name}`, line: 0, column: 0 });

function unknownKey(
  file: string,
  source: YamlSource,
  path: Path,
  key: string,
  known: readonly string[],
): ProfileProblem {
  const near = suggest(key, known);
  return {
    file,
    ...source.placeOfKey(path, key),
    path: formatPath([...path, key]),
    message: `Unknown key ${quote(key)}.`,
    fix: near === null ? `remove it; known here: ${known.join(", ")}.` : `did you mean "${near}"?`,
  };
}

/** Keys of the schema at a path, seen through defaults. */
function knownKeys(schema: z.core.$ZodType, path: Path): readonly string[] {
  let at: unknown = schema;
  for (const part of path) {
    const shape = shapeOf(at);
    at = shape === null ? elementOf(at) : shape[String(part)];
  }
  const shape = shapeOf(at);
  return shape === null ? (namesOf(at) ?? ["name", "command"]) : Object.keys(shape);
}

/** The keys of a section that has one for each word of a list, such as the lanes. */
function namesOf(schema: unknown): readonly string[] | null {
  const def = (schema as { def?: { keyType?: { options?: readonly string[] }; innerType?: unknown } } | undefined)?.def;
  return def?.keyType?.options ?? (def?.innerType === undefined ? null : namesOf(def.innerType));
}

function shapeOf(schema: unknown): Record<string, unknown> | null {
  const def = (schema as { def?: { shape?: Record<string, unknown>; innerType?: unknown } } | undefined)?.def;
  if (def?.shape !== undefined) return def.shape;
  return def?.innerType === undefined ? null : shapeOf(def.innerType);
}

function elementOf(schema: unknown): unknown {
  const def = (schema as { def?: { element?: unknown; innerType?: unknown } } | undefined)?.def;
  return def?.element ?? (def?.innerType === undefined ? undefined : elementOf(def.innerType));
}

function explain(issue: Issue, found: unknown): { readonly message: string; readonly fix: string } {
  if (found === undefined) {
    const example = examples[formatPath(issue.path)] ?? expectation(issue);
    return { message: "Is missing.", fix: `add it: ${example}.` };
  }
  const expected = expectation(issue);
  // What stands at a key of that name may be the secret that does not belong there.
  const isSecret = issue.path.at(-1) === "secret" && typeof found === "string";
  const shown = isSecret
    ? "something else"
    : showFound(issue.code === "invalid_key" ? String(issue.path.at(-1)) : found);
  if (issue.code === "invalid_value") {
    const near = typeof found === "string" ? suggest(found, issue.values.map(String)) : null;
    return {
      message: `Expected ${expected}, found ${shown}.`,
      fix: near === null ? "use one of these." : `did you mean "${near}"?`,
    };
  }
  const asString = issue.code === "invalid_type" && issue.expected === "string" && typeof found !== "object";
  return {
    message: `Expected ${expected}, found ${shown}.`,
    fix: asString ? "put the value in quotes." : `write ${expected}.`,
  };
}

function expectation(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return typeNames[issue.expected] ?? issue.expected;
    case "invalid_value":
      return issue.values.map((value) => (typeof value === "string" ? `"${value}"` : String(value))).join(" or ");
    case "too_small":
      return tooSmall(issue);
    case "too_big":
      return issue.origin === "string" ? `at most ${issue.maximum} characters` : `at most ${issue.maximum}`;
    case "invalid_format":
      return issue.format === "url" ? "an address, such as https://models.example.com/v1" : issue.message;
    case "invalid_union":
      return issue.path[0] === "schema_version" ? '"1"' : 'a command line in quotes, or "name" and "command"';
    case "invalid_key":
      if (issue.path[0] === "queue") return "a label of 1 to 50 characters without commas";
      return issue.path[1] === "models" ? "a name of letters, digits, . _ and -, 38 at most" : aVariable;
    default:
      return issue.message;
  }
}

const aVariable = "an environment variable's name, such as NODE_ENV";

function tooSmall(issue: z.core.$ZodIssueTooSmall): string {
  if (issue.origin === "string") return "a text that is not empty";
  if (issue.origin === "array") return "at least one entry";
  return issue.inclusive ? `at least ${issue.minimum}` : `a number above ${issue.minimum}`;
}

const examples: Readonly<Record<string, string>> = {
  id: "the name of the profile's folder",
  repo: 'a section with "slug: owner/name"',
  "repo.slug": "owner/name, such as octo/web-shop",
};

const typeNames: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a section (indented keys)",
  record: "a section of NAME: value lines",
};

function showFound(found: unknown): string {
  if (Array.isArray(found)) return found.length === 0 ? "an empty list" : "a list";
  if (typeof found === "object" && found !== null) return "a section";
  return typeof found === "string" ? quote(found) : String(found);
}

/** Short, on one line, and without the password of an address, whatever a file holds. */
function quote(text: string): string {
  const shown = JSON.stringify(text.slice(0, 60).replace(/\/\/[^/]*@/, "//***@"));
  return text.length > 60 ? `${shown}...` : shown;
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, part) => {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, part)) return undefined;
    return (at as Record<PropertyKey, unknown>)[part];
  }, value);
}
