import { seeded } from "@agent-control-plane/testkit/seeded-random";
import { describe, expect, it } from "vitest";
import { parseDocument } from "yaml";
import { readJson } from "./read-json.ts";
import { readText } from "./read-text.ts";

const usual = `name: release   # with a comment
goal: >
  Build it
  and say so.

  Then rest.
parallelism: 4
budget: {usd: 2.5, tokens: 100000, attempts: null}
tasks:
  - id: build
    worker: shell
    command: |
      set -e
      make "all"   # no comment of YAML

      make test
    env:
      set:
        MODE: "a \\"quoted\\" text\\n"
        PATH_TO: 'it''s here'
  - id: test
    depends_on: [build, "lint"]
    retry:
      count: 2
      backoff: 90s
    validate:
    - file: out/report.json
    - regex: { pattern: '^ok$', flags: i }
  -
    id: last
    command: [ sh,
      -c, "echo a: b # c" ]
    priority: -3
    done: true
`;

/** What the library makes of a text; undefined when it finds fault with it. */
function byLibrary(text: string): unknown {
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: true, logLevel: "error" });
  return document.errors.length + document.warnings.length > 0 ? undefined : document.toJS();
}

const readYaml = async (text: string) => {
  const answer = await readText("plan.yaml", text, "yaml");
  return "read" in answer ? answer.read : null;
};

describe("YAML", () => {
  it("is read as the library of profiles reads it, and each value has its place", async () => {
    const read = await readYaml(usual);
    expect(read?.value).toEqual(byLibrary(usual));
    const places = await read?.places();
    expect(places?.placeOf(["budget", "tokens"])).toEqual({ line: 8, column: 28 });
    expect(places?.placeOfKey(["tasks", 1, "retry"], "backoff")).toEqual({ line: 25, column: 7 });
    expect(places?.placeOf(["tasks", 2, "id"])).toEqual({ line: 30, column: 9 });
    expect(places?.placeOf(["tasks", 2, "not", "there"])).toEqual({ line: 30, column: 5 });
  });

  it.each([
    "a: &x 1\nb: *x\n",
    "a: &x {c: 1}\nb:\n  <<: *x\n",
    "a: !!str 1\n",
    "a: one\n  two\n",
    "? a\n: b\n",
    "a: 0x1f\n",
    "a: 0o17\n",
    "a: 0123\n",
    "a: .inf\n",
    "a: yes\nb: ~\nc: NULL\nd: True\n",
    "a: 2024-01-01\nb: 1_000\nc: -1e3\nd: 12e03\n",
    "a: |2\n   x\n",
    "a: [b: c]\n",
    '"a": 1\n',
    "1: a\n",
    "%YAML 1.1\n---\na: yes\n",
    "\ufeffa: b\n",
    "a: b\r\nc: |\r\n  d\r\n  e\r\n",
    "__proto__: {a: 1}\n",
    "text\n",
  ])("%j means what it means in a profile", async (text) => {
    expect((await readYaml(text))?.value).toEqual(byLibrary(text));
  });

  it.each([
    "a: 1\na: 2\n",
    "a: b: c\n",
    "a:\n\tb: 1\n",
    "a: 1\n---\nb: 2\n",
    "- a\nb: c\n",
    "a: @b\n",
    "a: !x b\n",
    "a: *b\n",
  ])("%j is refused with line and column", async (text) => {
    const answer = await readText("plan.yaml", text, "yaml");
    expect(answer).toEqual({
      problems: expect.arrayContaining([
        expect.objectContaining({ line: expect.any(Number), column: expect.any(Number) }),
      ]),
    });
  });

  it("a few aliases cannot stand for millions of values", async () => {
    const bomb = Array.from({ length: 9 }, (_, n) => `a${n}: &a${n} [${Array(9).fill(n === 0 ? "x" : `*a${n - 1}`)}]`);
    expect(await readText("plan.yaml", `${bomb.join("\n")}\n`, "yaml")).toHaveProperty("problems");
  });

  it("is understood alike by both libraries, in texts that were changed at random", async () => {
    let understood = 0;
    for (let seed = 1; seed <= 400; seed += 1) {
      const text = changed(usual, seed);
      const [read, other] = [await readYaml(text), byLibrary(text)];
      // A few texts only one of them takes, and a key that is empty is "null" for the one and "" for the other.
      if (read === null || other === undefined || JSON.stringify(read.value).includes('"null":')) continue;
      understood += 1;
      expect(read.value, JSON.stringify(text)).toEqual(other);
    }
    expect(understood).toBeGreaterThan(80);
  });
});

