// docs/flows.md against the readers of plans and mailboxes.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  commandFields,
  contextBudgets,
  contextFiles,
  messageFields,
  parseCommandLine,
  parsePlan,
  parseTask,
  planKeys,
} from "@agent-control-plane/core/flow";
import { expect, it } from "vitest";
import { root } from "../tooling/project-files.ts";

const page = readFileSync(join(root, "docs/flows.md"), "utf8");

/** The cells of the tables under a heading. */
function rowsOf(heading: string): readonly (readonly string[])[] {
  const section = page.split(/^##+ /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
  return [...section.matchAll(/^\| (`.*) \|$/gm)].map(([, row = ""]) => row.split(" | ").map((cell) => cell.trim()));
}

const words = (cell: string | undefined) => [...(cell ?? "").matchAll(/`([^`]+)`/g)].map(([, word]) => word);

const example = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? "";

async function examplePlan() {
  const answer = await parsePlan(example, { file: "release.yaml", cwd: "/w", workers: ["claude"] });
  if ("problems" in answer) throw new Error(JSON.stringify(answer.problems, null, 1));
  return answer.plan;
}

it("names every key of a plan once, and no other", () => {
  const keys = planKeys().map((key) =>
    key.replace(/^defaults\./, "tasks[].").replace(/^tasks\[\]\.(?:validate\[\]\.)?judge\./, "judge."),
  );
  const named = [...rowsOf("A plan"), ...rowsOf("A task")].map(([key]) => words(key)[0]);
  expect([...named].sort()).toEqual([...new Set(keys)].sort());
});

it("shows a plan that is read as it says", async () => {
  const plan = await examplePlan();
  expect(plan.tasks.map(({ id }) => id)).toEqual(["build", "test", "notes", "notes.judge", "announce"]);
  expect(plan).toMatchObject({
    name: "release",
    deadlineMs: 7_200_000,
    budget: { usd: 10, tokens: null, attempts: 40 },
  });
});

it("shows commands that are read, and tasks that can be added", async () => {
  const plan = await examplePlan();
  const lines = /```json\n([\s\S]*?)```/.exec(page)?.[1]?.trim().split("\n") ?? [];
  expect(lines.length).toBeGreaterThan(3);
  for (const line of lines) {
    const answer = parseCommandLine(line, 1);
    if (!("command" in answer)) throw new Error(`${line}: ${answer.problem.reason}`);
    if (answer.command.type === "ADD_TASK") expect(parseTask(answer.command.task, { plan })).toHaveProperty("tasks");
  }
});

it("names every command and message with its fields", () => {
  const commands = rowsOf("Commands").map(([type, fields]) => [words(type)[0], words(fields)]);
  expect(commands).toEqual(Object.entries(commandFields).map(([type, fields]) => [type, Object.keys(fields)]));
  const messages = rowsOf("Messages").map(([type, fields]) => [words(type)[0], words(fields)]);
  expect(messages).toEqual(Object.entries(messageFields));
});

it("names every layer with its file and budget", () => {
  const layers = rowsOf("What a worker is told").map(([layer, file, budget]) => [
    words(layer)[0],
    words(file)[0],
    budget,
  ]);
  const kilobytes = Object.entries(contextBudgets).map(([layer, bytes]) => [
    layer,
    contextFiles[layer as keyof typeof contextFiles],
    `${bytes / 1024} KB`,
  ]);
  expect(layers).toEqual(kilobytes);
});
