import { ManualClock, temporaryStore } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import { type NewOutboxRow, type OpenStore, retryWrite } from "../../src/index.ts";
import { queryPlans, type RecordedStatement } from "./query-plans.ts";

const stream = "p/issue:1";
const notice = {
  profileId: "p",
  kind: "comment",
  stream,
  idempotencyKey: "notice",
  body: { number: 1, body: "n" },
} as const;

const push: NewOutboxRow = {
  profileId: "p",
  kind: "push-branch",
  stream,
  idempotencyKey: "push",
  body: { branch: "b", sha: "1", expectedSha: null },
};
const open: NewOutboxRow = {
  profileId: "p",
  kind: "open-pull-request",
  stream,
  idempotencyKey: "open",
  needsKey: "push",
  body: { head: "b", base: "main", title: "t", body: "", sha: "1", draft: false },
};
const comment = (key: string, needsKey?: string): NewOutboxRow => ({
  ...notice,
  idempotencyKey: key,
  ...(needsKey === undefined ? {} : { needsKey }),
});

/** What one task wants to publish: a push, a pull request, what needs them in turn, and what stands by itself. */
async function published(onStatement?: (sql: string, params?: object) => void) {
  const { store, path } = await temporaryStore({ clock: new ManualClock(), ...(onStatement ? { onStatement } : {}) });
  const outbox = [push, open, comment("opened", "open"), comment("thanks", "opened"), comment("by itself")];
  await store.tasks.enqueue({ queue: "p", subject: "issue:1" }, "test");
  const claim = await store.tasks.claim({ queues: ["p"], owner: "o", leaseMs: 1000, outbox });
  if (!claim) throw new Error("nothing claimed");
  return { store, path, taskId: claim.task.id };
}

const forGood = { reason: "r", state: "dropped" } as const;

const request = { owner: "d", claimMs: 1000, profileIds: ["p"] };

const states = async (store: OpenStore) =>
  Object.fromEntries((await store.outbox.list({})).map((row) => [row.idempotencyKey, row.state]));

it("drops a task's pending push and pull request and all that needs them; what stands by itself stays", async () => {
  const { store, taskId } = await published();
  await store.outbox.enqueue([{ ...push, idempotencyKey: "of nobody" }], "test");
  expect(await store.outbox.withdraw(taskId, "tick", { reason: "edited meanwhile", state: "dropped" }, [notice])).toBe(
    4,
  );
  expect(await states(store)).toEqual({
    push: "dropped",
    open: "dropped",
    opened: "dropped",
    thanks: "dropped",
    "by itself": "pending",
    "of nobody": "pending",
    notice: "pending",
  });
  expect(await store.outbox.get(1)).toMatchObject({ lastError: "edited meanwhile" });
  expect((await store.outbox.list({})).at(-1)).toMatchObject({ idempotencyKey: "notice", taskId });
  const logged = (await store.events.list({ taskId })).filter((event) => event.kind === "outbox.dropped");
  expect(logged.map((event) => event.body)).toEqual([1, 2, 3, 4].map((id) => ({ id, reason: "edited meanwhile" })));
  expect(logged[0]).toMatchObject({ actor: "tick", subject: "issue:1" });
});

it("held back only, it goes on where it stood when nothing speaks against it any more", async () => {
  const { store, taskId } = await published();
  expect(await store.outbox.withdraw(taskId, "tick", { reason: "held", state: "failed" }, [notice])).toBe(4);
  expect(await states(store)).toMatchObject({
    push: "failed",
    open: "failed",
    opened: "failed",
    "by itself": "pending",
  });
  expect(await store.outbox.get(1)).toMatchObject({ lastError: "withdrawn: held" });
  expect(await store.outbox.restore(taskId, "tick")).toBe(4);
  expect(await states(store)).toMatchObject({ push: "pending", open: "pending", opened: "pending" });
  for (const key of ["push", "open"]) {
    const row = await store.outbox.claim(request);
    expect(row?.idempotencyKey).toBe(key);
    await store.outbox.sent(row?.id ?? 0, "d", null);
  }
});

it("a row that failed by itself is not brought back with what was held back", async () => {
  const { store, taskId } = await published();
  await store.outbox.claim(request);
  await store.outbox.failed(1, "d", "refused");
  expect(await store.outbox.restore(taskId, "tick")).toBe(0);
  expect(await states(store)).toMatchObject({ push: "failed" });
});

it("again finds nothing, and saves no rows then", async () => {
  const { store, taskId } = await published();
  await store.outbox.withdraw(taskId, "tick", forGood, []);
  expect(await store.outbox.withdraw(taskId, "tick", forGood, [notice])).toBe(0);
  expect(await store.outbox.withdraw(99, "tick", forGood, [notice])).toBe(0);
  expect(await states(store)).not.toHaveProperty("notice");
});

