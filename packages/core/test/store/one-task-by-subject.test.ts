import { storeProblems, temporaryStore } from "@agent-control-plane/testkit";
import Database from "better-sqlite3";
import { expect, it } from "vitest";

const request = { queues: ["q"], owner: "o", leaseMs: 1000 };
const aboutOne = { queue: "q", subject: "issue:1" };

it("two stores that claim two tasks of one subject: the first wins, the second gets nothing until it is released", async () => {
  const { store: winner, open } = await temporaryStore();
  const loser = await open();
  await winner.tasks.enqueue(aboutOne, "test");
  await winner.tasks.enqueue(aboutOne, "test");
  const [won, none] = await Promise.all([
    winner.tasks.claim({ ...request, taskId: 1 }),
    loser.tasks.claim({ ...request, taskId: 2 }),
  ]);
  if (!won) throw new Error("nothing claimed");
  expect(won.task.id).toBe(1);
  expect(none).toBeNull();
  expect(await loser.tasks.claim(request)).toBeNull();
  expect(await loser.tasks.get(2)).toMatchObject({ state: "queued", attempts: 0 });

  await winner.tasks.release(won.lease, { kind: "succeeded" }, { actor: "o" });
  expect(await loser.tasks.claim({ ...request, taskId: 2 })).toMatchObject({ task: { id: 2 } });
  expect(await storeProblems(winner)).toEqual([]);
});

it("the next task is one whose subject is free, whatever waits before it", async () => {
  const { store } = await temporaryStore();
  for (const task of [aboutOne, { ...aboutOne, priority: 9 }, { ...aboutOne, subject: "issue:2" }]) {
    await store.tasks.enqueue(task, "test");
  }
  const order: (number | undefined)[] = [];
  for (let index = 0; index < 3; index++) order.push((await store.tasks.claim(request))?.task.id);
  expect(order).toEqual([2, 3, undefined]);
});

it("the same subject in another queue, and tasks without one, run side by side", async () => {
  const { store } = await temporaryStore();
  for (const task of [aboutOne, { ...aboutOne, queue: "r" }, { queue: "q" }, { queue: "q" }]) {
    await store.tasks.enqueue(task, "test");
  }
  for (const taskId of [1, 2, 3, 4]) expect(await store.tasks.claim({ ...request, taskId })).not.toBeNull();
  expect(await storeProblems(store)).toEqual([]);
});

it("the database refuses a second one also to a statement that does not ask", async () => {
  const { store, path } = await temporaryStore();
  await store.tasks.enqueue(aboutOne, "test");
  await store.tasks.enqueue(aboutOne, "test");
  await store.tasks.claim(request);
  const database = new Database(path);
  try {
    expect(() => database.exec("update tasks set state = 'running' where id = 2")).toThrow("one task runs at a time");
  } finally {
    database.close();
  }
});
