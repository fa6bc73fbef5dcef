import { ManualClock, storeProblems } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import { anEnding } from "../store-examples.ts";
import { aFlow, aGraph, aPlan, aTask, done, failed, flowId, says, submit } from "./flow-examples.ts";

it("every field of a task and of a plan is there after it was submitted, as it was given", async () => {
  const spec = aTask("a", {
    ...{ name: "build it", worker: "claude", model: "opus", command: null, prompt: "do it", rounds: 3, timeoutMs: 7 },
    ...{ retry: { count: 4, backoffMs: 5, factor: 6, maxMs: 7 }, onFail: "ask", group: "gpu", priority: 9, cwd: "/c" },
    validate: [
      { kind: "command", command: ["x"], timeoutMs: 1 },
      { kind: "file", path: "f" },
      { kind: "json_schema", path: "p", schema: { type: "object" } },
      { kind: "regex", pattern: "a", flags: "i", in: "stdout" },
    ],
    ...{ env: { pass: ["HOME"], set: { A: "b" } }, worktree: { repository: "/r", base: "main" }, inputs: { i: [1] } },
    ...{ outputs: { o: "out.txt" }, ask: { expiresMs: 8, answer: "skip" } },
  });
  const judge = aTask("j", { dependsOn: ["a"], judges: "a", rounds: 2 });
  const { store, open, flow } = await aFlow([spec, judge], {
    ...{ goal: "g", parallelism: 3, deadlineMs: 99, budget: { usd: 1, tokens: 2, attempts: 3 }, profile: "p" },
    ...{ concurrency: { gpu: 2 }, onDone: { kind: "webhook", url: "http://127.0.0.1/" } },
  });
  // Also by another runtime, and after a restart.
  for (const each of [store, await open()]) {
    expect((await each.flows.tasks(flowId)).map((task) => task.spec)).toEqual([spec, judge]);
  }
  const { tasks: _tasks, ...plan } = aPlan([], {
    ...{ goal: "g", parallelism: 3, deadlineMs: 99, budget: { usd: 1, tokens: 2, attempts: 3 }, profile: "p" },
    ...{ concurrency: { gpu: 2 }, onDone: { kind: "webhook", url: "http://127.0.0.1/" } },
  });
  expect((await flow()).plan).toEqual(plan);
  expect(await store.flows.needs(flowId)).toEqual([{ taskId: "j", needsId: "a" }]);
});

it("an id that is there answers its flow and changes nothing; a graph that could not end is not taken", async () => {
  const { store, flow } = await aFlow(aGraph("a"));
  const before = await flow();
  expect(await submit(store, aPlan(aGraph("x y>x")))).toEqual({ flow: before, created: false });
  await expect(submit(store, aPlan(aGraph("a>b b>a")), "f2")).rejects.toThrow("needs itself");
  const judges = [aTask("w"), aTask("x", { dependsOn: ["w"] }), aTask("j", { dependsOn: ["w", "x"], judges: "w" })];
  await expect(submit(store, aPlan(judges), "f2")).rejects.toThrow("needs itself");
  expect(await store.flows.get("f2")).toBeNull();
});

it("a paused flow begins nothing until it is resumed, and ends all the same", async () => {
  const { store, begun, begin, conclude, flow, play } = await aFlow(aGraph("a b"));
  const running = await begun();
  expect(await store.flows.pause(flowId, "ann")).toEqual({ kind: "applied" });
  expect(await store.flows.pause(flowId, "ann")).toMatchObject({ reason: "flow-not-running" });
  await conclude(running, done);
  expect(await begin()).toBeNull();
  expect(await store.flows.resume(flowId, "ann")).toEqual({ kind: "applied" });
  expect(await store.flows.resume(flowId, "ann")).toMatchObject({ reason: "flow-not-paused" });
  await play("b", done);
  expect(await flow()).toMatchObject({ state: "succeeded" });
  expect(await storeProblems(store)).toEqual([]);
});