const pieces = " \n-:#[]{},\"'|>&*!%@`~?\\0123456789abcxyz.+".split("");
const lines = [
  "  - id: x",
  "    a: b",
  "a:",
  "- b",
  "  # note",
  "",
  "   ",
  "  text",
  "b: |",
  "c: >-",
  "d: [e,",
  "  f]",
];

/** Part of a text with a few characters or lines put in, taken out or moved. */
function changed(text: string, seed: number): string {
  const { pick, upTo, oneIn } = dice(seed);
  let rows = text.split("\n");
  if (oneIn(2)) rows = rows.slice(0, upTo(rows.length));
  if (oneIn(3)) rows = rows.slice(upTo(rows.length));
  for (let times = upTo(3); times >= 0; times -= 1) {
    const row = upTo(rows.length);
    const kind = upTo(5);
    if (kind === 0) rows.splice(row, 1);
    else if (kind === 1) rows.splice(row, 0, pick(lines));
    else if (kind === 2) rows[row] = `${" ".repeat(upTo(4))}${(rows[row] ?? "").trimStart()}`;
    else {
      const old = rows[row] ?? "";
      const at = upTo(old.length + 1);
      rows[row] = `${old.slice(0, at)}${pick(pieces)}${old.slice(at + (kind === 3 ? 1 : 0))}`;
    }
  }
  return rows.join("\n");
}

function dice(seed: number) {
  const random = seeded(seed);
  const upTo = (count: number) => Math.floor(random() * Math.max(1, count));
  return {
    upTo,
    oneIn: (count: number) => upTo(count) === 0,
    pick: <T>(from: readonly T[]): T => from[upTo(from.length)] as T,
  };
}

describe("JSON", () => {
  it("is not followed deeper than the stack", () => {
    expect(readJson("[".repeat(9000))).toMatchObject({
      fault: { line: 1, column: 102, message: "Nested more than 100 deep." },
    });
  });

  it("reads what JSON.parse reads, with places", async () => {
    const text = '{\n  "a": [1, -2.5e3, true, null, "x\\u00e9\\n"],\n  "b": {"__proto__": {}, "c": ""}\n}\n';
    const answer = readJson(text);
    if (!("read" in answer)) throw new Error(answer.fault.message);
    expect(answer.read.value).toEqual(JSON.parse(text));
    const places = await answer.read.places();
    expect(places.placeOf(["a", 1])).toEqual({ line: 2, column: 12 });
    expect(places.placeOfKey(["b"], "c")).toEqual({ line: 3, column: 26 });
  });

  it.each([
    ['{"a": 1,\n "a": 2}', 2, 2, "stands twice"],
    ['{"a": }', 1, 7, "expected a value"],
    ['{"a": "x', 1, 7, "has no end"],
    ["[1, 2", 1, 6, 'expected "," or "]", found the end'],
    ["{} x", 1, 4, "after the end"],
    ["[01]", 1, 2, "expected a value"],
    ['"a\nb"', 1, 1, "control character"],
    ["", 1, 1, "expected a value"],
  ])("says where %j is wrong", (text, line, column, message) => {
    expect(readJson(text)).toMatchObject({ fault: { line, column, message: expect.stringContaining(message) } });
  });
});
