// docs/lanes.md against the tables that decide.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { stageTable } from "../../src/decide/pull-request/pull-request-stage.ts";
import { holdReasons, lanes, pullRequestStages } from "../../src/index.ts";

const page = readFileSync(new URL("../../../../docs/lanes.md", import.meta.url), "utf8");

/** The cells of the table rows under a heading, without its head. */
function rowsUnder(heading: string): readonly (readonly string[])[] {
  const section = page.split(/^#{1,2} /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("| "));
  return rows.slice(2).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const code = (name: string) => `\`${name}\``;

it("tells of every lane, in the order of the list", () => {
  expect(rowsUnder("Lanes").map(([lane]) => lane)).toEqual(lanes.map(code));
});

it("tells every reason to hold, in its own words", () => {
  const reasons = Object.entries(holdReasons).map(([reason, [text, unblocks]]) => [code(reason), text, unblocks]);
  expect(rowsUnder("Reasons to hold")).toEqual(reasons);
});

it("tells every row of the stages, in order, with where it leads and what holds it", () => {
  const rows = rowsUnder("Stages of a pull request");
  expect(rows.map(([row]) => row)).toEqual(stageTable.map(({ row }) => code(row)));
  for (const [index, { row, stage, because }] of stageTable.entries()) {
    const [, when = "", leadsTo = "", heldBy] = rows[index] ?? [];
    expect(when, row).not.toBe("");
    expect(leadsTo, row).toBe(typeof stage === "string" ? code(stage) : "`double-check-1`, `double-check-2`");
    const startsNothing = !/^`(fix|merge-repair|double-check-)/.test(leadsTo);
    expect(heldBy, row).toBe(startsNothing ? code(because) : "");
  }
});

it("names every stage", () => {
  const named = rowsUnder("Stages of a pull request")
    .map(([, , stage]) => stage)
    .join();
  for (const stage of pullRequestStages) expect(named).toContain(code(stage));
});
