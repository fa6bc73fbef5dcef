import { bundleFixture, ManualClock, startChild, storeProblems, temporaryStore } from "@agent-control-plane/testkit";
import { describe, expect, it } from "vitest";
import type { ClaimRequest, Lease, OpenStore } from "../../src/index.ts";
import { anEnding, aSession } from "./store-examples.ts";

const slot = (max: number) => ({ slots: ["host"], within: [{ slot: "host", max }] });

async function claim(store: OpenStore, changes: Partial<ClaimRequest> = {}): Promise<Lease | null> {
  const claimed = await store.tasks.claim({ queues: ["q"], owner: "o", leaseMs: 1000, ...slot(1), ...changes });
  return claimed?.lease ?? null;
}

/** A store with waiting tasks, and the first of them running in the only slot. */
async function aFullStore(changes: Partial<Parameters<OpenStore["tasks"]["enqueue"]>[0]> = {}) {
  const clock = new ManualClock();
  const { store, open } = await temporaryStore({ clock });
  for (let index = 0; index < 3; index++) await store.tasks.enqueue({ queue: "q", ...changes }, "test");
  const held = await claim(store);
  if (!held) throw new Error("nothing claimed");
  return { store, open, clock, held };
}

const held = async (store: OpenStore) => Object.fromEntries(await store.tasks.slotsHeld());

describe("a claim", () => {
  it("takes one of each slot it names, once, and none when it names none", async () => {
    const { store } = await temporaryStore();
    for (let index = 0; index < 3; index++) await store.tasks.enqueue({ queue: "q" }, "test");
    await claim(store, { slots: ["host", "provider:x", "host"], within: [] });
    await claim(store, { slots: ["host"], within: [] });
    await claim(store, { slots: [], within: [] });
    expect(await held(store)).toEqual({ host: 2, "provider:x": 1 });
    expect(await storeProblems(store)).toEqual([]);
  });

  it("is refused while any slot of its limits is full, the named task too, and changes nothing", async () => {
    const { store, held: lease } = await aFullStore();
    expect(await claim(store)).toBeNull();
    expect(await claim(store, { taskId: 2 })).toBeNull();
    const within = [
      { slot: "profile:q", max: 1 },
      { slot: "host", max: 1 },
    ];
    expect(await claim(store, { within })).toBeNull();
    expect(await store.tasks.get(2)).toMatchObject({ state: "queued", attempts: 0, term: 0 });
    expect(await claim(store, slot(2))).toMatchObject({ taskId: 2 });
    expect(await held(store)).toEqual({ host: 2 });
    expect(lease.taskId).toBe(1);
  });

  it("may ask about a slot that it does not take: exclusive work keeps others out", async () => {
    const { store } = await temporaryStore();
    for (let index = 0; index < 2; index++) await store.tasks.enqueue({ queue: "q" }, "test");
    await claim(store, { slots: ["exclusive"], within: [{ slot: "host", max: 1 }] });
    const within = [{ slot: "exclusive", max: 1 }];
    expect(await claim(store, { slots: ["host"], within })).toBeNull();
    expect(await held(store)).toEqual({ exclusive: 1 });
  });
});

it("of two stores that claim for the last slot the first wins, and the second's task stays as it was", async () => {
  const { store: winner, open } = await temporaryStore();
  const loser = await open();
  for (let index = 0; index < 2; index++) await winner.tasks.enqueue({ queue: "q" }, "test");
  const [won, none] = await Promise.all([claim(winner, { taskId: 1 }), claim(loser, { taskId: 2 })]);
  expect(won).toMatchObject({ taskId: 1 });
  expect(none).toBeNull();
  expect(await loser.tasks.get(2)).toMatchObject({ state: "queued", term: 0 });
  expect(await storeProblems(winner)).toEqual([]);
});

