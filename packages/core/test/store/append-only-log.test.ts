import { temporaryStore } from "@agent-control-plane/testkit";
import Database from "better-sqlite3";
import { expect, it, onTestFinished } from "vitest";

it.each([
  "update events set actor = 'forger'",
  "delete from events",
  "insert or replace into events (seq, at, actor, kind, body) values (1, 0, 'forger', 'x', 'null')",
  "insert or replace into events (at, actor, kind, body, idempotency_key) values (0, 'forger', 'x', 'null', 'key')",
  "replace into events (seq, at, actor, kind, body) select seq, 0, 'forger', 'x', 'null' from events",
])("the database itself refuses: %s", async (sql) => {
  const { store, path } = await temporaryStore();
  const event = await store.events.append({ actor: "test", kind: "x", idempotencyKey: "key" });
  const other = new Database(path);
  onTestFinished(() => void other.close());
  expect(() => other.exec(sql)).toThrow("the event log is append-only");
  expect(await store.events.list({})).toEqual([event]);
});

it("an event with a known idempotency key is answered and not logged again", async () => {
  const { store } = await temporaryStore();
  const first = await store.events.append({ actor: "a", kind: "x", idempotencyKey: "k", body: 1 });
  expect(await store.events.append({ actor: "b", kind: "y", idempotencyKey: "k", body: 2 })).toEqual(first);
  expect(await store.events.append({ actor: "b", kind: "y" })).toMatchObject({ seq: first.seq + 1 });
});

it("lists go on after a number, and the latest come oldest first", async () => {
  const { store } = await temporaryStore();
  for (const subject of ["a", "b", "a", "b"]) {
    await store.events.append({ actor: "t", kind: "x", profileId: "p", subject });
  }
  const seqs = (events: readonly { seq: number }[]) => events.map((event) => event.seq);
  expect(seqs(await store.events.list({ afterSeq: 1, limit: 2 }))).toEqual([2, 3]);
  expect(seqs(await store.events.list({ profileId: "p", subject: "b" }))).toEqual([2, 4]);
  expect(seqs(await store.events.latest(2))).toEqual([3, 4]);
  expect(seqs(await store.events.latest(1, { subject: "a" }))).toEqual([3]);
  expect(await store.events.list({ profileId: "other" })).toEqual([]);
});
