// Flows from the plan's text to the outbox: the real store, the real engine, real processes.
import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { FlowEngine, type FlowPlan, openStore, parsePlan, systemClock } from "@agent-control-plane/core";
import { temporaryFolder } from "@agent-control-plane/testkit";
import { expect, it, onTestFinished } from "vitest";
import { createCommandWorkers } from "../../src/flow/index.ts";
import { waitFor } from "../fixtures/session-bench.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

async function planOf(text: string, cwd: string): Promise<FlowPlan> {
  const parsed = await parsePlan(text, { file: "plan.yaml", cwd, format: "yaml" });
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.plan;
}

async function work(text: string) {
  const home = temporaryFolder();
  const store = await openStore({ path: join(home, "store.db") });
  const folder = join(home, "flows", "f1");
  mkdirSync(folder, { recursive: true });
  const { flow } = await store.flows.submit(await planOf(text, home), { id: "f1", folder, submittedBy: "test" });
  let count = 0;
  const engine = new FlowEngine({
    ...{ store, clock: systemClock, log: quiet, runtimeId: "r1", workerNames: ["shell", "python"] },
    workers: createCommandWorkers({ clock: systemClock, env: process.env }),
    newSessionId: () => {
      count += 1;
      return `flow-test-${process.pid}-${Date.now()}-${count}`;
    },
    callBack: async () => ({ isOver: true, answer: "told" }),
  });
  const running = engine.run();
  onTestFinished(async () => {
    await engine.stop("end");
    await running;
    await store.close();
  });
  const messages = () =>
    readFileSync(join(folder, "outbox.jsonl"), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line));
  return {
    store,
    folder,
    flow,
    messages,
    states: async () => Object.fromEntries((await store.flows.tasks("f1")).map(({ id, state }) => [id, state])),
    async end() {
      let state = "";
      await waitFor(
        "the flow is over and told",
        () => {
          void store.flows.get("f1").then((found) => {
            state = found?.state ?? "";
          });
          return (
            state !== "running" && state !== "" && messagesOr([], messages).some(({ type }) => type === "ALL_DONE")
          );
        },
        30_000,
      );
      return (await store.flows.get("f1"))?.state;
    },
  };
}

const messagesOr = <T>(none: T, messages: () => T): T => {
  try {
    return messages();
  } catch {
    return none;
  }
};

it("a flow's tasks run in the order of their needs, with what those before them left, and the outbox tells it", async () => {
  const flow = await work(`
name: release
tasks:
  - id: build
    worker: shell
    command: 'echo built > out.txt; printf ''{"summary":"fine","size":3}'' > "$ACP_RESULT_FILE"'
    cwd: "@attempt"
    outputs: { out: out.txt }
  - id: test
    worker: python
    command: |
      import os
      print(open(os.environ["ACP_CONTEXT_DIR"] + "/L2-task.md").read())
    depends_on: [build]
    validate: [{ regex: { pattern: "built|size", in: stdout } }]
  - id: publish
    worker: shell
    command: "true"
    depends_on: [test]
`);
  expect(await flow.end()).toBe("succeeded");
  expect(await flow.states()).toEqual({ build: "succeeded", test: "succeeded", publish: "succeeded" });
  const told = flow.messages();
  expect(told.map(({ seq }) => seq)).toEqual(told.map((_, index) => index + 1));
  const steps = told.filter(({ type }) => type !== "PROGRESS");
  expect(steps.map(({ type, task }) => [type, task])).toEqual([
    ["TASK_STARTED", "build"],
    ["TASK_DONE", "build"],
    ["TASK_STARTED", "test"],
    ["TASK_DONE", "test"],
    ["TASK_STARTED", "publish"],
    ["TASK_DONE", "publish"],
    ["ALL_DONE", undefined],
  ]);
});

it("a failure is retried as often as the plan says, and what needs it is skipped", async () => {
  const flow = await work(`
name: failing
tasks:
  - { id: bad, worker: shell, command: "echo no good >&2; exit 3", retry: { count: 2, backoff: 0 } }
  - { id: after, worker: shell, command: "true", depends_on: [bad] }
  - { id: beside, worker: shell, command: "true" }
  - { id: slow, worker: shell, command: "sleep 1000", timeout: 1 }
`);
  expect(await flow.end()).toBe("failed");
  expect(await flow.states()).toEqual({ bad: "failed", after: "skipped", beside: "succeeded", slow: "failed" });
  const bad = await flow.store.flows.task("f1", "bad");
  expect(bad).toMatchObject({ attempts: 3, reason: "exit-code", summary: "exit code 3: no good" });
  expect(await flow.store.flows.task("f1", "slow")).toMatchObject({ attempts: 1, reason: "timed-out" });
});

it("a judge has work done anew with its words, and a decision holds only the task that it names", async () => {
  const flow = await work(`
name: judged
tasks:
  - id: draft
    worker: shell
    command: 'if grep -q "say please" "$ACP_CONTEXT_DIR/L2-task.md"; then echo please; else echo now; fi'
    judge:
      worker: shell
      rounds: 2
      command: |
        if grep -q please "$ACP_JUDGED_DIR/stdout.log"; then echo '{"verdict":"pass","feedback":""}'
        else echo '{"verdict":"retry","feedback":"say please"}'; fi > "$ACP_RESULT_FILE"
  - { id: doubtful, worker: shell, command: "exit 1", on_fail: ask }
  - { id: waits, worker: shell, command: "true", depends_on: [doubtful] }
  - { id: goes-on, worker: shell, command: "true", depends_on: [draft] }
`);
  await waitFor("a decision is asked for", () =>
    messagesOr([], flow.messages).some(({ type }) => type === "DECISION_NEEDED"),
  );
  await waitFor("the others go on", () =>
    messagesOr([], flow.messages).some(({ type, task }) => type === "TASK_DONE" && task === "goes-on"),
  );
  expect(await flow.states()).toMatchObject({ draft: "succeeded", doubtful: "asking", waits: "waiting" });
  expect(await flow.store.flows.task("f1", "draft")).toMatchObject({ round: 1, attempts: 2 });
  const { ref } = flow.messages().find(({ type }) => type === "DECISION_NEEDED");
  appendFileSync(
    join(flow.folder, "inbox.jsonl"),
    `not json\n{"type":"DECIDE","ref":"${ref}","answer":"continue","id":"c1"}\n`,
  );
  expect(await flow.end()).toBe("succeeded");
  expect(await flow.states()).toMatchObject({ waits: "succeeded" });
  expect(flow.messages().filter(({ type }) => type === "ERROR")).toMatchObject([{ line: 1 }]);
});
