import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A small project whose only test fails for a real reason. */
const files: Readonly<Record<string, string>> = {
  "package.json": `${JSON.stringify({ name: "sums", version: "1.0.0", private: true, type: "module", scripts: { test: "node --test" } }, null, 2)}\n`,
  "README.md": "# sums\n\nArithmetic on lists of numbers.\n",
  "src/sum.js": [
    "/** The sum of all numbers in the list. */",
    "export function sum(numbers) {",
    "  let total = 0;",
    "  for (let i = 0; i < numbers.length - 1; i += 1) total += numbers[i];",
    "  return total;",
    "}",
    "",
  ].join("\n"),
  "test/sum.test.js": [
    'import assert from "node:assert/strict";',
    'import { test } from "node:test";',
    'import { sum } from "../src/sum.js";',
    "",
    'test("sums all numbers, the last one too", () => {',
    "  assert.equal(sum([1, 2, 3]), 6);",
    "});",
    "",
  ].join("\n"),
};

/** Makes the project as a git repository with one commit, touched by no configuration of this machine. */
export function makeDemoRepository(path: string, env: NodeJS.ProcessEnv): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  const git = (...args: string[]) =>
    execFileSync("git", args, {
      cwd: path,
      stdio: "pipe",
      env: {
        PATH: env.PATH ?? "",
        HOME: path,
        GIT_CONFIG_NOSYSTEM: "1",
        GIT_CONFIG_GLOBAL: "/dev/null",
        GIT_AUTHOR_NAME: "Ann Operator",
        GIT_AUTHOR_EMAIL: "ann@example.test",
        GIT_COMMITTER_NAME: "Ann Operator",
        GIT_COMMITTER_EMAIL: "ann@example.test",
      },
    });
  git("init", "--quiet", "--initial-branch=main");
  git("add", "--all");
  git("commit", "--quiet", "--message=A list can be summed");
}
