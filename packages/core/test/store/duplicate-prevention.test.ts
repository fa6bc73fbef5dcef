import { join } from "node:path";
import {
  bundleFixture,
  startChild,
  storeProblems,
  temporaryFolder,
  temporaryStore,
} from "@agent-control-plane/testkit";
import { describe, expect, it, onTestFinished } from "vitest";
import { openStore } from "../../src/index.ts";

describe("enqueueing the same work twice", () => {
  it("with a dedupe key answers the live task, and makes a new one after that ended", async () => {
    const { store } = await temporaryStore();
    const first = await store.tasks.enqueue({ queue: "q", dedupeKey: "k", payload: 1 }, "test");
    const second = await store.tasks.enqueue({ queue: "q", dedupeKey: "k", payload: 2 }, "test");
    expect(first.created).toBe(true);
    expect(second).toEqual({ task: first.task, created: false });

    await store.tasks.cancel(first.task.id, "test", "enough");
    const third = await store.tasks.enqueue({ queue: "q", dedupeKey: "k", payload: 3 }, "test");
    expect(third.created).toBe(true);
    expect(third.task.id).not.toBe(first.task.id);
  });

  it("with an idempotency key answers the task it made, whatever became of it", async () => {
    const { store } = await temporaryStore();
    const first = await store.tasks.enqueue({ queue: "q", idempotencyKey: "k" }, "test");
    await store.tasks.cancel(first.task.id, "test", "enough");
    const second = await store.tasks.enqueue({ queue: "q", idempotencyKey: "k" }, "test");
    expect(second.created).toBe(false);
    expect(second.task).toMatchObject({ id: first.task.id, state: "cancelled" });
  });

  it("without a key makes two", async () => {
    const { store } = await temporaryStore();
    await store.tasks.enqueue({ queue: "q" }, "test");
    await store.tasks.enqueue({ queue: "q" }, "test");
    expect(await store.tasks.list({ queue: "q" })).toHaveLength(2);
  });
});

it("four processes that open a new store at once and enqueue the same keys make each task once", async () => {
  const path = join(temporaryFolder(), "new", "store.db");
  const bundle = await bundleFixture(new URL("./fixtures/enqueueing-process.ts", import.meta.url));
  const children = Array.from({ length: 4 }, () => startChild(bundle, [path]));
  for (const child of children) await child.line();
  for (const child of children) child.tell("go");
  const reports = (await Promise.all(children.map((child) => child.line()))) as { created: string[] }[];
  for (const child of children) await child.ended;

  const created = reports.flatMap((report) => report.created);
  expect(created).toHaveLength(50);
  expect(new Set(created).size).toBe(50);
  const store = await openStore({ path });
  onTestFinished(() => store.close());
  expect(await store.tasks.list({})).toHaveLength(50);
  expect(await storeProblems(store)).toEqual([]);
});

it("two stores that claim the one task: the first wins, the second gets nothing", async () => {
  const { store: winner, open } = await temporaryStore();
  const loser = await open();
  const { task } = await winner.tasks.enqueue({ queue: "q" }, "test");
  const request = { queues: ["q"], leaseMs: 1000 };
  const [won, none] = await Promise.all([
    winner.tasks.claim({ ...request, owner: "winner" }),
    loser.tasks.claim({ ...request, owner: "loser" }),
  ]);
  expect(won?.lease).toMatchObject({ taskId: task.id, term: 1, owner: "winner" });
  expect(none).toBeNull();
  expect(await loser.tasks.claim({ ...request, owner: "loser", taskId: task.id })).toBeNull();
});

it("an outbox row with a known key is answered and not saved again", async () => {
  const { store } = await temporaryStore();
  const row = {
    profileId: "p",
    kind: "comment",
    stream: "p/issue:1",
    idempotencyKey: "k",
    body: { number: 1, body: "first" },
  } as const;
  const [first] = await store.outbox.enqueue([row], "test");
  const [second] = await store.outbox.enqueue([{ ...row, body: { number: 1, body: "second" } }], "test");
  expect(second).toEqual(first);
  expect(await store.outbox.list({})).toHaveLength(1);
});
