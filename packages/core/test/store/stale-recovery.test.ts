import { bundleFixture, ManualClock, startChild, storeProblems, temporaryStore } from "@agent-control-plane/testkit";
import { describe, expect, it } from "vitest";
import type { Claim } from "../../src/index.ts";
import { staleRecovery } from "../../src/index.ts";
import { anEnding, aSession } from "./store-examples.ts";

const request = { actor: "recovery", missingHeartbeatMs: 30_000 };

it("work in the hands of a killed process is put back once its lease expired and its heartbeat is missing", async () => {
  const clock = new ManualClock(Date.now());
  const { store, path } = await temporaryStore({ clock });
  await store.tasks.enqueue({ queue: "q", payload: "kept" }, "test");
  const holder = startChild(await bundleFixture(new URL("./fixtures/holding-process.ts", import.meta.url)), [
    path,
    "60000",
  ]);
  const { lease } = (await holder.line()) as Claim;
  holder.kill("SIGKILL");
  expect((await holder.ended).signal).toBe("SIGKILL");

  expect(await store.tasks.recoverStale(request)).toEqual({ requeued: [], dead: [], cancelled: [] });
  clock.advance(10 * 60_000);
  const recovery = await store.tasks.recoverStale(request);
  expect(recovery.requeued).toMatchObject([{ id: lease.taskId, state: "queued", attempts: 1, payload: "kept" }]);

  const logged = await store.events.list({ taskId: lease.taskId });
  expect(logged.at(-1)).toMatchObject({
    kind: "task.recovered",
    actor: "recovery",
    body: { lostOwner: "holder", reason: "lease-expired" },
  });
  expect(await store.tasks.attempts(lease.taskId)).toMatchObject([{ attempt: 1, exitReason: "lost" }]);
  const again = await store.tasks.claim({ queues: ["q"], owner: "next", leaseMs: 1000 });
  expect(again?.lease.term).toBe(lease.term + 1);
  expect(await storeProblems(store)).toEqual([]);
});

describe("recovery needs both signs", () => {
  it.each([
    { name: "expired, heartbeat fresh", leaseMs: 1_000, passesMs: 2_000, recovered: 0 },
    { name: "heartbeat missing, not expired", leaseMs: 600_000, passesMs: 60_000, recovered: 0 },
    { name: "expired and heartbeat missing", leaseMs: 1_000, passesMs: 60_000, recovered: 1 },
  ])("$name: $recovered recovered", async ({ leaseMs, passesMs, recovered }) => {
    const clock = new ManualClock();
    const { store } = await temporaryStore({ clock });
    await store.tasks.enqueue({ queue: "q" }, "test");
    await store.tasks.claim({ queues: ["q"], owner: "holder", leaseMs });
    clock.advance(passesMs);
    expect((await store.tasks.recoverStale(request)).requeued).toHaveLength(recovered);
  });
});

it("the holder that comes back after recovery is the loser: heartbeat and release answer lost", async () => {
  const clock = new ManualClock();
  const { store: loser, open } = await temporaryStore({ clock });
  const winner = await open();
  await loser.tasks.enqueue({ queue: "q" }, "test");
  const old = await loser.tasks.claim({ queues: ["q"], owner: "loser", leaseMs: 1000 });
  if (!old) throw new Error("nothing claimed");
  clock.advance(60_000);
  await winner.tasks.recoverStale(request);
  const fresh = await winner.tasks.claim({ queues: ["q"], owner: "winner", leaseMs: 60_000 });

  expect(await loser.tasks.heartbeat(old.lease, 1000)).toBe("lost");
  expect(await loser.tasks.release(old.lease, { kind: "succeeded" }, { actor: "loser" })).toBe("lost");
  expect(await loser.tasks.adopt(old.lease, "loser", 1000)).toBe("lost");
  expect(await loser.sessions.intend(old.lease, aSession("late"))).toBe("lost");
  expect(await winner.tasks.get(old.task.id)).toMatchObject({ state: "running", term: fresh?.lease.term });
  expect(await winner.tasks.lease(old.task.id)).toEqual(fresh?.lease);
});

