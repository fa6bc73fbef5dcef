import { ManualClock, storeProblems, temporaryStore } from "@agent-control-plane/testkit";
import { describe, expect, it } from "vitest";
import type { OpenStore } from "../../src/index.ts";
import { queryPlans, type RecordedStatement } from "./query-plans.ts";

const leaseMs = 1000;

describe("the next task", () => {
  it("is the one with the highest priority, and the oldest of those, over all the queues asked", async () => {
    const { store } = await temporaryStore();
    for (const [queue, priority] of [
      ["a", 0],
      ["b", 5],
      ["a", 5],
      ["c", 9],
      ["b", 7],
    ] as const) {
      await store.tasks.enqueue({ queue, priority }, "test");
    }
    const order: number[] = [];
    for (;;) {
      const claim = await store.tasks.claim({ queues: ["a", "b"], owner: "o", leaseMs });
      if (!claim) break;
      order.push(claim.task.id);
    }
    expect(order).toEqual([5, 2, 3, 1]);
  });

  it("waits for its time, whatever its priority", async () => {
    const clock = new ManualClock();
    const { store } = await temporaryStore({ clock });
    await store.tasks.enqueue({ queue: "q", priority: 9, runAt: clock.now() + 5000 }, "test");
    expect(await store.tasks.claim({ queues: ["q"], owner: "o", leaseMs })).toBeNull();
    expect(await store.tasks.claim({ queues: ["q"], owner: "o", leaseMs, taskId: 1 })).toBeNull();
    clock.advance(5000);
    expect((await store.tasks.claim({ queues: ["q"], owner: "o", leaseMs }))?.task.id).toBe(1);
  });

  it("may be named, also when a better one waits", async () => {
    const { store } = await temporaryStore();
    await store.tasks.enqueue({ queue: "q", priority: 9 }, "test");
    await store.tasks.enqueue({ queue: "q" }, "test");
    const claim = await store.tasks.claim({ queues: [], owner: "o", leaseMs, taskId: 2 });
    expect(claim).toMatchObject({ task: { id: 2, state: "running", attempts: 1, term: 1 }, lease: { owner: "o" } });
  });

  it("is found by the same few statements, each through an index, however long the queue", async () => {
    const statements: RecordedStatement[] = [];
    const { store, path } = await temporaryStore({ onStatement: (sql, params) => statements.push({ sql, params }) });
    await store.tasks.enqueue({ queue: "q" }, "test");
    statements.length = 0;
    const claim = await store.tasks.claim({ queues: ["q"], owner: "o", leaseMs });
    await store.tasks.heartbeat(claim?.lease ?? { taskId: 0, term: 0 }, leaseMs);
    await store.tasks.release(claim?.lease ?? { taskId: 0, term: 0 }, { kind: "succeeded" }, { actor: "o" });
    expect(statements).toHaveLength(7 + 3 + 6);

    const plans = queryPlans(path, statements);
    expect(plans.filter((step) => /^SCAN|TEMP B-TREE/.test(step))).toEqual([]);
    expect(plans.join("\n")).toContain("tasks_next_to_claim");
    expect(plans.join("\n")).toContain("tasks_due");
  });
});

describe("releasing", () => {
  it.each([
    [
      { kind: "succeeded", result: 7 },
      { state: "succeeded", attempts: 1, result: 7, reason: null },
    ],
    [
      { kind: "retry", runAt: 0, reason: "r" },
      { state: "queued", attempts: 1, reason: "r", finishedAt: null },
    ],
    [
      { kind: "snooze", runAt: 9e15, reason: "r" },
      { state: "scheduled", attempts: 0, runAt: 9e15 },
    ],
    [
      { kind: "dead", reason: "r", result: "why" },
      { state: "dead", result: "why", reason: "r" },
    ],
    [
      { kind: "cancelled", reason: "r" },
      { state: "cancelled", reason: "r" },
    ],
  ] as const)("%j leaves %j", async (release, expected) => {
    const { store } = await temporaryStore();
    const lease = await claimNew(store);
    expect(await store.tasks.release(lease, release, { actor: "o" })).toMatchObject(expected);
    expect(await store.tasks.lease(lease.taskId)).toBeNull();
    expect(await store.tasks.release(lease, release, { actor: "o" })).toBe("lost");
    expect(await storeProblems(store)).toEqual([]);
  });

  it("with a retry past the last attempt makes a dead letter, which a person may replay", async () => {
    const { store } = await temporaryStore();
    const retry = { kind: "retry", runAt: 0, reason: "broken" } as const;
    await store.tasks.release(await claimNew(store, { maxAttempts: 2 }), retry, { actor: "o" });
    const again = await store.tasks.claim({ queues: ["q"], owner: "o", leaseMs });
    if (!again) throw new Error("nothing claimed");
    expect(await store.tasks.release(again.lease, retry, { actor: "o" })).toMatchObject({ state: "dead", attempts: 2 });
    expect(await store.tasks.claim({ queues: ["q"], owner: "o", leaseMs })).toBeNull();
    expect(await store.tasks.deadLetters({ queue: "q" })).toMatchObject([{ id: 1, reason: "broken" }]);
    expect((await store.tasks.attempts(1)).map((attempt) => attempt.attempt)).toEqual([1, 2]);

    expect(await store.tasks.replayDeadLetter(1, "person")).toMatchObject({ state: "queued", attempts: 0, term: 2 });
    expect(await store.tasks.replayDeadLetter(1, "person")).toBeNull();
    expect(await storeProblems(store)).toEqual([]);
  });

  it("a dead letter is not replayed while a live task has its key", async () => {
    const { store } = await temporaryStore();
    const lease = await claimNew(store, { dedupeKey: "k" });
    await store.tasks.release(lease, { kind: "dead", reason: "r" }, { actor: "o" });
    await store.tasks.enqueue({ queue: "q", dedupeKey: "k" }, "test");
    expect(await store.tasks.replayDeadLetter(lease.taskId, "person")).toBeNull();
  });
});

