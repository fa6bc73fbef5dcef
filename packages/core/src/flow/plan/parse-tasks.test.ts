import { expect, it } from "vitest";
import type { FlowPlan } from "../../domain/flow-plan.ts";
import { parsePlan } from "./parse-plan.ts";
import { parseTasks } from "./parse-tasks.ts";

async function setting() {
  const text = "defaults: { worker: shell, timeout: 20m }\ntasks: [{ id: build, command: make }]\n";
  const parsed = await parsePlan(text, { file: "plan.yaml", cwd: "/w" });
  if ("problems" in parsed) throw new Error("bad plan");
  return { plan: parsed.plan satisfies FlowPlan };
}
const parse = async (text: string) => parseTasks(text, "more.yaml", await setting());

it("takes one task, a list and a section of tasks, with the plan's defaults and their judges", async () => {
  for (const text of [
    "id: docs\ncommand: make docs\n",
    "- id: docs\n  command: make docs\n",
    "tasks:\n  - id: docs\n    command: make docs\n",
    '{"id": "docs", "command": "make docs"}',
  ]) {
    expect(await parse(text), text).toMatchObject({ tasks: [{ id: "docs", worker: "shell", timeoutMs: 1_200_000 }] });
  }
  const several = await parse(
    "- { id: a, command: x, judge: { command: y } }\n- { id: b, command: z, depends_on: [a] }\n",
  );
  expect("tasks" in several ? several.tasks.map(({ id }) => id) : several).toEqual(["a", "a.judge", "b"]);
});

it("says the line of whatever is wrong, in each of the three forms", async () => {
  for (const [text, line, path] of [
    ["id: docs\ncomand: make docs\n", 2, "comand"],
    ["- id: docs\n  comand: make docs\n", 2, "[0].comand"],
    ["tasks:\n  - id: docs\n    comand: make docs\n", 3, "tasks[0].comand"],
  ] as const) {
    const parsed = await parse(text);
    const problems = "problems" in parsed ? parsed.problems : [];
    const unknown = problems.find(({ message }) => message.startsWith("Unknown key"));
    expect(unknown, text).toMatchObject({ file: "more.yaml", line, path, fix: 'did you mean "command"?' });
  }
  expect(await parse("name: x\ntasks: [{ id: a, command: y }]\n")).toMatchObject({ problems: [{ line: 1 }] });
  expect(await parse("[]")).toMatchObject({ problems: [{ message: expect.stringContaining("empty") }] });
  expect(await parse("7")).toHaveProperty("problems");
  expect(await parse("[1")).toHaveProperty("problems");
});
