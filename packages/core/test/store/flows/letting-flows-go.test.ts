import { ManualClock, storeProblems } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import { aFlow, aGraph, aPlan, done, failed, flowId, submit, wordsFor } from "./flow-examples.ts";

const day = 86_400_000;

it("a flow goes as a whole after its time, with tasks of the queue, sessions and events; one that runs keeps its log", async () => {
  const clock = new ManualClock();
  const { store, play, keeper } = await aFlow(aGraph("a b>a"), {}, { clock });
  await submit(store, aPlan(aGraph("x y")), "f2");
  await wordsFor(store, "f2").play("x", done);
  await play("a", failed);
  const lease = await keeper();
  const append = () => {};
  await store.flows.writeOut({ keeper: lease, flowId, limit: 100, told: () => 0, append });
  clock.advance(100 * day);
  const boundsNow = () => ({ before: clock.now() - 90 * day, beyond: 0, quiet: clock.now() - day });
  const before = boundsNow();
  // Somebody still has to tell of its end.
  expect(await store.retention.countFlows(before)).toBe(0);
  expect(await store.flows.markDone(lease, flowId)).toBe("applied");
  expect(await store.retention.pruneFlows(before, 100, "r")).toBe(0);
  clock.advance(100 * day);
  const later = clock.now() - 90 * day;
  const bounds = boundsNow();
  expect(await store.retention.countFlows(bounds)).toBe(1);
  expect(await store.retention.countEnded(later)).toBe(0);
  expect([await store.retention.flowsBeyond(0), await store.retention.flowsBeyond(1)]).toEqual([
    expect.any(Number),
    null,
  ]);
  expect(await store.retention.pruneFlows(bounds, 1, "r")).toBe(2);
  await store.retention.pruneLog({ decisions: later, others: later }, 1000, "r");
  expect(await store.flows.list({})).toMatchObject([{ id: "f2" }]);
  expect(await store.flows.tasks(flowId)).toEqual([]);
  expect(await store.sessions.list({ profileId: "flow:f1" })).toEqual([]);
  expect(await store.events.list({ profileId: "flow:f1" })).toEqual([]);
  expect(await store.tasks.list({ queue: "flow:f1" })).toEqual([]);
  expect(await storeProblems(store)).toEqual([]);
  await wordsFor(store, "f2").play("y", done);
  expect(await storeProblems(store)).toEqual([]);
});

it("flows' failed tasks are no dead letters of the queue: their flow retries them", async () => {
  const { store, play } = await aFlow(aGraph("a b>a"));
  const { task } = await play("a", failed);
  expect(await store.tasks.get(task.queueTaskId ?? 0)).toMatchObject({ state: "dead" });
  expect(await store.tasks.deadLetters()).toEqual([]);
  expect(await store.tasks.replayDeadLetter(task.queueTaskId ?? 0, "ann")).toBeNull();
  expect((await store.maintenance.tables()).find(({ table }) => table === "flow_tasks")).toMatchObject({ rows: 2 });
});
