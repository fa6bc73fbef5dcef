import { temporaryStore } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import type { NewOutboxRow } from "../../src/index.ts";

const stream = "p/issue:1";
const push: NewOutboxRow = {
  profileId: "p",
  kind: "push-branch",
  stream,
  idempotencyKey: "push",
  body: { branch: "b", sha: "a".repeat(40), expectedSha: null },
};
const comment = (key: string, needsKey?: string): NewOutboxRow => ({
  profileId: "p",
  kind: "comment",
  stream,
  idempotencyKey: key,
  body: { number: 1, body: key },
  ...(needsKey ? { needsKey } : {}),
});

it("sends a task's refused publishing again in its old order, with what needed it, and nothing else", async () => {
  const { store } = await temporaryStore();
  await store.tasks.enqueue({ queue: "p", subject: "issue:1" }, "test");
  const rows = [push, comment("opened", "push"), comment("by itself")];
  const claim = await store.tasks.claim({ queues: ["p"], owner: "o", leaseMs: 1000, outbox: rows });
  const taskId = claim?.task.id ?? 0;
  const request = { owner: "d", claimMs: 1000, profileIds: ["p"] };
  for (const key of ["push", "by itself"]) {
    const row = await store.outbox.claim(request);
    expect(row?.idempotencyKey).toBe(key);
    await store.outbox.failed(row?.id ?? 0, "d", "refused");
  }
  const states = async () => (await store.outbox.list({ taskId })).map((row) => `${row.idempotencyKey} ${row.state}`);
  expect(await states()).toEqual(["push failed", "opened failed", "by itself failed"]);

  expect(await store.outbox.resend(taskId, "person", [comment("no question any more")])).toBe(2);
  expect(await states()).toEqual([
    "push pending",
    "opened pending",
    "by itself failed",
    "no question any more pending",
  ]);
  expect((await store.outbox.claim(request))?.idempotencyKey).toBe("push");

  // Nothing left to send again: nothing is said about it either.
  expect(await store.outbox.resend(taskId, "person", [comment("twice")])).toBe(0);
  expect(await states()).toHaveLength(4);
  const logged = (await store.events.list({ taskId })).filter(({ kind }) => kind === "outbox.requeued");
  expect(logged).toHaveLength(2);
});

it("leaves what was held back because a person acted to the act being taken back", async () => {
  const { store } = await temporaryStore();
  const { task } = await store.tasks.enqueue({ queue: "p", subject: "issue:1" }, "test");
  await store.outbox.enqueue([push], "test", task.id);
  await store.outbox.withdraw(task.id, "tick", { reason: "held", state: "failed" }, []);
  expect(await store.outbox.resend(task.id, "person", [])).toBe(0);
  expect(await store.outbox.restore(task.id, "tick")).toBe(1);
});
