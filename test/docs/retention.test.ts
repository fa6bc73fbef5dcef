// docs/retention.md against the list of the code: both say the same of every table and folder.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { tableRules } from "@agent-control-plane/core";
import { expect, it } from "vitest";
import { folderRules } from "../../packages/cli/src/retention/folder-rules.ts";
import { root } from "../tooling/project-files.ts";

const page = readFileSync(join(root, "docs/retention.md"), "utf8");

/** Name and last cell of each row of a section's table. */
function rowsOf(heading: string): readonly (readonly [string, string])[] {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("| `"));
  return rows.map((line) => {
    const cells = line.split("|").slice(1, -1);
    return [cells[0]?.trim().replaceAll("`", "") ?? "", cells.at(-1)?.trim() ?? ""];
  });
}

it("names every folder with its rule", () => {
  expect(rowsOf("On the disk")).toEqual(folderRules.map(({ name, rule }) => [name, rule]));
});

it("names every table with its rule", () => {
  expect(rowsOf("In the store")).toEqual(tableRules.map(({ table, rule }) => [table, rule]));
});
