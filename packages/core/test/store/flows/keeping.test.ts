import { ManualClock, storeProblems } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import type { FlowMessage, InboxLine, ReadyFlowCommand } from "../../../src/index.ts";
import { aFlow, aGraph, aTask, done, failed, flowId } from "./flow-examples.ts";

const line = (number: number, said: InboxLine["said"], more: Partial<InboxLine> = {}): InboxLine => ({
  ...{ flowId, fileId: "i1", offset: (number - 1) * 10, nextOffset: number * 10, lineNumber: number, said },
  after: number === 1 ? { fileId: null, offset: 0 } : { fileId: "i1", offset: (number - 1) * 10 },
  ...more,
});
const pause: ReadyFlowCommand = { id: null, type: "PAUSE" };
const resume: ReadyFlowCommand = { id: null, type: "RESUME" };

it("a line is applied once, whoever reads it how often: the cursor moves with it", async () => {
  const { store, open, keeper, flow, told } = await aFlow(aGraph("a"));
  const lease = await keeper();
  expect(await store.flows.cursor(flowId)).toEqual({ fileId: null, offset: 0, lineNumber: 0, writtenSeq: 0 });
  expect(await store.flows.applyLine(lease, line(1, pause))).toEqual({ kind: "applied" });
  expect(await store.flows.applyLine(lease, line(2, resume))).toEqual({ kind: "applied" });
  // A restarted keeper that begins at the start again.
  const cursor = { fileId: "i1", offset: 20, lineNumber: 2, writtenSeq: 0 };
  expect(await (await open()).flows.applyLine(lease, line(1, pause))).toEqual({ kind: "elsewhere", cursor });
  expect(await store.flows.applyLine(lease, line(4, pause))).toEqual({ kind: "elsewhere", cursor });
  expect(await flow()).toMatchObject({ state: "running" });
  expect(await store.flows.cursor(flowId)).toEqual(cursor);
  // Behind the same cursor stands the first line of another file: whoever comes second with it is too late.
  const inNext = line(1, pause, { fileId: "i2", after: cursor });
  expect(await store.flows.applyLine(lease, inNext)).toEqual({ kind: "applied" });
  expect(await store.flows.applyLine(lease, inNext)).toMatchObject({ kind: "elsewhere" });
  expect(await store.flows.applyLine(lease, line(3, pause))).toMatchObject({ kind: "elsewhere" });
  expect(await told()).toBe("PROGRESS PROGRESS PROGRESS");
  expect(await storeProblems(store)).toEqual([]);
});

it("what is malformed, repeated or refused is said with its line and reason, and the next line is read", async () => {
  const { store, keeper, states } = await aFlow(aGraph("a b"));
  const lease = await keeper();
  const add: ReadyFlowCommand = { id: "c1", type: "ADD_TASK", tasks: aGraph("c>a") };
  expect(await store.flows.applyLine(lease, line(1, { problem: "no JSON object" }))).toEqual({ kind: "malformed" });
  expect(await store.flows.applyLine(lease, line(2, { problem: "" }))).toEqual({ kind: "blank" });
  expect(await store.flows.applyLine(lease, line(3, add))).toEqual({ kind: "applied" });
  expect(await store.flows.applyLine(lease, line(4, add))).toEqual({ kind: "repeat" });
  const refused = await store.flows.applyLine(lease, line(5, { ...add, id: "c2" }));
  expect(refused).toMatchObject({ kind: "refused", reason: "bad-task" });
  const cancel: ReadyFlowCommand = { id: null, type: "CANCEL_TASK", taskId: "b", reason: null };
  expect(await store.flows.applyLine(lease, line(6, cancel))).toEqual({ kind: "applied" });
  expect(await states()).toBe("a:queued b:cancelled c:waiting");
  const errors = (await store.flows.messages(flowId, 0, 100)).filter(({ type }) => type === "ERROR");
  expect(errors.map(({ body }) => body)).toMatchObject([
    { line: 1, code: "malformed", reason: "no JSON object" },
    { line: 4, code: "repeat", command: "ADD_TASK", commandId: "c1" },
    { line: 5, code: "bad-task", reason: expect.stringContaining("Task c is in the flow already") },
  ]);
  expect(await storeProblems(store)).toEqual([]);
});

