import { storeProblems, temporaryStore } from "@agent-control-plane/testkit";
import Database from "better-sqlite3";
import { expect, it } from "vitest";
import { anEnding, aSession } from "./store-examples.ts";

it("a store that is opened again knows tasks, leases, sessions, writes and log as they were", async () => {
  const { store, open } = await temporaryStore();
  await store.tasks.enqueue({ queue: "q", payload: { deep: ["kept"] }, priority: 3 }, "test");
  const claim = await store.tasks.claim({ queues: ["q"], owner: "a", leaseMs: 60_000 });
  if (!claim) throw new Error("nothing claimed");
  await store.sessions.intend(claim.lease, aSession("s"));
  await store.sessions.start("s", 1, { pid: 7, startedMark: "x" });
  await store.sessions.end("s", 1, anEnding(1000));
  await store.tasks.enqueue({ queue: "q", runAt: store.clock.now() + 60_000 }, "test");
  const before = await everything(store);
  await store.close();

  const reopened = await open();
  expect(await everything(reopened)).toEqual(before);
  expect(await storeProblems(reopened)).toEqual([]);
  const lease = await reopened.tasks.adopt(claim.lease, "after the restart", 60_000);
  expect(lease).toMatchObject({ taskId: claim.task.id, term: 2 });
});

it("the consistency check sees a row that was changed behind the log's back", async () => {
  const { store, path } = await temporaryStore();
  const { task } = await store.tasks.enqueue({ queue: "q" }, "test");
  const database = new Database(path);
  database.prepare("update tasks set priority = 9, state = 'running' where id = ?").run(task.id);
  database.close();
  expect(await storeProblems(store)).toEqual([
    `task ${task.id}: state is "running" in the table and "waiting" by the log`,
    `task ${task.id}: priority is 9 in the table and 0 by the log`,
    `task ${task.id} is running without a lease`,
  ]);
});

it("the consistency check sees a slot that was freed while its task runs", async () => {
  const { store, path } = await temporaryStore();
  await store.tasks.enqueue({ queue: "q" }, "test");
  await store.tasks.claim({ queues: ["q"], owner: "a", leaseMs: 60_000, slots: ["host", "profile:q"] });
  const database = new Database(path);
  database.prepare("delete from held_slots where slot = 'host'").run();
  database.close();
  expect(await storeProblems(store)).toEqual(["slot host is held by 0 in the table and by 1 by the log"]);
});

async function everything(store: Awaited<ReturnType<typeof temporaryStore>>["store"]) {
  return {
    tasks: await store.tasks.list({}),
    lease: await store.tasks.lease(1),
    sessions: await store.sessions.list({}),
    attempts: await store.tasks.attempts(1),
    events: await store.events.list({}),
  };
}