it("a push that is claimed and not begun is dropped, and its deliverer loses before it sends", async () => {
  const { store, taskId } = await published();
  expect(await store.outbox.claim(request)).toMatchObject({ idempotencyKey: "push" });
  expect(await store.outbox.withdraw(taskId, "tick", forGood, [])).toBe(4);
  expect(await store.outbox.sendStarts(1, "d")).toBe("lost");
  expect(await store.outbox.retryLater(1, "d", "e", 0, false)).toBe("lost");
  expect(await store.outbox.get(1)).toMatchObject({ state: "dropped", claimedBy: null, claimedUntil: null });
});

it("a push whose sending began goes its way; the pull request that needs it does not", async () => {
  const { store, taskId } = await published();
  await store.outbox.claim(request);
  expect(await store.outbox.sendStarts(1, "d")).toBe("applied");
  expect(await store.outbox.withdraw(taskId, "tick", forGood, [notice])).toBe(3);
  expect(await store.outbox.sent(1, "d", null)).toBe("applied");
  expect(await states(store)).toMatchObject({ push: "sent", open: "dropped", opened: "dropped", notice: "pending" });
});

it("a pull request whose sending began goes its way; nothing else of it does", async () => {
  const { store, taskId } = await published();
  await store.outbox.claim(request);
  await store.outbox.sent(1, "d", null);
  await store.outbox.claim(request);
  await store.outbox.sendStarts(2, "d");
  expect(await store.outbox.withdraw(taskId, "tick", forGood, [])).toBe(2);
  expect(await states(store)).toMatchObject({ push: "sent", open: "pending", opened: "dropped", thanks: "dropped" });
});

it("what was published stays: its comment is not taken back", async () => {
  const { store, taskId } = await published();
  for (const id of [1, 2]) {
    await store.outbox.claim(request);
    await store.outbox.sent(id, "d", null);
  }
  expect(await store.outbox.withdraw(taskId, "tick", forGood, [notice])).toBe(0);
  expect(await states(store)).toMatchObject({ opened: "pending", thanks: "pending" });
});

it("a row to be saved with it that cannot be undoes the whole", async () => {
  const { store, taskId } = await published();
  await expect(store.outbox.withdraw(taskId, "tick", forGood, [comment("c", "nobody")])).rejects.toThrow(
    "needs nobody",
  );
  expect(await states(store)).toMatchObject({ push: "pending", open: "pending" });
});

it("finds the rows of the task through indexes", async () => {
  const statements: RecordedStatement[] = [];
  const { store, path, taskId } = await published((sql, params) => statements.push({ sql, params }));
  statements.length = 0;
  await store.outbox.withdraw(taskId, "tick", forGood, []);
  const plans = queryPlans(path, statements);
  expect(plans.join("\n")).toContain("outbox_by_task (task_id=?)");
  expect(plans.join("\n")).toContain("outbox_pending_needing (needs_id=?)");
  expect(plans.filter((step) => /^SCAN (?!unwanted|u$|u |json_each)/.test(step))).toEqual([]);
});

it("what is saved as held back is not sent, like what it is needed by, until it is restored", async () => {
  const { store } = await temporaryStore({ clock: new ManualClock() });
  await store.tasks.enqueue({ queue: "p", subject: "issue:1" }, "test");
  const heldBack = "approval-needed";
  const outbox = [{ ...push, heldBack }, { ...open, heldBack }, comment("asks")];
  const claim = await store.tasks.claim({ queues: ["p"], owner: "o", leaseMs: 1000, outbox });
  expect((await store.outbox.list({})).map(({ kind, state, lastError }) => `${kind} ${state} ${lastError}`)).toEqual([
    "push-branch failed withdrawn: approval-needed",
    "open-pull-request failed withdrawn: approval-needed",
    "comment pending null",
  ]);
  expect(await store.outbox.restore(claim?.task.id ?? 0, "t")).toBe(2);
  expect((await store.outbox.list({ states: ["pending"] })).map(({ kind }) => kind)).toEqual([
    "push-branch",
    "open-pull-request",
    "comment",
  ]);
});

it("a retry leaves what is held back as it is: only what holds it lets it go", async () => {
  const { store } = await temporaryStore({ clock: new ManualClock() });
  await store.outbox.enqueue([{ ...push, heldBack: "approval-needed" }], "test");
  expect(await store.outbox.retry(1, "person")).toMatchObject({
    state: "failed",
    lastError: "withdrawn: approval-needed",
  });
  expect(await retryWrite(store, 1, "person")).toMatchObject({ state: "failed" });
  expect(await store.outbox.claim(request)).toBeNull();
  expect((await store.events.list({})).map(({ kind }) => kind)).not.toContain("outbox.requeued");
});
