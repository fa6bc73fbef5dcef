import { ManualClock, storeProblems, temporaryStore } from "@agent-control-plane/testkit";
import { seeded } from "@agent-control-plane/testkit/seeded-random";
import { expect, it } from "vitest";
import type { Lease, OpenStore } from "../../src/index.ts";

it.each([1, 2, 3])("random operations of two stores keep tables and log in agreement (seed %i)", async (seed) => {
  const clock = new ManualClock();
  const { store: first, open } = await temporaryStore({ clock });
  const stores = [first, await open()];
  const random = seeded(seed * 0x9e3779b9);
  const held: Lease[] = [];
  for (let step = 0; step < 250; step++) {
    const store = stores[Math.floor(random() * stores.length)] as OpenStore;
    await oneStep(store, held, random, () => clock.advance(Math.floor(random() * 20_000)));
  }
  const states = new Set((await first.tasks.list({})).map((task) => task.state));
  expect(states.size).toBeGreaterThan(3);
  expect(await storeProblems(first)).toEqual([]);
});

async function oneStep(store: OpenStore, held: Lease[], random: () => number, turnClock: () => void): Promise<void> {
  const lease = held[Math.floor(random() * held.length)];
  const anyTask = 1 + Math.floor(random() * 30);
  const now = store.clock.now();
  const runAt = now + Math.floor((random() - 0.3) * 20_000);
  const reason = "by chance";
  const steps: (() => unknown)[] = [
    () =>
      store.tasks.enqueue(
        { queue: "q", subject: `s${anyTask % 7}`, dedupeKey: `k${anyTask}`, runAt, maxAttempts: 2, payload: step },
        "test",
      ),
    () => store.tasks.enqueue({ queue: "r", priority: anyTask }, "test"),
    async () => {
      const taken = { slots: ["host", `s${anyTask % 3}`], within: [{ slot: "host", max: 4 }] };
      const claim = await store.tasks.claim({ queues: ["q", "r"], owner: `o${anyTask}`, leaseMs: 5000, ...taken });
      if (claim) held.push(claim.lease);
    },
    async () => {
      const adopted = lease && (await store.tasks.adopt(lease, "adopter", 5000));
      if (adopted && adopted !== "lost") held.push(adopted);
    },
    () => lease && store.tasks.heartbeat(lease, 5000),
    () => lease && store.tasks.release(lease, { kind: "succeeded", result: anyTask }, { actor: "test" }),
    () => lease && store.tasks.release(lease, { kind: "retry", runAt, reason }, { actor: "test" }),
    () => lease && store.tasks.release(lease, { kind: "snooze", runAt, reason }, { actor: "test" }),
    () => lease && store.tasks.release(lease, { kind: "dead", reason }, { actor: "test" }),
    () => store.tasks.cancel(anyTask, "test", reason),
    () => store.tasks.update(anyTask, { priority: anyTask, runAt }, "test"),
    () => store.tasks.replayDeadLetter(anyTask, "test"),
    () => store.tasks.recoverStale({ actor: "test", missingHeartbeatMs: 6000, limit: 3 }),
    turnClock,
  ];
  const step = Math.floor(random() * steps.length);
  await steps[step]?.();
}