it("each command does what its line says", async () => {
  const { store, keeper, play, states, openDecision, flow } = await aFlow([aTask("a", { onFail: "ask" }), aTask("b")]);
  const lease = await keeper();
  await play("a", failed);
  const { ref } = await openDecision("a");
  const said: ReadyFlowCommand[] = [
    { id: null, type: "UPDATE_TASK", taskId: "b", change: { priority: 3 } },
    { id: null, type: "DECIDE", ref, answer: "retry", comment: "look again" },
    { id: null, type: "STOP", mode: "now" },
  ];
  for (const [index, each] of said.entries()) {
    expect(await store.flows.applyLine(lease, line(index + 1, each))).toEqual({ kind: "applied" });
  }
  expect(await store.flows.task(flowId, "b")).toMatchObject({ spec: { priority: 3 } });
  expect(await store.flows.task(flowId, "a")).toMatchObject({ feedback: "look again" });
  expect(await states()).toBe("a:cancelled b:cancelled");
  expect(await flow()).toMatchObject({ state: "cancelled" });
  expect(await store.flows.applyLine(lease, line(4, pause))).toMatchObject({ reason: "flow-over" });
  expect(await storeProblems(store)).toEqual([]);
});

it("messages go to the file in order, only from who keeps the flow now, and none is lost when that fails", async () => {
  const clock = new ManualClock();
  const { store, play, keeper } = await aFlow(aGraph("a b"), {}, { clock });
  const old = await keeper("k1");
  await play("a", done);
  const file: FlowMessage[] = [];
  const write = (lease: typeof old, limit = 2) =>
    store.flows.writeOut({
      keeper: lease,
      flowId,
      limit,
      told: () => file.at(-1)?.seq ?? 0,
      append: (some) => void file.push(...some),
    });
  expect(await write(old)).toEqual({ written: 2, lastSeq: 2 });
  clock.advance(100_000);
  await store.tasks.recoverStale({ actor: "r2", missingHeartbeatMs: 1000 });
  const next = await keeper("k2");
  expect(await write(old)).toBe("lost");
  expect(await store.flows.applyLine(old, line(1, pause))).toBe("lost");
  expect(file).toHaveLength(2);
  const broken = store.flows.writeOut({
    keeper: next,
    flowId,
    limit: 9,
    told: () => 2,
    append: () => {
      throw new Error("disk full");
    },
  });
  await expect(broken).rejects.toThrow("disk full");
  expect(await store.flows.cursor(flowId)).toMatchObject({ writtenSeq: 2 });
  await play("b", done);
  expect(await store.flows.markDone(next, flowId)).toBe("not-over");
  await write(next, 100);
  expect(file.map(({ type }) => type)).toEqual([
    "TASK_STARTED",
    "TASK_DONE",
    "PROGRESS",
    "TASK_STARTED",
    "TASK_DONE",
    "ALL_DONE",
  ]);
  expect(file.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(await store.flows.markDone(old, flowId)).toBe("lost");
  expect(await store.flows.markDone(next, flowId)).toBe("applied");
  expect(await store.flows.markDone(next, flowId)).toBe("lost");
  expect(await storeProblems(store)).toEqual([]);
});

it("a keeper's lease is good for its own flow only, and nobody cancels it through the queue", async () => {
  const { store, keeper } = await aFlow(aGraph("a"));
  const lease = await keeper();
  expect(await store.flows.applyLine(lease, line(1, pause, { flowId: "f2" }))).toBe("lost");
  expect(await store.flows.applyLine({ taskId: 1, term: 1 }, line(1, pause))).toBe("lost");
  expect(await store.tasks.cancel(lease.taskId, "ann", "r")).toMatchObject({
    state: "running",
    cancelRequestedAt: null,
  });
});