it("cancelling stops what runs and ends with it; draining lets it end; both begin nothing", async () => {
  for (const mode of ["now", "drain"] as const) {
    const { store, begun, begin, conclude, states, flow, told } = await aFlow(aGraph("a b>a c"));
    const running = await begun();
    expect(await store.flows.stop(flowId, mode, "ann")).toEqual({ kind: "applied" });
    expect(await states()).toBe("a:running b:cancelled c:cancelled");
    expect(await begin()).toBeNull();
    const beat = await store.tasks.heartbeat(running.lease, 1000);
    expect(beat !== "lost" && beat.cancelRequested).toBe(mode === "now");
    expect(await store.flows.add(flowId, aGraph("d"), "ann")).toMatchObject({ reason: "flow-ending" });
    await conclude(running, mode === "now" ? { kind: "cancelled", summary: "stopped" } : done);
    expect(await flow()).toMatchObject({ state: "cancelled", reason: "cancelled" });
    expect((await told()).endsWith("ALL_DONE")).toBe(true);
    expect(await store.flows.cancel(flowId, "ann")).toMatchObject({ reason: "flow-over" });
    expect(await storeProblems(store)).toEqual([]);
  }
});

it("a task is cancelled by its flow's name or by the queue's number, with what needs it", async () => {
  const { store, states, begun, conclude } = await aFlow(aGraph("a b>a c d>c e z"));
  expect(await store.flows.cancelTask(flowId, "a", "ann")).toEqual({ kind: "applied" });
  const c = await store.flows.task(flowId, "c");
  expect(await store.tasks.cancel(c?.queueTaskId ?? 0, "ann", "not wanted")).toMatchObject({ state: "cancelled" });
  expect(await states()).toBe("a:cancelled b:skipped c:cancelled d:skipped e:queued z:queued");
  const running = await begun();
  await store.flows.cancelTask(flowId, "e", "ann");
  await conclude(running, failed);
  expect(await states()).toContain("e:cancelled");
  expect(await store.flows.cancelTask(flowId, "e", "ann")).toMatchObject({ reason: "task-over" });
  expect(await store.flows.cancelTask(flowId, "zz", "ann")).toMatchObject({ reason: "unknown-task" });
  expect(await storeProblems(store)).toEqual([]);
});

it("tasks are added to what is there; what needs a failure is skipped at once; circles and repeats are refused", async () => {
  const { store, play, states, flow } = await aFlow(aGraph("a b x"));
  await play("a", failed);
  await play("b", done);
  expect(await store.flows.add(flowId, aGraph("c>b d>c e>a f>e g>x"), "ann")).toEqual({ kind: "applied" });
  expect(await states()).toBe("a:failed b:succeeded x:queued c:queued d:waiting e:skipped f:skipped g:waiting");
  for (const tasks of ["A", "h>i i>h", "h>nobody"]) {
    expect(await store.flows.add(flowId, aGraph(tasks), "ann")).toMatchObject({ reason: "bad-task" });
  }
  expect(await store.flows.add(flowId, [aTask("j", { dependsOn: ["x"], judges: "x" })], "ann")).toMatchObject({
    reason: "bad-task",
  });
  for (const id of ["x", "c", "d", "g"]) await play(id, done);
  expect(await flow()).toMatchObject({ state: "failed" });
  expect(await store.flows.add(flowId, aGraph("k"), "ann")).toMatchObject({ reason: "flow-over" });
  expect(await storeProblems(store)).toEqual([]);
});

it("only what has not begun is changed, and begins as it was changed", async () => {
  const { store, begun, conclude } = await aFlow(aGraph("a b c"));
  const change = { priority: 5, command: "false", retry: { count: 7, backoffMs: 1, factor: 1, maxMs: 1 } };
  expect(await store.flows.update(flowId, "c", change, "ann")).toEqual({ kind: "applied" });
  const first = await begun();
  expect(first.task).toMatchObject({ id: "c", spec: { command: "false", priority: 5, retry: { count: 7 } } });
  expect(await store.flows.update(flowId, "c", { priority: 1 }, "ann")).toMatchObject({ reason: "task-begun" });
  await conclude(first, failed);
  expect(await store.flows.task(flowId, "c")).toMatchObject({ state: "queued" });
  expect(await storeProblems(store)).toEqual([]);
});

