import { ManualClock, temporaryStore } from "@agent-control-plane/testkit";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import type { NewOutboxRow } from "../../src/index.ts";
import { queryPlans, type RecordedStatement } from "./query-plans.ts";

const request = { owner: "d", claimMs: 1000, profileIds: ["p"] };

function row(key: string, changes: Partial<NewOutboxRow> = {}): NewOutboxRow {
  return {
    profileId: "p",
    kind: "comment",
    stream: key,
    idempotencyKey: key,
    body: { number: 1, body: key },
    ...changes,
  };
}

async function anOutbox(...rows: readonly NewOutboxRow[]) {
  const clock = new ManualClock();
  const { store, open } = await temporaryStore({ clock });
  await store.outbox.enqueue(rows, "test");
  return { outbox: store.outbox, store, open, clock };
}

it("what a dead runtime had claimed is due again at once, and known to be sent perhaps", async () => {
  const { outbox, store } = await anOutbox(row("a"), row("b"));
  await outbox.claim({ ...request, claimMs: 120_000 });
  await outbox.sendStarts(1, "d");
  await outbox.claim({ ...request, owner: "alive", claimMs: 120_000 });
  expect(await outbox.claim({ ...request, owner: "next" })).toBeNull();
  await store.runtimes.remove("d");
  const again = await outbox.claim({ ...request, owner: "next" });
  expect(again).toMatchObject({ id: 1, sendStartedAt: expect.any(Number) });
  expect(await outbox.claim({ ...request, owner: "next" })).toBeNull();
});

describe("the next row", () => {
  it("of a stream waits for the one before it; other streams and profiles do not", async () => {
    const same = { stream: "p/issue:1" };
    const { outbox } = await anOutbox(row("a", same), row("b", same), row("c"), row("x", { profileId: "other" }));
    expect((await outbox.claim(request))?.idempotencyKey).toBe("a");
    expect((await outbox.claim(request))?.idempotencyKey).toBe("c");
    expect(await outbox.claim(request)).toBeNull();
    expect(await outbox.sent(1, "d", { number: 7 })).toBe("applied");
    expect((await outbox.claim(request))?.idempotencyKey).toBe("b");
    expect((await outbox.claim({ ...request, profileIds: ["p", "other"] }))?.idempotencyKey).toBe("x");
  });

  it("is given to one of two deliverers", async () => {
    const { store, open } = await anOutbox(row("a"));
    const other = await open();
    const [won, none] = await Promise.all([
      store.outbox.claim({ ...request, owner: "winner" }),
      other.outbox.claim({ ...request, owner: "loser" }),
    ]);
    expect(won).toMatchObject({ claimedBy: "winner", tries: 1 });
    expect(none).toBeNull();
    expect(await other.outbox.sent(1, "loser", null)).toBe("lost");
    expect(await store.outbox.sent(1, "winner", null)).toBe("applied");
  });

  it("comes again after its deliverer vanished, and says that it may have been applied", async () => {
    const { outbox, clock } = await anOutbox(row("a"));
    await outbox.claim(request);
    expect(await outbox.sendStarts(1, "d")).toBe("applied");
    const startedAt = clock.now();
    clock.advance(1000);
    expect(await outbox.sendStarts(1, "d")).toBe("lost");
    expect(await outbox.claim({ ...request, owner: "e" })).toMatchObject({ sendStartedAt: startedAt, tries: 2 });
    expect(await outbox.sent(1, "d", null)).toBe("lost");
  });

  it("waits for the row it needs, and fails when that one failed, as do those that need it in turn", async () => {
    const { outbox } = await anOutbox(row("a"), row("b", { needsKey: "a" }), row("c", { needsKey: "b" }));
    await outbox.claim(request);
    expect(await outbox.claim(request)).toBeNull();
    await outbox.failed(1, "d", "forbidden");
    expect(await outbox.claim(request)).toBeNull();
    expect((await outbox.list({ states: ["failed"] })).map((failed) => failed.lastError)).toEqual([
      "forbidden",
      "needed-write-failed",
      "needed-write-failed",
    ]);
  });

  it("comes when the row it needs was sent", async () => {
    const { outbox } = await anOutbox(row("a"), row("b", { needsKey: "a" }));
    await outbox.claim(request);
    await outbox.sent(1, "d", { number: 7 });
    expect(await outbox.claim(request)).toMatchObject({ idempotencyKey: "b", needsId: 1 });
    expect(await outbox.get(1)).toMatchObject({ state: "sent", result: { number: 7 } });
  });
});

it("the next row is found without reading those that were sent", async () => {
  const statements: RecordedStatement[] = [];
  const { store, path } = await temporaryStore({ onStatement: (sql, params) => statements.push({ sql, params }) });
  await store.outbox.enqueue([row("a")], "test");
  statements.length = 0;
  await store.outbox.claim(request);
  const plans = queryPlans(path, statements);
  expect(plans.join("\n")).toContain("outbox_due");
  expect(plans.filter((step) => /^SCAN|TEMP B-TREE/.test(step))).toEqual([]);
});

