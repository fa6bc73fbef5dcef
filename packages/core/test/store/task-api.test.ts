import { join } from "node:path";
import { ManualClock, temporaryFolder } from "@agent-control-plane/testkit";
import { expect, it, onTestFinished } from "vitest";
import {
  cancelTask,
  claimTask,
  deadLetters,
  enqueueTask,
  heartbeat,
  openTaskStore,
  releaseTask,
  replayDeadLetter,
  staleRecovery,
} from "../../src/index.ts";

async function aStore() {
  const clock = new ManualClock();
  const store = await openTaskStore(join(temporaryFolder(), "tasks.db"), { clock });
  onTestFinished(() => store.close());
  return { store, clock };
}

it("a task is enqueued, claimed, kept alive and released", async () => {
  const { store, clock } = await aStore();
  await enqueueTask(store, { queue: "mail", payload: { user: 42 } });
  const claim = await claimTask(store, { queue: "mail", owner: "w", leaseMs: 1000 });
  if (!claim) throw new Error("nothing claimed");
  expect(claim.task.payload).toEqual({ user: 42 });
  clock.advance(900);
  expect(await heartbeat(store, claim.lease, { leaseMs: 1000 })).toMatchObject({ expiresAt: clock.now() + 1000 });
  const released = await releaseTask(store, claim.lease, { kind: "succeeded", result: { sent: true } });
  expect(released).toMatchObject({ state: "succeeded", result: { sent: true } });
  expect(await heartbeat(store, claim.lease, { leaseMs: 1000 })).toBe("lost");
  expect(await releaseTask(store, claim.lease, { kind: "retry", reason: "late" })).toBe("lost");
  expect(await claimTask(store, { queue: ["mail", "other"], owner: "w", leaseMs: 1000 })).toBeNull();
});

it("a retry without a time waits 5, 15, 30, 60 and 60 minutes, and then is a dead letter that can be replayed", async () => {
  const { store, clock } = await aStore();
  await enqueueTask(store, { queue: "q", maxAttempts: 6 });
  const waits: number[] = [];
  for (;;) {
    const claim = await claimTask(store, { queue: "q", owner: "w", leaseMs: 1000 });
    if (!claim) throw new Error("nothing claimed");
    const task = await releaseTask(store, claim.lease, { kind: "retry", reason: "broken" });
    if (task === "lost" || task.state === "dead") break;
    waits.push((task.runAt - clock.now()) / 60_000);
    clock.advance(task.runAt - clock.now());
  }
  expect(waits).toEqual([5, 15, 30, 60, 60]);
  expect(await deadLetters(store)).toMatchObject([{ id: 1, attempts: 6 }]);
  expect(await replayDeadLetter(store, 1)).toMatchObject({ state: "queued", attempts: 0 });
  expect(await deadLetters(store, { queue: "q" })).toEqual([]);
});

it("stale recovery and cancelling are there", async () => {
  const { store, clock } = await aStore();
  await enqueueTask(store, { queue: "q" });
  await claimTask(store, { queue: "q", owner: "w", leaseMs: 1000 });
  clock.advance(5000);
  expect(await staleRecovery(store, { missingHeartbeatMs: 2000 })).toMatchObject({ requeued: [{ id: 1 }], dead: [] });
  expect(await cancelTask(store, 1, "not needed")).toMatchObject({ state: "cancelled", reason: "not needed" });
});