it("an expired lease that nobody took may still be renewed", async () => {
  const clock = new ManualClock();
  const { store } = await temporaryStore({ clock });
  await store.tasks.enqueue({ queue: "q" }, "test");
  const claim = await store.tasks.claim({ queues: ["q"], owner: "slow", leaseMs: 1000 });
  if (!claim) throw new Error("nothing claimed");
  clock.advance(60_000);
  expect(await store.tasks.heartbeat(claim.lease, 1000)).toMatchObject({ expiresAt: clock.now() + 1000 });
  expect((await store.tasks.recoverStale(request)).requeued).toEqual([]);
});

it("past its attempts a lost task becomes a dead letter, and one that should stop is cancelled", async () => {
  const clock = new ManualClock();
  const { store } = await temporaryStore({ clock });
  const { task: last } = await store.tasks.enqueue({ queue: "q", maxAttempts: 1 }, "test");
  const { task: unwanted } = await store.tasks.enqueue({ queue: "q" }, "test");
  await store.tasks.claim({ queues: ["q"], owner: "a", leaseMs: 1000 });
  await store.tasks.claim({ queues: ["q"], owner: "a", leaseMs: 1000 });
  await store.tasks.cancel(unwanted.id, "person", "not wanted");
  clock.advance(60_000);
  const recovery = await store.tasks.recoverStale(request);
  expect(recovery).toMatchObject({ requeued: [], dead: [{ id: last.id }], cancelled: [{ id: unwanted.id }] });
  expect(await store.tasks.deadLetters()).toMatchObject([{ id: last.id, reason: "lease-expired" }]);
  expect(await storeProblems(store)).toEqual([]);
});

it("a task with a session that nobody concluded is left to reconcile, in each state of the session", async () => {
  const clock = new ManualClock();
  const { store } = await temporaryStore({ clock });
  await store.tasks.enqueue({ queue: "q" }, "test");
  const claim = await store.tasks.claim({ queues: ["q"], owner: "a", leaseMs: 1000 });
  if (!claim) throw new Error("nothing claimed");
  await store.sessions.intend(claim.lease, aSession("s"));
  clock.advance(60_000);
  const none = { requeued: [], dead: [], cancelled: [] };
  expect(await store.tasks.recoverStale(request)).toEqual(none);
  await store.sessions.start("s", claim.lease.term, { pid: 1, startedMark: "x" });
  expect(await store.tasks.recoverStale(request)).toEqual(none);
  await store.sessions.end("s", claim.lease.term, anEnding(clock.now()));
  expect(await store.tasks.recoverStale(request)).toEqual(none);

  const lease = await store.tasks.adopt(claim.lease, "reconcile", 1000);
  if (lease === "lost") throw new Error("not adopted");
  const concludes = [{ sessionId: "s", outcome: "try-again", evidence: null }];
  const released = await store.tasks.release(
    lease,
    { kind: "retry", runAt: clock.now(), reason: "lost" },
    { actor: "reconcile", concludes },
  );
  expect(released).toMatchObject({ state: "queued", attempts: 1, term: 2 });
  expect(await storeProblems(store)).toEqual([]);
});

it("the task API recovers more than one batch", async () => {
  const clock = new ManualClock();
  const { store } = await temporaryStore({ clock });
  for (let index = 0; index < 3; index++) {
    await store.tasks.enqueue({ queue: "q" }, "test");
    await store.tasks.claim({ queues: ["q"], owner: "a", leaseMs: 1 });
  }
  clock.advance(60_000);
  expect((await store.tasks.recoverStale({ ...request, limit: 2 })).requeued).toHaveLength(2);
  expect((await staleRecovery(store, { missingHeartbeatMs: 1000 })).requeued).toHaveLength(1);
});