it("the next row is found at the same cost behind rows that wait their turn, in one stream or in many", async () => {
  const statements: RecordedStatement[] = [];
  const { store, path } = await temporaryStore({ onStatement: (sql, params) => statements.push({ sql, params }) });
  const rows = Array.from({ length: 500 }, (_, index) => row(`k${index}`, { stream: `p/issue:${index % 2}` }));
  await store.outbox.enqueue([...rows, row("last")], "test");
  for (const id of [1, 2]) {
    await store.outbox.claim(request);
    await store.outbox.retryLater(id, "d", "later", store.clock.now() + 60_000, false);
  }
  statements.length = 0;
  expect(await store.outbox.claim(request)).toMatchObject({ idempotencyKey: "last" });
  const heads = new Database(path, { readonly: true });
  expect(
    heads.prepare("select id from outbox where state = 'pending' and is_head = 1 order by id").pluck().all(),
  ).toEqual([1, 2, 501]);
  heads.close();
  // Two put off and one due in the index of heads: nothing else is gone through.
  expect(queryPlans(path, statements).filter((step) => /^SCAN|TEMP B-TREE/.test(step))).toEqual([]);
});

it("what came back from failed or held back stands where it stood in its stream", async () => {
  const same = { stream: "s" };
  const { outbox } = await anOutbox(row("a", same), row("b", same), row("c", same));
  await outbox.claim(request);
  await outbox.failed(1, "d", "no");
  expect(await outbox.claim(request)).toMatchObject({ id: 2 });
  await outbox.failed(2, "d", "no");
  await outbox.retry(2, "person");
  await outbox.retry(1, "person");
  for (const id of [1, 2, 3]) {
    expect(await outbox.claim(request)).toMatchObject({ id });
    expect(await outbox.claim(request)).toBeNull();
    await outbox.sent(id, "d", null);
  }
});

it("what failed only because it needs a row goes on with it when that is tried again", async () => {
  const { outbox } = await anOutbox(row("a"), row("b", { needsKey: "a" }), row("c", { needsKey: "b" }), row("d"));
  await outbox.claim(request);
  await outbox.failed(1, "d", "no");
  await outbox.claim(request);
  await outbox.failed(4, "d", "no");
  expect(await outbox.claim(request)).toBeNull();
  expect(await outbox.retry(1, "person")).toMatchObject({ state: "pending" });
  expect((await outbox.list({})).map(({ state }) => state)).toEqual(["pending", "pending", "pending", "failed"]);
});

it("waiting for one's turn is no try and no line in the log", async () => {
  const { outbox, store, clock } = await anOutbox(row("a"));
  await outbox.claim(request);
  await outbox.sendStarts(1, "d");
  expect(await outbox.waits(1, "d", "pace: 80 a minute", clock.now() + 500, false)).toBe("applied");
  expect(await outbox.get(1)).toMatchObject({ state: "pending", tries: 0, sendStartedAt: null, claimedBy: null });
  expect(await outbox.waits(1, "d", "pace", clock.now(), false)).toBe("lost");
  expect(await outbox.claim(request)).toBeNull();
  clock.advance(500);
  expect(await outbox.claim(request)).toMatchObject({ tries: 1 });
  expect(await store.events.list({})).toHaveLength(1);
});

it("a row that needs an unknown one is refused with the whole batch", async () => {
  const { outbox } = await anOutbox();
  await expect(outbox.enqueue([row("a"), row("b", { needsKey: "nobody" })], "test")).rejects.toThrow("needs nobody");
  expect(await outbox.list({})).toEqual([]);
});

it.each([true, false])("put off until a time, maybe applied: %s", async (maybeApplied) => {
  const { outbox, clock } = await anOutbox(row("a"));
  await outbox.claim(request);
  await outbox.sendStarts(1, "d");
  expect(await outbox.retryLater(1, "d", "502", clock.now() + 500, maybeApplied)).toBe("applied");
  expect(await outbox.claim(request)).toBeNull();
  clock.advance(500);
  const again = await outbox.claim(request);
  expect(again).toMatchObject({ tries: 2, lastError: "502" });
  expect(again?.sendStartedAt !== null).toBe(maybeApplied);
});

it("a person has a failed row tried again from zero, or drops it; what is sent stays sent", async () => {
  const { outbox, store } = await anOutbox(row("a"), row("b"));
  await outbox.claim(request);
  await outbox.failed(1, "d", "no");
  expect(await outbox.retry(1, "person")).toMatchObject({ state: "pending", tries: 0 });
  expect(await outbox.drop(1, "person", "not wanted")).toMatchObject({ state: "dropped" });
  expect(await outbox.retry(1, "person")).toMatchObject({ state: "dropped" });
  await outbox.claim(request);
  await outbox.sent(2, "d", null);
  expect(await outbox.drop(2, "person", "late")).toMatchObject({ state: "sent" });
  expect(await outbox.retry(99, "person")).toBeNull();
  const kinds = (await store.events.list({})).map((event) => event.kind);
  expect(kinds).toEqual([
    "outbox.queued",
    "outbox.queued",
    "outbox.failed",
    "outbox.requeued",
    "outbox.dropped",
    "outbox.sent",
  ]);
});

it.each(["queued", "put off", "claimed"] as const)(
  "a row that was %s while the clock stood a year ahead does not wait a year",
  async (how) => {
    const year = 365 * 86_400_000;
    const { outbox, clock } = await anOutbox();
    clock.advance(year);
    await outbox.enqueue([row("a")], "test");
    if (how !== "queued") await outbox.claim(request);
    if (how === "put off") await outbox.retryLater(1, "d", "502", clock.now() + 500, false);
    clock.advance(-year);
    expect(await outbox.claim({ ...request, owner: "next" })).toMatchObject({ id: 1 });
  },
);