it("a failed task is retried with what was skipped because of it, and opens its flow again", async () => {
  const { store, play, states, flow, keeper } = await aFlow(aGraph("a b>a x>b c"));
  await play("a", failed);
  await play("c", done);
  expect(await flow()).toMatchObject({ state: "failed" });
  expect(await store.flows.retryTask(flowId, "b", "ann")).toMatchObject({ reason: "needs-failed" });
  expect(await store.flows.retryTask(flowId, "c", "ann")).toMatchObject({ reason: "task-over" });
  const lease = await keeper();
  const { lastSeq } = (await store.flows.writeOut({
    keeper: lease,
    flowId,
    limit: 100,
    told: () => 0,
    append: () => {},
  })) as { lastSeq: number };
  expect(await store.flows.markDone(lease, flowId)).toBe("applied");
  expect(await store.flows.retryTask(flowId, "a", "ann")).toEqual({ kind: "applied" });
  expect(await states()).toBe("a:queued b:waiting x:waiting c:succeeded");
  expect(await flow()).toMatchObject({ state: "running", reason: null, finishedAt: null });
  for (const id of ["a", "b", "x"]) await play(id, done);
  expect(await flow()).toMatchObject({ state: "succeeded" });
  expect((await store.flows.messages(flowId, lastSeq, 100)).at(-1)).toMatchObject({ type: "ALL_DONE" });
  // Somebody keeps it again.
  await keeper();
  expect(await storeProblems(store)).toEqual([]);
});

it("judged work is retried with its judge, whichever of the two is named", async () => {
  for (const named of ["w", "j"]) {
    const { store, play, states, flow } = await aFlow([
      aTask("w"),
      aTask("j", { dependsOn: ["w"], judges: "w", rounds: 0 }),
      aTask("n", { dependsOn: ["w"] }),
      aTask("k", { dependsOn: ["j"] }),
    ]);
    await play("w", done);
    await play("j", says("retry"));
    expect(await states()).toBe("w:failed j:succeeded n:skipped k:queued");
    expect(await store.flows.retryTask(flowId, named, "ann")).toMatchObject(
      named === "w" ? { kind: "applied" } : { kind: "applied" },
    );
    expect(await states()).toBe("w:queued j:waiting n:waiting k:waiting");
    await play("w", done);
    await play("j", says("pass"));
    await play("n", done);
    await play("k", done);
    expect(await flow()).toMatchObject({ state: "succeeded" });
    expect(await storeProblems(store)).toEqual([]);
  }
});

it("what a policy ended with the flow goes on with the task that is retried", async () => {
  const { store, play, states } = await aFlow([
    aTask("a", { onFail: "fail" }),
    aTask("b"),
    aTask("c", { dependsOn: ["b"] }),
  ]);
  await play("a", failed);
  expect(await states()).toBe("a:failed b:cancelled c:cancelled");
  expect(await store.flows.retryTask(flowId, "a", "ann")).toEqual({ kind: "applied" });
  expect(await states()).toBe("a:queued b:queued c:waiting");
  expect(await storeProblems(store)).toEqual([]);
});

it("a deadline ends the flow and stops what runs, also in a pause; a budget lets it end", async () => {
  const clock = new ManualClock();
  const { store, begun, begin, conclude, states, flow } = await aFlow(aGraph("a b"), { deadlineMs: 1000 }, { clock });
  const running = await begun();
  await store.flows.pause(flowId, "ann");
  clock.advance(1000);
  expect(await store.flows.expire()).toEqual({ decisions: 0, flows: 1 });
  expect(await store.flows.expire()).toEqual({ decisions: 0, flows: 0 });
  expect(await states()).toBe("a:running b:cancelled");
  expect(await store.tasks.heartbeat(running.lease, 1000)).toMatchObject({ cancelRequested: true });
  await conclude(running, { kind: "interrupted", summary: "stopped" });
  expect(await flow()).toMatchObject({ state: "failed", reason: "deadline" });
  expect(await begin()).toBeNull();
  expect(await storeProblems(store)).toEqual([]);
});

it.each([
  ["attempts", { usd: null, tokens: null, attempts: 1 }],
  ["tokens", { usd: null, tokens: 10, attempts: null }],
  ["money", { usd: 0.01, tokens: null, attempts: null }],
])("nothing begins once the budget is used up: %s", async (_what, budget) => {
  const { store, begin, begun, flow, states } = await aFlow(aGraph("a b c"), { budget });
  const first = await begun();
  const ending = anEnding(store.clock.now(), { usage: { inputTokens: 10, costUsd: 0.01 } });
  await store.flows.conclude(first.lease, first.session.id, done, ending);
  expect(await store.flows.spend(flowId)).toEqual({ attempts: 1, tokens: 10, usd: 0.01 });
  expect(await begin()).toBeNull();
  expect(await states()).toBe("a:succeeded b:cancelled c:cancelled");
  expect(await flow()).toMatchObject({ state: "failed", reason: "budget" });
  expect(await storeProblems(store)).toEqual([]);
});
