// docs/dashboard.md and docs/dashboard-acts.md against the program.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { CliContext } from "../../packages/cli/src/context.ts";
import { dashboardActs } from "../../packages/cli/src/dashboard/acts/dashboard-acts.ts";
import type { Document } from "../../packages/dashboard/src/index.ts";
import { familiesOf } from "../../packages/dashboard/src/metrics/metrics-text.ts";
import { leavesOf, pathOf } from "../../scripts/docs/cli-reference.ts";
import { programToRead } from "../../scripts/docs/pages.ts";
import { root } from "../tooling/project-files.ts";

const read = (name: string) => readFileSync(join(root, "docs", name), "utf8");
const page = read("dashboard.md");

/** The rows of the tables in a section, by cells. */
function rowsOf(heading: string, of = page): readonly (readonly string[])[] {
  const section = of.split(/^##+ /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
  return [...section.matchAll(/^\| (`.*) \|$/gm)].map(([, row = ""]) => row.split(" | ").map((cell) => cell.trim()));
}

const plain = (cell: string | undefined) => (cell ?? "").replaceAll("`", "");

it("names every metric once, with what it says", () => {
  const empty = { runtimes: [], allowances: [], cooldowns: [], providers: [], flows: [], version: "1" };
  const nothing = { totalBytes: 0, freeBytes: 0 };
  const families = familiesOf(
    new Map<string, Document>([
      ["host", empty],
      ["machine", { cores: 1, load: 0, memory: nothing, disk: nothing }],
    ]),
  );
  const named = rowsOf("Prometheus").map(([name, , help]) => [plain(name), help]);
  expect(named).toEqual(families.map(({ name, help }) => [name, help.replace(/\.$/, "")]));
});

it("names every act, and commands that there are", async () => {
  const rows = rowsOf("Acting", read("dashboard-acts.md")).slice(1);
  const { names } = dashboardActs({} as CliContext);
  expect(rows.map(([name]) => plain(name)).sort()).toEqual([...names].sort());
  const commands = leavesOf(await programToRead()).map(pathOf);
  for (const [, , command] of rows) expect(commands).toContain(/`(acp [a-z ]*[a-z])/.exec(command ?? "")?.[1]);
});

it("names every path of the API", () => {
  const { paths } = JSON.parse(readFileSync(join(root, "docs/openapi.json"), "utf8"));
  const unnamed = Object.keys(paths).filter((path) => {
    const [start = ""] = path.split(/\{|\/(?:log|diff)$/);
    return !page.includes(start);
  });
  expect(unnamed).toEqual(["/login", "/api/v1/logout"]);
});
