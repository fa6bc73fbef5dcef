export interface DemoIssue {
  readonly title: string;
  readonly body: string;
  /** What the scripted worker writes for it: path and whole text. */
  readonly files: Readonly<Record<string, string>>;
}

/** The first one makes the failing test pass; the others build on it, so they are opted in when it is merged. */
export const sumsIssues: readonly DemoIssue[] = [
  {
    title: "The test suite fails: sum() leaves out the last number",
    body: "`sum([1, 2, 3])` answers 3. `npm test` shows it.",
    files: {
      "src/sum.js": [
        "/** The sum of all numbers in the list. */",
        "export function sum(numbers) {",
        "  let total = 0;",
        "  for (const number of numbers) total += number;",
        "  return total;",
        "}",
        "",
      ].join("\n"),
    },
  },
  {
    title: "Add mean(), with 0 for an empty list",
    body: "Next to `sum` there should be a `mean` in `src/mean.js`. The mean of nothing is 0 and not NaN.",
    files: {
      "src/mean.js": [
        'import { sum } from "./sum.js";',
        "",
        "/** The mean of all numbers in the list; 0 for an empty one. */",
        "export function mean(numbers) {",
        "  return numbers.length === 0 ? 0 : sum(numbers) / numbers.length;",
        "}",
        "",
      ].join("\n"),
      "test/mean.test.js": testFile("mean", ["mean([1, 2, 3]), 2", "mean([]), 0"]),
    },
  },
  {
    title: "Add median()",
    body: "In `src/median.js`: the middle number, or the mean of the two in the middle. The list itself stays as it is.",
    files: {
      "src/median.js": [
        "/** The middle number of the list; of an even count, the mean of the two in the middle. */",
        "export function median(numbers) {",
        "  const sorted = [...numbers].sort((a, b) => a - b);",
        "  const middle = sorted.length >> 1;",
        "  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;",
        "}",
        "",
      ].join("\n"),
      "test/median.test.js": testFile("median", ["median([3, 1, 2]), 2", "median([4, 1, 3, 2]), 2.5"]),
    },
  },
];

/** For a repository we know nothing of: notes in files of their own, which cannot collide with anything. */
export const noteIssues: readonly DemoIssue[] = ["one", "two", "three"].map((name) => ({
  title: `Add a note, number ${name}`,
  body: `A file \`acp-demo-note-${name}.md\` at the top of the repository that says where it came from.`,
  files: { [`acp-demo-note-${name}.md`]: `# Note ${name}\n\nWritten by the demo of agent-control-plane.\n` },
}));

function testFile(name: string, cases: readonly string[]): string {
  return [
    'import assert from "node:assert/strict";',
    'import { test } from "node:test";',
    `import { ${name} } from "../src/${name}.js";`,
    "",
    `test("${name}", () => {`,
    ...cases.map((each) => `  assert.equal(${each});`),
    "});",
    "",
  ].join("\n");
}
