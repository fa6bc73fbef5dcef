// Every key of a plan, in a flow that runs for real: what it changes, and where it is shown.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { planKeys } from "@agent-control-plane/core/flow";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runHere } from "../support/in-process.ts";
import { callbackCases, fieldCases } from "./field-cases.ts";
import { type FlowBench, openFlowBench } from "./flow-bench.ts";

const home = mkdtempSync(join(tmpdir(), "acp-fields-"));
const callbacks = await callbackCases(home);
const cases = [...fieldCases, ...callbacks.cases];
/** Mean something to agents only, and are seen where agents run as workers of flows. */
const ofAgents = [
  "budget.usd",
  "budget.tokens",
  "profile",
  "defaults.model",
  "judge.prompt",
  "judge.model",
  "tasks[].model",
  "tasks[].prompt",
  "tasks[].judge.prompt",
  "tasks[].judge.model",
  "tasks[].validate[].judge.prompt",
  "tasks[].validate[].judge.model",
  "tasks[].worktree",
  "tasks[].worktree.repository",
  "tasks[].worktree.base",
];
let bench: FlowBench;

beforeAll(async () => {
  bench = await openFlowBench(home, { env: { ...process.env, FIELD_PASSED: "from the runtime" } });
});
afterAll(async () => {
  await bench.close();
  callbacks.close();
  rmSync(home, { recursive: true, force: true });
});

it("each key of a plan has a case", () => {
  const covered = cases.map(({ key }) => key);
  const isCovered = (key: string) =>
    covered.some((each) => each === key || each.startsWith(`${key}.`) || each.startsWith(`${key}[]`));
  expect(planKeys().filter((key) => !isCovered(key))).toEqual(ofAgents);
  expect(covered.filter((key) => !planKeys().includes(key))).toEqual([]);
});

describe.concurrent("is seen by workers or in the store, and in the status:", () => {
  it.each(cases.map((each) => [each.of === undefined ? each.key : `${each.key}, ${each.of}`, each] as const))(
    "%s",
    async (_, { plan, otherwise, see, is, isOtherwise, shown, now }) => {
      const run = await bench.run(plan, now);
      expect(await see(run)).toEqual(is);
      expect(await see(await bench.run(otherwise, now))).toEqual(isOtherwise);
      const status = await runHere(["flow", "status", run.id, "--json"], { env: { AGENT_RUNTIME_HOME: home } });
      const found = inStatus(JSON.parse(status.stdout), shown[0]);
      if (shown[1] instanceof RegExp) expect(found).toMatch(shown[1]);
      else expect(found).toEqual(shown[1]);
    },
  );
});

/** `tasks.t.judge.spec.rounds`: ids may have dots. */
function inStatus(status: { readonly tasks: readonly { readonly id: string }[] }, path: string): unknown {
  const task = /^tasks\.(.+?)(?:\.((?:spec|id)\b.*))?$/.exec(path);
  if (task === null) return follow(status, path);
  const found = status.tasks.find(({ id }) => id === task[1]);
  return task[2] === undefined ? found : follow(found, task[2]);
}

const follow = (from: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], from);
