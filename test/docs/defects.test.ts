// docs/defects-we-do-not-have.md against the tests that it names.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../tooling/project-files.ts";

/** Every number that the page has to answer for: those of the first list, with an A those of the second, with an F those of flows. */
const numbers = [
  ...[...span(1, 8), ...span(11, 27), ...span(30, 37), 41, ...span(44, 48)].map(String),
  ...[...span(1, 13), ...span(15, 25), ...span(27, 44)].map((number) => `A${number}`),
  ...span(1, 4).map((number) => `F${number}`),
];

function span(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

const page = readFileSync(join(root, "docs/defects-we-do-not-have.md"), "utf8");

/** The rows of the table: number, defect, what is there instead, file and title of the test. */
const rows = page
  .split("\n")
  .filter((line) => /^\| *[AF]?\d/.test(line))
  .map((line) => {
    const [number = "", defect = "", instead = "", link = "", test = ""] = line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim());
    const file = /\]\(\.\.\/(.+)\)$/.exec(link)?.[1] ?? link;
    return { number, defect, instead, file, title: test.replace(/^`|`$/g, "") };
  });

/**
 * The titles of tests that run, and the first words of the cases of their tables: a literal right after `it(`, `test(`
 * or `.each(...)(`, or at the start of a row. Placeholders stay as they are written.
 */
function titlesIn(source: string): ReadonlySet<string> {
  const literal = /"(?:[^"\\\n]|\\.)*"|`[^`]*`/.source;
  const call = new RegExp(`(?:\\b(?:it|test)|\\))\\(\\s*(${literal})\\s*,`, "g");
  const row = new RegExp(`\\[\\s*(${literal})\\s*,`, "g");
  const found = [...source.matchAll(call), ...source.matchAll(row)];
  return new Set(found.map(([, quoted = ""]) => quoted.slice(1, -1).replaceAll('\\"', '"')));
}

/** Whether the runner takes this file, or one beside it that has its tests from there. */
function isRun(file: string): boolean {
  if (file.endsWith(".test.ts")) return true;
  const folder = join(root, dirname(file));
  return readdirSync(folder).some(
    (name) => name.endsWith(".test.ts") && readFileSync(join(folder, name), "utf8").includes(`"./${basename(file)}"`),
  );
}

describe("the page of defects we do not have", () => {
  it("answers for every number of the list, in order, and says each defect once", () => {
    expect([...new Set(rows.map(({ number }) => number))]).toEqual(numbers);
    expect(rows.flatMap(({ number, defect }) => (defect === "" ? [] : [number]))).toEqual(numbers);
    expect(rows.filter(({ instead }) => instead === "")).toEqual([]);
  });

  it.each(rows)("$number: $title is a test of $file", ({ file, title }) => {
    expect(existsSync(join(root, file)), file).toBe(true);
    expect(isRun(file), `${file} is a file of tests, or one that such files beside it take them from`).toBe(true);
    expect([...titlesIn(readFileSync(join(root, file), "utf8"))]).toContain(title);
  });

  it("takes no title from a comment, a test that is skipped, or a text inside a test", () => {
    const source =
      'it("a", f);\n// b\nit.skip("c", f);\nit.each([\n  ["d", 1],\n])("%s e", f);\nexpect("g").toBe("h");\n';
    expect([...titlesIn(source)]).toEqual(["a", "%s e", "d"]);
  });
});
