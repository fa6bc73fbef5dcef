import { readFileSync } from "node:fs";
import { join } from "node:path";
import { flowSteps, flowTaskSteps, outboxSteps, sessionSteps, taskSteps } from "@agent-control-plane/core";
import { expect, it } from "vitest";
import { root } from "./project-files.ts";

const page = readFileSync(join(root, "docs/state-machine.md"), "utf8");

/** The text under one heading of level two, up to the next. */
function sectionOf(markdown: string, heading: string): string {
  const [, after = ""] = markdown.split(`\n## ${heading}\n`);
  return after.split("\n## ")[0] ?? "";
}

/** `a -> b` for each line of a drawing, without start and end. */
const drawnSteps = (section: string): readonly string[] =>
  [...section.matchAll(/^ {2}([a-z-]+) --> ([a-z-]+)$/gm)].map(([, from, to]) => `${from} -> ${to}`).sort();

/** `a -> b` for each row of a table whose first two cells are states. */
const listedSteps = (section: string): readonly string[] =>
  [...section.matchAll(/^\| `([a-z-]+)` +\| `([a-z-]+)` +\|/gm)].map(([, from, to]) => `${from} -> ${to}`).sort();

const stepsOf = (table: { readonly [from: string]: readonly string[] }): readonly string[] =>
  Object.entries(table)
    .flatMap(([from, to]) => to.map((each) => `${from} -> ${each}`))
    .sort();

it("reads drawings and tables of one section", () => {
  const text = "\n## A\n  [*] --> on\n  on --> off\n\n| `on` | `off` | who |\n## B\n  off --> on\n";
  expect(drawnSteps(sectionOf(text, "A"))).toEqual(["on -> off"]);
  expect(listedSteps(sectionOf(text, "A"))).toEqual(["on -> off"]);
});

it.each([
  ["Tasks", taskSteps],
  ["Sessions", sessionSteps],
  ["Outbox rows", outboxSteps],
  ["Flows", flowSteps],
  ["Tasks of flows", flowTaskSteps],
] as const)("draws and lists exactly the steps of the code: %s", (heading, table) => {
  const section = sectionOf(page, heading);
  expect(drawnSteps(section)).toEqual(stepsOf(table));
  expect(listedSteps(section)).toEqual(stepsOf(table));
});
