import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root } from "../tooling/project-files.ts";

interface Named {
  readonly file: string;
  readonly test: string;
}

/** The tests that each numbered row of the page names. */
function rowsOf(page: string): ReadonlyMap<number, readonly Named[]> {
  const rows = page.split("\n").flatMap((line): readonly (readonly [number, readonly Named[]])[] => {
    const number = /^\| (\d+) +\|/.exec(line)?.[1];
    if (number === undefined) return [];
    const named = [...line.matchAll(/`([^`]+\.test\.ts)`: "(.+?)"(?=<br>| *\|$)/g)];
    return [[Number(number), named.map(([, file = "", test = ""]) => ({ file, test }))]];
  });
  return new Map(rows);
}

/** As the name of a test, or of a row in a table of tests. */
function isThere({ file, test }: Named, read = textOf): boolean {
  const literal = test.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`[([]\\s*(["\`])${literal}\\1\\s*[,)]`).test(read(file));
}

const textOf = (file: string): string => (existsSync(join(root, file)) ? readFileSync(join(root, file), "utf8") : "");

const rows = rowsOf(readFileSync(join(root, "docs", "defects-we-do-not-have.md"), "utf8"));

it("has a test for each of the scheduler's and the labels' defects", () => {
  const numbers = [1, 4, 5, 6, 7, ...Array.from({ length: 17 }, (_, index) => 11 + index), 37, 41];
  expect([...rows.keys()]).toEqual(numbers);
  expect([...rows].filter(([, named]) => named.length === 0)).toEqual([]);
});

it("names tests that are there", () => {
  expect([...rows.values()].flat().filter((named) => !isThere(named))).toEqual([]);
});

it("would notice a test that was renamed, and one that is only mentioned", () => {
  const read = () => 'it("does this", () => {}); // "does that"\nit.each([["a row", 1]])("%s", () => {});';
  const seen = (test: string) => isThere({ file: "x.test.ts", test }, read);
  expect(["does this", "a row", "does that", "does", "row"].map(seen)).toEqual([true, true, false, false, false]);
  expect(isThere({ file: "no-such.test.ts", test: "does this" })).toBe(false);
});
