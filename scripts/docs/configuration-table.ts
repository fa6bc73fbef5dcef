// The table of keys in docs/configuration.md: which keys there are, their order and their defaults come from the schema; what a key
// takes and means is written in the page itself.
import { parseProfile, profileSchemaOf } from "@agent-control-plane/core";
import { backends } from "@agent-control-plane/runners/backends";
import { table } from "./cli-reference.ts";

const heading = ["Key", "Values", "Default", "Meaning"];
const least = 'id: web\nrepo: { slug: o/n }\nexecution: { shell: { command: "true" } }\n';

/** The page with its table made anew. Throws with the keys that nobody has written a meaning for. */
export function withConfigurationTable(page: string): string {
  const start = page.indexOf("| ", page.indexOf("\n## control-plane.yaml\n"));
  const end = page.indexOf("\n\n", start);
  const written = new Map(
    page
      .slice(start, end)
      .split("\n")
      .map(cellsOf)
      .map((cells) => [keyOf(cells), cells]),
  );
  const titles = page.slice(start, end).split("\n").slice(0, 1).map(cellsOf)[0] ?? heading;
  const keys = keysInForce();
  const missing = keys.filter((key) => written.get(key)?.[3] === undefined || written.get(key)?.[3] === "");
  if (missing.length > 0)
    throw new Error(
      `docs/configuration.md has no row for ${missing.join(", ")}: write "| \`<key>\` | values | default | meaning |" there.`,
    );
  const rows = keys.map((key) => {
    const [, values = "", initial = "", meaning = ""] = written.get(key) ?? [];
    return [`\`${key}\``, values, defaultOf(key, initial), meaning];
  });
  return `${page.slice(0, start)}${table(titles, rows).join("\n")}${page.slice(end)}`;
}

/** A default that is derived, required or too long for a cell is said in words. */
function defaultOf(key: string, written: string): string {
  if (written === "required" || written.startsWith("derived: ") || written.startsWith("[below]")) return written;
  const all: unknown = profileSchemaOf(backends).parse({ id: "web", repo: { slug: "o/n" } });
  const value = key.split(".").reduce((at, part) => (at as Record<string, unknown>)[part], all);
  return `\`${JSON.stringify(value)}\``;
}

function keysInForce(): readonly string[] {
  const parsed = parseProfile({
    ...{ text: least, file: "/p/control-plane.yaml", env: { HOME: "/h" }, runtimeHome: "/r", backends },
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.effective.map(({ path }) => path);
}

const cellsOf = (line: string): readonly string[] =>
  line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((text) => text.trim());

const keyOf = ([first = ""]: readonly string[]): string => first.replaceAll("`", "");
