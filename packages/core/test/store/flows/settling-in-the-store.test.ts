import { ManualClock, storeProblems } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import { aFlow, aGraph, aTask, done, failed, flowId, lost, says } from "./flow-examples.ts";

it("a chain runs one after the other, and its end is the last thing that is told", async () => {
  const { store, play, begin, states, flow, told } = await aFlow(aGraph("a b>a"));
  expect(await states()).toBe("a:queued b:waiting");
  await play("a", { ...done, result: { made: 1 } });
  expect(await states()).toBe("a:succeeded b:queued");
  await play("b", done);
  expect(await begin()).toBeNull();
  expect(await flow()).toMatchObject({ state: "succeeded", reason: null, ending: null });
  expect(await told()).toBe("TASK_STARTED:a TASK_DONE:a PROGRESS TASK_STARTED:b TASK_DONE:b ALL_DONE");
  const messages = await store.flows.messages(flowId, 0, 100);
  expect(messages.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(messages[1]?.body).toMatchObject({ result: { made: 1 } });
  expect(await store.flows.task(flowId, "a")).toMatchObject({ result: { made: 1 }, attempts: 1, round: 0 });
  expect(await storeProblems(store)).toEqual([]);
});

it("what needs a failed task, directly or not, never waits for ever: it is skipped with it, and the flow ends", async () => {
  const { store, play, states, flow, told } = await aFlow(aGraph("a b>a c>b x"));
  await play("a", failed);
  expect(await states()).toBe("a:failed b:skipped c:skipped x:queued");
  expect(await store.flows.task(flowId, "c")).toMatchObject({ reason: "needs-skipped", summary: null });
  expect(await store.flows.task(flowId, "a")).toMatchObject({ reason: "exit-code", summary: "exit code 1" });
  await play("x", done);
  expect(await flow()).toMatchObject({ state: "failed", reason: "task-failed" });
  expect(await told()).toContain("TASK_FAILED:a TASK_FAILED:b TASK_FAILED:c");
  expect(await store.flows.counts(flowId)).toMatchObject({ failed: 1, skipped: 2, succeeded: 1, waiting: 0, total: 4 });
  expect(await storeProblems(store)).toEqual([]);
});

it("a retry waits for its time, a lost attempt does not count, and both are tries of one task of the queue", async () => {
  const clock = new ManualClock();
  const retry = { count: 1, backoffMs: 1000, factor: 2, maxMs: 10_000 };
  const { store, play, begin, states } = await aFlow([aTask("a", { retry })], {}, { clock });
  const first = await play("a", lost);
  await play("a", failed);
  expect(await begin()).toBeNull();
  expect(await store.flows.startable(10)).toEqual({ flowIds: [], nextAt: clock.now() + 1000 });
  clock.advance(1000);
  expect((await store.flows.startable(10)).flowIds).toEqual([flowId]);
  const last = await play("a", failed);
  expect([last.task.queueTaskId, last.tries, last.task.attempts]).toEqual([first.task.queueTaskId, 2, 3]);
  expect(await states()).toBe("a:failed");
  expect(await store.flows.task(flowId, "a")).toMatchObject({
    attempts: 3,
    lost: 1,
    attemptFolder: "/flows/f1/tasks/a/3",
  });
  expect(await storeProblems(store)).toEqual([]);
});

it("judged work goes through its rounds with what the judge said", async () => {
  const { store, play, states, flow } = await aFlow([
    aTask("w"),
    aTask("j", { dependsOn: ["w"], judges: "w" }),
    aTask("n", { dependsOn: ["w"] }),
  ]);
  const first = await play("w", done);
  expect(await states()).toBe("w:judging j:queued n:waiting");
  await play("j", says("retry"));
  expect(await states()).toBe("w:queued j:waiting n:waiting");
  const again = await play("w", done);
  expect(again.task).toMatchObject({ round: 1, feedback: "retry!", attempts: 2 });
  expect(again.task.queueTaskId).not.toBe(first.task.queueTaskId);
  await play("j", says("ask"));
  expect(await states()).toBe("w:asking j:waiting n:waiting");
  const [decision] = await store.flows.decisions({ flowId });
  expect(decision).toMatchObject({
    taskId: "w",
    question: "The judge of task w asks: ask!",
    options: ["pass", "retry", "fail"],
  });
  expect(await store.flows.decide({ flowId, ref: decision?.ref ?? "", answer: "pass", by: "ann" })).toEqual({
    kind: "applied",
  });
  expect(await states()).toBe("w:succeeded j:succeeded n:queued");
  await play("n", done);
  expect((await flow()).state).toBe("succeeded");
  expect(await storeProblems(store)).toEqual([]);
});
