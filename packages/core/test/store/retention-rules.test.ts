import { ManualClock, temporaryStore } from "@agent-control-plane/testkit";
import Database from "better-sqlite3";
import { expect, it, onTestFinished } from "vitest";
import { tableRules } from "../../src/index.ts";
import { anEnding, aSession } from "./store-examples.ts";

const day = 86_400_000;

it("every table of the store has a rule, and every rule a table", async () => {
  const { store } = await temporaryStore();
  const tables = (await store.maintenance.tables()).map(({ table }) => table);
  expect(tableRules.map(({ table }) => table).toSorted()).toEqual(tables.toSorted());
});

it("says of each table how many rows, bytes and since when", async () => {
  const clock = new ManualClock();
  const { store } = await temporaryStore({ clock });
  await store.permissions.put("web", { login: "ann", level: "write", checkedAt: 5 });
  const tables = await store.maintenance.tables();
  expect(tables.find(({ table }) => table === "permissions")).toMatchObject({
    rows: 1,
    bytes: expect.any(Number),
    oldestAt: 5,
  });
  expect(tables.find(({ table }) => table === "pauses")).toMatchObject({ rows: 0, oldestAt: null });
});

it("what is old and hangs on no task goes, of tables of every kind; what is young or of an installed profile stays", async () => {
  const clock = new ManualClock();
  const { store, path } = await temporaryStore({ clock });
  const rows = new Database(path);
  onTestFinished(() => void rows.close());
  const fill = (at: number) =>
    rows.exec(`
      insert into worktrees values ('/w${at}', 'web', 'never', 'gone', 'x', null, ${at});
      insert into cooldowns values ('s${at}', ${at}, 'r');
      insert into quotas values ('q${at}', 'a', 'b', '*', 'w', ${at}, 'r', 'guess', ${at}, 1, 0);
      insert into forge_cache values ('k', 'u${at}', 'e', 200, null, '1', ${at});
      insert into readings values ('gone', 'issue:${at}', 1, 1, ${at}, null, '{}', null);
      insert into readings values ('web', 'issue:${at}', 1, 1, ${at}, null, '{}', null);
      insert into decisions values ('gone', 'issue:${at}', 'l', 'hold', 'r', '', ${at}, null, null);
      insert into decisions values ('web', 'issue:${at}', 'l', 'hold', 'r', '', ${at}, null, null);
      insert into samples values (${at}, 'web', 1, 2, 3, 4, 5, 6, null);
      insert into pauses values ('gone${at}', 'ann', 'r', ${at});
      insert into runtimes values ('r${at}', '{}', 'other', '1', '[]', ${at}, ${at}, 'ready', 'null');
      insert into permissions values ('web', 'l${at}', 'write', ${at});
      insert into baselines values ('web', 'sha${at}', 1, '', ${at});
      insert into content_writes (scope, at) values ('s', ${at});
      insert into write_turns values ('s${at}', null, ${at}, null, null);
      insert into paced_profiles values ('gone${at}', 's', 1, 1);
      insert into broken_bases values ('web', 'main', ${at}, 'checks', 'x', null, 'k${at}', ${at}, ${at});
      insert into budget_raises (profile_id, subject, base_tokens, base_micros, actor, reason, at)
        values ('web', 'issue:${at}', 0, 0, 'ann', '', ${at});
      insert into budget_receipts values ('k${at}', 'web', 'issue:${at}', ${at});
      insert into troubles values ('k${at}', 'quota', null, '{}', 1, 1, ${at});
      insert into troubles values ('standing${at}', 'quota', null, '{}', 1, 1, null);
      insert into troubles_told values ('host/webhook', 'k${at}', 1);
      insert into notifications (delivery, channel, message, state, next_at, created_at)
        values ('n${at}', 'host/webhook', '{}', 'sent', 1, ${at});`);
  fill(10);
  fill(1000);
  const bounds = { before: 100, forgeCache: 100, totals: 100, samples: 100, profiles: ["web"] };
  const wanted = {
    ...{ worktrees: 1, cooldowns: 1, quotas: 1, forge_cache: 1, readings: 1, decisions: 1, pauses: 1, runtimes: 1 },
    ...{ troubles: 1, notifications: 1 },
    ...{ permissions: 1, baselines: 1, content_writes: 1, write_turns: 1, broken_bases: 1, samples: 1 },
    // Of these a removed profile's age is not known; they are made anew when it comes back.
    ...{ paced_profiles: 2, budget_raises: 1, budget_receipts: 1 },
  };
  expect(await store.retention.countRest(bounds)).toEqual(wanted);
  expect(await store.retention.pruneRest({ ...bounds, profiles: null }, 100)).not.toHaveProperty("readings");
  await store.retention.pruneRest(bounds, 100);
  expect(await store.retention.countRest(bounds)).toEqual({});
  const left = Object.fromEntries((await store.maintenance.tables()).map(({ table, rows }) => [table, rows]));
  expect(left).toMatchObject({
    readings: 3,
    decisions: 3,
    pauses: 1,
    forge_cache: 1,
    broken_bases: 1,
    paced_profiles: 0,
  });
});