describe("a slot is free again", () => {
  it.each([
    { kind: "succeeded" },
    { kind: "retry", runAt: 9e15, reason: "r" },
    { kind: "snooze", runAt: 9e15, reason: "r" },
    { kind: "dead", reason: "r" },
    { kind: "cancelled", reason: "r" },
  ] as const)("after a release as $kind", async (release) => {
    const { store, held: lease } = await aFullStore();
    expect(await claim(store)).toBeNull();
    await store.tasks.release(lease, release, { actor: "o" });
    expect(await held(store)).toEqual({});
    expect(await claim(store)).toMatchObject({ taskId: 2 });
    expect(await storeProblems(store)).toEqual([]);
  });

  it.each([
    { becomes: "queued", maxAttempts: 5 },
    { becomes: "dead", maxAttempts: 1 },
  ])("after stale recovery, from which the task comes back $becomes", async ({ becomes, maxAttempts }) => {
    const { store, clock } = await aFullStore({ maxAttempts });
    clock.advance(60_000);
    expect(await claim(store)).toBeNull();
    await store.tasks.recoverStale({ actor: "recovery", missingHeartbeatMs: 30_000 });
    expect(await store.tasks.get(1)).toMatchObject({ state: becomes });
    expect(await held(store)).toEqual({});
    expect(await claim(store)).not.toBeNull();
    expect(await storeProblems(store)).toEqual([]);
  });
});

it("a slot is held from the claim on until reconcile releases: over the session's end and the adoption", async () => {
  const { store, clock, held: lease } = await aFullStore();
  await store.sessions.intend(lease, aSession("s"));
  await store.sessions.start("s", lease.term, { pid: 1, startedMark: "x" });
  await store.sessions.end("s", lease.term, anEnding(clock.now()));
  expect(await claim(store)).toBeNull();
  const adopted = await store.tasks.adopt(lease, "reconcile", 1000);
  if (adopted === "lost") throw new Error("not adopted");
  expect(await held(store)).toEqual({ host: 1 });
  expect(await claim(store)).toBeNull();
  expect(await store.tasks.release(lease, { kind: "succeeded" }, { actor: "o" })).toBe("lost");
  expect(await held(store)).toEqual({ host: 1 });
  const concludes = [{ sessionId: "s", outcome: "published", evidence: null }];
  await store.tasks.release(adopted, { kind: "succeeded" }, { actor: "reconcile", concludes });
  expect(await held(store)).toEqual({});
  expect(await storeProblems(store)).toEqual([]);
});

it("eight processes together never hold more than there are slots", async () => {
  const { store, path } = await temporaryStore();
  for (let index = 0; index < 48; index++) await store.tasks.enqueue({ queue: "shared" }, "test");
  const bundle = await bundleFixture(new URL("./fixtures/slot-taking-process.ts", import.meta.url));
  const children = Array.from({ length: 8 }, (_, index) => startChild(bundle, [path, `worker-${index}`, "3"]));
  for (const child of children) await child.line();
  for (const child of children) child.tell("claim once");
  const first = await Promise.all(children.map((child) => child.line()));
  expect(first.filter((report) => (report as { claimed: boolean }).claimed)).toHaveLength(3);
  expect(await held(store)).toEqual({ host: 3 });

  for (const child of children) child.tell("work");
  for (const child of children) expect(await child.ended).toEqual({ code: 0, signal: null });
  expect(await store.tasks.list({ states: ["succeeded"] })).toHaveLength(48);
  let running = 0;
  let most = 0;
  for (const event of await store.events.list({ limit: 5000 })) {
    running += event.kind === "task.claimed" ? 1 : event.kind === "task.released" ? -1 : 0;
    most = Math.max(most, running);
  }
  expect(most).toBe(3);
  expect(await storeProblems(store)).toEqual([]);
});

it("a task whose work is verified keeps its room and leaves its place at the provider's account to whoever tries that out", async () => {
  const { store } = await temporaryStore();
  await store.tasks.enqueue({ queue: "q" }, "test");
  await store.tasks.enqueue({ queue: "q" }, "test");
  const probe = { slot: "account:a/claude/*", max: 1 };
  const lease = await claim(store, { slots: ["host", "account:a/claude/*", "account:a/claude/opus"], within: [] });
  if (!lease) throw new Error("nothing claimed");
  const agent = await store.sessions.intend(lease, aSession("s1"));
  if (agent === "lost") throw new Error("lost");
  expect(await claim(store, { slots: ["host"], within: [probe] })).toBeNull();
  await store.sessions.end("s1", lease.term, anEnding(2000));
  const adopted = await store.tasks.adopt(lease, "o", 1000);
  if (adopted === "lost") throw new Error("lost");
  await store.sessions.intend(adopted, aSession("v1", { kind: "verify" }));
  await store.sessions.intend(adopted, aSession("v2", { kind: "verify" }));
  expect(await held(store)).toEqual({ host: 1 });
  expect(await claim(store, { slots: ["host", probe.slot], within: [probe] })).not.toBeNull();
  expect(await storeProblems(store)).toEqual([]);
});
