// The keys of tasks that are added to a flow, and of tasks that are changed in one, do what they do in a plan.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { changeOf } from "@agent-control-plane/core";
import { parseChange, parseTask, planKeys } from "@agent-control-plane/core/flow";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FieldCase } from "./field-case.ts";
import { fieldCases } from "./field-cases.ts";
import { type FlowBench, type FlowRun, openFlowBench, type Plan } from "./flow-bench.ts";

const ofTasks = fieldCases.filter(({ key }) => key.startsWith("tasks[]."));
const place = /^tasks\[\]\.(?:id|depends_on|judges?)\b|validate\[\]\.judge/;
const tasksOf = ({ tasks }: Plan) => tasks as readonly Plan[];

/** What of the task `t` is otherwise. */
function changeIn({ plan, otherwise }: FieldCase): Plan {
  const [from, to] = [otherwise, plan].map((each) => tasksOf(each).find(({ id }) => id === "t") ?? {}) as [Plan, Plan];
  return Object.fromEntries(
    Object.entries(to).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(from[key])),
  );
}

/** Where the value of the one is no value at all there is nothing that a change could say. */
const changed = ofTasks.filter((each) => !place.test(each.key) && Object.keys(changeIn(each)).length > 0);
const added = ofTasks.filter(({ key }) => !key.startsWith("tasks[].id"));

const home = mkdtempSync(join(tmpdir(), "acp-changing-"));
let bench: FlowBench;
const runs = new Map<string, FlowRun>();
const nameOf = ({ key, of }: FieldCase) => (of === undefined ? key : `${key}, ${of}`);

beforeAll(async () => {
  bench = await openFlowBench(home, { env: { ...process.env, FIELD_PASSED: "from the runtime" }, isHeld: true });
  for (const each of changed) {
    const run = await bench.run(each.otherwise);
    const task = await run.task("t");
    const made = parseChange(changeIn(each), task.spec, { plan: (await run.flow()).plan });
    if ("problems" in made) throw new Error(`${nameOf(each)}: ${made.problems}`);
    const answer = await bench.store.flows.update(run.id, "t", changeOf(made.spec), "test");
    expect(answer, nameOf(each)).toEqual({ kind: "applied" });
    runs.set(`changed ${nameOf(each)}`, run);
  }
  for (const each of added) {
    const run = await bench.run({
      ...each.plan,
      tasks: [{ id: "gate", worker: "shell", command: "true", judge: false }],
    });
    const { plan } = await run.flow();
    const made = tasksOf(each.plan).map((task) => parseTask(task, { plan }));
    const tasks = made.flatMap((one) => ("tasks" in one ? one.tasks : []));
    expect(await bench.store.flows.add(run.id, tasks, "test"), nameOf(each)).toEqual({ kind: "applied" });
    runs.set(`added ${nameOf(each)}`, run);
  }
  bench.start();
});
afterAll(async () => {
  await bench.close();
  rmSync(home, { recursive: true, force: true });
});

it("each key that may be changed is changed by a case, and no other", () => {
  const keys = [...new Set(changed.map(({ key }) => /^tasks\[\]\.([a-z_]+)/.exec(key)?.[1]))];
  const ofAgents = ["model", "prompt", "worktree"];
  const all = planKeys().flatMap((key) => /^tasks\[\]\.([a-z_]+)$/.exec(key)?.[1] ?? []);
  const ofJudges = ["rounds"];
  const fixed = ["id", "depends_on", "judge", "judges"];
  expect([...keys, ...ofAgents, ...ofJudges, ...fixed].toSorted()).toEqual(all.toSorted());
});

describe.concurrent("a task", () => {
  const rows = (how: string, cases: readonly FieldCase[]) =>
    cases.map((each) => [`${how} ${nameOf(each)}`, each] as const);
  it.each([...rows("changed", changed), ...rows("added", added)])("%s", async (name, { see, is }) => {
    expect(await see(runs.get(name) as FlowRun)).toEqual(is);
  });
});
