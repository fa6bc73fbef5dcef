import { describe, expect, it } from "vitest";
import type { FlowPlan, FlowTaskSpec } from "../../domain/flow-plan.ts";
import { checkGraph } from "./check-graph.ts";
import { parsePlan } from "./parse-plan.ts";
import { parseChange, parseTask } from "./parse-task.ts";

async function planOf(text: string): Promise<FlowPlan> {
  const answer = await parsePlan(text, { file: "p.yaml", cwd: "/w" });
  if ("problems" in answer) throw new Error(JSON.stringify(answer.problems));
  return answer.plan;
}

const text = `
defaults: {worker: shell, timeout: 1m, retry: {count: 2}, cwd: sub}
judge: {worker: claude, prompt: Good?}
tasks:
  - {id: a, command: make, env: {set: {A: "1"}}, outputs: {r: r.json}}
`;

describe("a task that is added", () => {
  it("has its plan's defaults, and its judge", async () => {
    const answer = parseTask(
      { id: "b", command: "x", depends_on: ["a"] },
      { plan: await planOf(text), workers: ["claude"] },
    );
    expect(answer).toMatchObject({
      tasks: [
        { id: "b", worker: "shell", timeoutMs: 60_000, retry: { count: 2 }, cwd: "/w/sub", dependsOn: ["a"] },
        { id: "b.judge", judges: "b", prompt: "Good?" },
      ],
    });
  });

  it.each([
    [{ command: "x" }, "id: Is missing."],
    [{ id: "b", comand: "x" }, 'comand: Unknown key "comand". Fix: did you mean "command"?'],
    [{ id: 7, command: "x" }, "id: Expected a name"],
    [{ id: "b", worker: "nobody", prompt: "x" }, 'Unknown worker "nobody"'],
    [{ id: "b" }, "command: Is missing."],
    ["b", "Expected a section"],
    [null, "Expected a section"],
  ])("is refused as %j, with path and fix", async (found, says) => {
    const answer = parseTask(found, { plan: await planOf(text), workers: ["claude"] });
    if (!("problems" in answer)) throw new Error("it was taken");
    expect(answer.problems.join("\n")).toContain(says);
  });
});

describe("a task that is changed", () => {
  const change = async (found: unknown) => {
    const plan = await planOf(text);
    const spec = plan.tasks[0] as FlowTaskSpec;
    return { spec, answer: parseChange(found, spec, { plan, workers: ["claude"] }) };
  };

  it.each<[object, Partial<FlowTaskSpec>]>([
    [{ timeout: "5m" }, { timeoutMs: 300_000 }],
    [{ retry: { backoff: 1 } }, { retry: { count: 2, backoffMs: 1000, factor: 2, maxMs: 300_000 } }],
    [{ env: { set: { B: "2" } } }, { env: { pass: [], set: { A: "1", B: "2" } } }],
    [
      { worker: "claude", prompt: "Do it." },
      { worker: "claude", prompt: "Do it.", command: null },
    ],
    [{ worktree: {} }, { cwd: null, worktree: { repository: "/w", base: null } }],
    [{ priority: 9 }, { priority: 9 }],
    [
      { worker: "claude", prompt: "Do it.", model: "big" },
      { worker: "claude", prompt: "Do it.", command: null, model: "big" },
    ],
    [{ validate: [{ file: "x" }] }, { validate: [{ kind: "file", path: "x" }] }],
    [
      { on_fail: "ask", ask: { expires: 60, answer: "fail" } },
      { onFail: "ask", ask: { expiresMs: 60_000, answer: "fail" } },
    ],
  ])("by %j keeps everything else", async (found, expected) => {
    const { spec, answer } = await change(found);
    expect(answer).toEqual({ spec: { ...spec, ...expected } });
  });

  it.each([
    [{}, "Changes nothing."],
    [{ id: "b" }, "id: Cannot be changed once the task is in the flow."],
    [{ judges: "b" }, "judges: Cannot be changed"],
    [{ judge: { prompt: "x" } }, "change the task that judges it"],
    [{ depends_on: ["x"], priority: 9 }, "depends_on: Cannot be changed once the task is in the flow."],
    [{ group: null, priority: 9 }, "group: Is empty, which changes nothing."],
    [{ model: "big" }, "model: The worker shell has no model."],
    [{ nonsense: null }, 'Unknown key "nonsense"'],
    [{ prompt: "x" }, "is given a command"],
    [{ timeout: "x" }, "timeout: Expected a duration"],
    [{ rounds: 2 }, "Means something only for a task that judges"],
    [{ validate: ["judge"] }, "cannot be given later"],
    [[], "Expected a section"],
  ])("is refused as %j, with path and fix", async (found, says) => {
    const { answer } = await change(found);
    if (!("problems" in answer)) throw new Error("it was taken");
    expect(answer.problems.join("\n")).toContain(says);
  });
});

it("tasks of a flow as a whole are looked at again after a change", async () => {
  const { tasks } = await planOf(
    "tasks:\n  - {id: a, worker: shell, command: x}\n  - {id: b, worker: shell, command: x, depends_on: [a]}\n",
  );
  const [a, b] = tasks as [FlowTaskSpec, FlowTaskSpec];
  expect(checkGraph([a, b])).toEqual([]);
  expect(checkGraph([{ ...a, dependsOn: ["b"] }, b])).toEqual([expect.stringContaining("a -> b -> a")]);
  expect(checkGraph([b])).toEqual([expect.stringContaining('There is no task "a"')]);
});