it("what an item has spent in all is known after its sessions left, counts with new ones, and ends in its profile's total", async () => {
  const clock = new ManualClock();
  const { store, path } = await temporaryStore({ clock });
  await spendOn("issue:1", "s1", 100);
  clock.advance(100 * day);
  expect(await store.retention.pruneEnded(clock.now() - 90 * day, 10, "r1")).toBe(1);
  expect((await store.spend.items("q", ["issue:1"])).get("issue:1")).toMatchObject({ total: { tokens: 100 } });
  expect((await store.spend.items("q")).size).toBe(0);
  await spendOn("issue:1", "s2", 20);
  expect((await store.spend.items("q", ["issue:1"])).get("issue:1")).toMatchObject({
    ...{ total: { tokens: 120 }, acceptedTotal: { tokens: 120 } },
  });
  const raise = { profileId: "q", subject: "issue:1", usd: null, tokens: 5, actor: "ann", reason: "r" };
  expect((await store.spend.raise(raise)).base.tokens).toBe(120);
  clock.advance(1000 * day);
  await store.retention.pruneEnded(clock.now() - 90 * day, 10, "r1");
  const before = clock.now() - 90 * day;
  const bounds = { before, forgeCache: 0, totals: clock.now() - 730 * day, samples: 0, profiles: null };
  expect(await store.retention.pruneRest(bounds, 10)).toMatchObject({ spend_totals: 1 });
  expect((await store.spend.items("q", ["issue:1"])).size).toBe(0);
  const rows = new Database(path, { readonly: true });
  onTestFinished(() => void rows.close());
  expect(rows.prepare("select subject, tokens from spend_totals").all()).toEqual([{ subject: "", tokens: 120 }]);

  async function spendOn(subject: string, id: string, tokens: number): Promise<void> {
    await store.tasks.enqueue({ queue: "q", subject }, "t");
    const claim = await store.tasks.claim({ queues: ["q"], owner: "o", leaseMs: 60_000 });
    if (!claim) throw new Error("nothing to claim");
    await store.sessions.intend(claim.lease, aSession(id, { subject }));
    const spend = { usage: { inputTokens: tokens }, costKind: "reported" as const };
    const within = { from: 0, until: clock.now() };
    await store.spend.report({ sessionId: id, term: claim.lease.term, spend, within });
    await store.sessions.end(id, claim.lease.term, anEnding(clock.now()));
    const lease = await store.tasks.adopt(claim.lease, "o", 60_000);
    if (lease === "lost") throw new Error("lost");
    const concludes = [{ sessionId: id, outcome: "published", evidence: null }];
    await store.tasks.release(lease, { kind: "succeeded" }, { actor: "o", concludes });
  }
});
