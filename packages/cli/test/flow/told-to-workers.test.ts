// What the files say that each worker is given, as a worker reads them.
import { expect, it } from "vitest";
import { plan, task } from "./field-case.ts";
import { aFlowBench } from "./flow-bench.ts";

const bench = await aFlowBench();

it("the state of the flow is counts, and what has ended and how, newest first", async () => {
  const run = await bench.run(
    plan([
      task("a", { command: "exit 3", on_fail: "continue" }),
      task("b", { depends_on: ["a"] }),
      task("t", { depends_on: ["b"], command: 'cat "$ACP_CONTEXT_DIR/L1-state.md"' }),
      task("later", { depends_on: ["t"] }),
    ]),
  );
  const text = await run.printed("t");
  expect(text).toContain("it has 4 tasks: 1 waiting, 1 running, 1 succeeded, 1 failed.");
  expect(text.split("\n").filter((line) => line.startsWith("- "))).toEqual([
    "- b: succeeded: done",
    expect.stringMatching(/^- a: failed \(exit-code\): exit code 3$/),
  ]);
});

it("files that needed tasks left are named with their sizes, and not told", async () => {
  const run = await bench.run(
    plan([
      task("a", { command: "echo secret > left", outputs: { out: "left" } }),
      task("t", { depends_on: ["a"], command: 'cat "$ACP_CONTEXT_DIR/L3.md"' }),
    ]),
  );
  const text = await run.printed("t");
  expect(text).toMatch(/a.*out.*7/);
  expect(text).not.toContain("secret");
});