describe("cancelling", () => {
  it("a waiting task ends at once; an ended one stays as it is; an unknown one is null", async () => {
    const { store } = await temporaryStore();
    await store.tasks.enqueue({ queue: "q" }, "test");
    const cancelled = await store.tasks.cancel(1, "person", "not needed");
    expect(cancelled).toMatchObject({ state: "cancelled", reason: "not needed" });
    expect(await store.tasks.cancel(1, "person", "again")).toEqual(cancelled);
    expect(await store.tasks.cancel(99, "person", "what")).toBeNull();
  });

  it("a running task is asked through its heartbeat, and does not run again even if its holder wants a retry", async () => {
    const { store } = await temporaryStore();
    const lease = await claimNew(store);
    expect(await store.tasks.heartbeat(lease, leaseMs)).toMatchObject({ cancelRequested: false });
    expect(await store.tasks.cancel(lease.taskId, "person", "stop")).toMatchObject({ state: "running" });
    expect(await store.tasks.heartbeat(lease, leaseMs)).toMatchObject({ cancelRequested: true });
    const released = await store.tasks.release(lease, { kind: "retry", runAt: 0, reason: "stopped" }, { actor: "o" });
    expect(released).toMatchObject({ state: "cancelled", reason: "stop" });
    expect(await storeProblems(store)).toEqual([]);
  });
});

it("a waiting task can be changed, a running one cannot", async () => {
  const clock = new ManualClock();
  const { store } = await temporaryStore({ clock });
  await store.tasks.enqueue({ queue: "q", payload: 1 }, "test");
  const changed = await store.tasks.update(1, { priority: 4, runAt: clock.now() + 10, payload: null }, "test");
  expect(changed).toMatchObject({ priority: 4, state: "scheduled", payload: null });
  expect(await store.tasks.update(1, { runAt: clock.now() }, "test")).toMatchObject({ state: "queued", priority: 4 });
  await store.tasks.claim({ queues: ["q"], owner: "o", leaseMs });
  expect(await store.tasks.update(1, { priority: 1 }, "test")).toBeNull();
});

it("the outbox rows of a claim and of a release are saved with it, and not at all when it is lost", async () => {
  const { store } = await temporaryStore();
  const write = (key: string) =>
    ({
      profileId: "p",
      kind: "comment",
      stream: "p/issue:1",
      idempotencyKey: key,
      body: { number: 1, body: key },
    }) as const;
  await store.tasks.enqueue({ queue: "q" }, "test");
  const claim = await store.tasks.claim({ queues: ["q"], owner: "o", leaseMs, outbox: [write("started")] });
  if (!claim) throw new Error("nothing claimed");
  expect(await store.tasks.claim({ queues: ["q"], owner: "o", leaseMs, outbox: [write("never")] })).toBeNull();
  const extras = { actor: "o", outbox: [write("done")] };
  await store.tasks.release(claim.lease, { kind: "succeeded" }, extras);
  await store.tasks.release(claim.lease, { kind: "succeeded" }, { actor: "o", outbox: [write("late")] });
  expect((await store.outbox.list({})).map((row) => row.idempotencyKey)).toEqual(["started", "done"]);
  expect(await store.outbox.list({})).toMatchObject([{ taskId: 1 }, { taskId: 1 }]);
});

async function claimNew(store: OpenStore, task: { dedupeKey?: string; maxAttempts?: number } = {}) {
  await store.tasks.enqueue({ queue: "q", ...task }, "test");
  const claim = await store.tasks.claim({ queues: ["q"], owner: "o", leaseMs });
  if (!claim) throw new Error("nothing claimed");
  return claim.lease;
}
