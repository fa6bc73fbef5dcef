import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";

const root = resolve(import.meta.dirname, "..", "..");

/** What makes a native SQLite object in a line, unless `keepNative` stands before it. */
const makers = /(?<!keepNative\([^)]*)(\bnew (?:Database|Sqlite)\(|\.prepare\(|\.pragma\(|\.transaction\()/;

it("keeps every native SQLite object alive: a collected one ends the process on Node 24", () => {
  const files = execFileSync("git", ["ls-files", "packages/core/src/store", "packages/local-forge/src"], {
    cwd: root,
    encoding: "utf8",
  })
    .split("\n")
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
  const loose = files.flatMap((file) =>
    readFileSync(join(root, file), "utf8")
      .replace(/keepNative\(\s+/g, "keepNative(")
      .split("\n")
      .filter((line) => makers.test(line) && !/^\s*(\*|\/\/)/.test(line))
      .map((line) => `${file}: ${line.trim()}`),
  );
  expect(files.length).toBeGreaterThan(20);
  expect(loose).toEqual([]);
});

it("would notice one that is not kept", () => {
  expect(makers.test('const rows = database.prepare("select 1").all();')).toBe(true);
  expect(makers.test('const rows = keepNative(database.prepare("select 1")).all();')).toBe(false);
});
