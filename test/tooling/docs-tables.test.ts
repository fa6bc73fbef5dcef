// Tables of the pages are whole: a merge that takes both sides of one leaves a second rule, or rows twice.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { projectFiles, root } from "./project-files.ts";

const isRule = (line: string): boolean => /^\|[-| :]+\|$/.test(line);
const cellsIn = (line: string): number => line.split(/(?<!\\)\|/).length;

/** Runs of lines that begin with a bar, outside of code. */
function tablesOf(markdown: string): readonly (readonly string[])[] {
  const prose = markdown.replace(/```[\s\S]*?```/g, "");
  return [...prose.matchAll(/(?:^\|.*\n?)+/gm)].map(([text]) => text.trimEnd().split("\n"));
}

function problemsOf(table: readonly string[]): readonly string[] {
  const [heading = "", rule = "", ...rows] = table;
  return [
    ...(isRule(rule) ? [] : [`no rule below ${heading}`]),
    ...rows.filter(isRule).map(() => `a second rule below ${heading}`),
    ...rows.filter((row) => cellsIn(row) !== cellsIn(heading)).map((row) => `other cells than its heading: ${row}`),
    ...rows.filter((row, at) => rows.indexOf(row) !== at).map((row) => `twice: ${row}`),
    ...(new Set(table.map((line) => line.length)).size > 1 ? [`columns are not in line below ${heading}`] : []),
  ];
}

it("sees what is wrong with a table", () => {
  const found = (text: string) => tablesOf(text).flatMap(problemsOf);
  expect(found("| a | b |\n| - | - |\n| c | d |\n")).toEqual([]);
  expect(found("| a |\n| - |\n| - |\n")).toEqual(["a second rule below | a |"]);
  expect(found("| a |\n| - |\n| c |\n| c |\n")).toEqual(["twice: | c |"]);
  expect(found("| a |\n| - |\n| c | d |\n")).toHaveLength(2);
  expect(found("```\n| a |\n```\n")).toEqual([]);
});

it("finds nothing wrong in ours", () => {
  const pages = projectFiles().filter((file) => file.endsWith(".md"));
  const wrong = pages.flatMap((file) =>
    tablesOf(readFileSync(join(root, file), "utf8")).flatMap((table) =>
      problemsOf(table).map((problem) => `${file}: ${problem}`),
    ),
  );
  expect(wrong).toEqual([]);
});
