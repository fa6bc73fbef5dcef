import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ManualClock, storeProblems, temporaryFolder } from "@agent-control-plane/testkit";
import Database from "better-sqlite3";
import { expect, it, onTestFinished } from "vitest";
import { type OpenStore, openStore, openStoreToRead, UserError } from "../../src/index.ts";
import { sql as firstSchema } from "../../src/store/migrations/0001-first-schema.ts";
import { migrations } from "../../src/store/migrations/index.ts";

it.each([
  ["first-schema", "531be3a98c1f1e2af347edf140ecadb19e80442f6e2bd0fa4eabb05b84f13f79"],
  ["lanes", "2433c0529d143c40d08a15e69e33038a1057b4f90f387f90ddcb4741246d9cc3"],
  ["publishing", "eeef8c840c6d078a9bd3e9739caeaeb4618699c08bdb4c955c4d92d6d0041d3c"],
])("a migration that stores were made with is never edited: %s", (name, hash) => {
  const { sql = "" } = migrations.find((each) => each.name === name) ?? {};
  expect(createHash("sha256").update(sql).digest("hex"), "put the change into a migration of its own").toBe(hash);
});

it("a store of the first version is upgraded in place, with all that it holds", async () => {
  const path = firstStore();
  const store = await open(path);
  expect(await storeProblems(store)).toEqual(["tasks 2 and 3 of p issue:2 both run"]);
  expect(await store.tasks.get(1)).toMatchObject({ subject: "issue:1", state: "running", payload: { kept: true } });
  expect(await store.outbox.get(1)).toMatchObject({ state: "pending", taskId: 1 });
  expect(await store.sessions.get("s1")).toMatchObject({ state: "running", backend: "claude" });
  expect(await store.readings.list("p")).toEqual([]);
  expect(await store.tasks.history("p", ["issue:4"])).toMatchObject([{ newest: { id: 4 } }]);
});

it("what runs through an upgrade holds its slots from then on, until its release", async () => {
  const store = await open(firstStore());
  const held = async () => Object.fromEntries(await store.tasks.slotsHeld());
  expect(await held()).toEqual({ host: 3, "profile:p": 3, "provider:claude": 1 });
  const request = { queues: ["p"], owner: "o", leaseMs: 1000, taskId: 5 };
  expect(await store.tasks.claim({ ...request, within: [{ slot: "host", max: 3 }] })).toBeNull();
  await store.tasks.release({ taskId: 3, term: 1 }, { kind: "succeeded" }, { actor: "o" });
  expect(await held()).toEqual({ host: 2, "profile:p": 2, "provider:claude": 1 });
});

it("two that ran of one subject already end as they are, and the next one waits for both", async () => {
  const store = await open(firstStore());
  const request = { queues: ["p"], owner: "o", leaseMs: 1000 };
  const done = (taskId: number) => store.tasks.release({ taskId, term: 1 }, { kind: "succeeded" }, { actor: "o" });
  expect(await store.tasks.claim(request)).toBeNull();
  expect(await done(2)).toMatchObject({ state: "succeeded" });
  expect(await store.tasks.claim(request)).toBeNull();
  expect(await done(3)).toMatchObject({ state: "succeeded" });
  expect(await store.tasks.claim(request)).toMatchObject({ task: { id: 5, subject: "issue:2" } });
  expect(await storeProblems(store)).toEqual([]);
});

it("many openings of one old store at once all succeed", async () => {
  const path = firstStore();
  const stores = await Promise.all(Array.from({ length: 6 }, () => open(path)));
  expect(await stores[5]?.tasks.list({})).toHaveLength(5);
  expect((await stores[0]?.tasks.slotsHeld())?.get("host")).toBe(3);
});

it("a provider that was cooling down has a limit of all its models now, and a forge cools down as before", async () => {
  const store = await open(firstStore());
  expect(await store.quotas.list()).toEqual([
    {
      ...{ scope: "claude/claude/*/usage", account: "claude", backend: "claude", model: "*", window: "usage" },
      ...{ resetAt: 9000, reason: "usage-limit", source: "guess", seenAt: 0, metAt: 0, hits: 1 },
    },
  ]);
  expect((await store.cooldowns.active()).map(({ scope }) => scope)).not.toContain("provider:claude");
  expect(await store.sessions.get("s4")).toMatchObject({
    backend: "claude",
    model: null,
    account: "claude",
    pool: null,
  });
});

it("an old store is not looked at before it was upgraded, and is not changed by the try", async () => {
  const path = firstStore();
  const before = readFileSync(path);
  const failure = await openStoreToRead({ path }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(UserError);
  expect(String(failure)).toMatch(/schema version 1.*reads version \d+.*Restart the runtime/s);
  expect(readFileSync(path).equals(before)).toBe(true);
  await (await open(path)).tasks.list({});
  const reader = await openStoreToRead({ path });
  onTestFinished(async () => reader?.close());
  expect(await reader?.tasks.list({})).toHaveLength(5);
});

async function open(path: string): Promise<OpenStore> {
  const store = await openStore({ path, clock: new ManualClock() });
  onTestFinished(() => store.close());
  return store;
}

/**
 * As the first version left it: task 1 runs in a session, 2 and 3 of one subject run (its rules allowed that), 4 ended
 * after a session, 5 waits.
 */
function firstStore(): string {
  const path = join(temporaryFolder(), "store.db");
  const database = new Database(path);
  try {
    database.exec(
      "create table migrations (number integer primary key, name text not null, applied_at integer not null) strict",
    );
    database.exec("insert into migrations values (1, 'first-schema', 1)");
    database.exec(firstSchema);
    database.exec(rowsOfFirstStore);
  } finally {
    database.close();
  }
  return path;
}

const claimed = "'p', 'lane', 'running', 0, 0, 1, 5, 1";
const rowsOfFirstStore = `
insert into tasks (subject, queue, lane, state, priority, run_at, attempts, max_attempts, term, payload, created_at,
    updated_at, finished_at)
  values ('issue:1', ${claimed}, '{"kept":true}', 1, 1, null), ('issue:2', ${claimed}, 'null', 1, 1, null),
    ('issue:2', ${claimed}, 'null', 1, 1, null),
    ('issue:4', 'p', 'lane', 'succeeded', 0, 0, 1, 5, 1, 'null', 1, 2, 2),
    ('issue:2', 'p', 'lane', 'queued', 0, 0, 0, 5, 0, 'null', 1, 1, null);
insert into leases select id, term, 'o', 1, 1, 1000 from tasks where state = 'running';
insert into sessions (id, profile_id, task_id, term, attempt, kind, subject, lane, backend, state, run_dir,
    worktree_path, branch, start_sha, intended_at, started_at, concluded_at)
  values ('s1', 'p', 1, 1, 1, 'agent', 'issue:1', 'lane', 'claude', 'running', '/r', '/w', 'b', 'c', 1, 1, null),
    ('s4', 'p', 4, 1, 1, 'agent', 'issue:4', 'lane', 'claude', 'concluded', '/r', '/w', 'b', 'c', 1, 1, 2);
insert into events (at, actor, kind, profile_id, subject, task_id, term, body)
  select 1, 'tick', 'task.enqueued', queue, subject, id, 0, json_object('queue', queue, 'subject', subject, 'lane', lane,
      'dedupeKey', null, 'state', 'queued', 'priority', 0, 'runAt', 0, 'maxAttempts', 5, 'payload', json(payload))
    from tasks;
insert into events (at, actor, kind, profile_id, subject, task_id, term, body)
  select 1, 'o', 'task.claimed', queue, subject, id, 1, '{"owner":"o","attempts":1}' from tasks where term = 1;
insert into events (at, actor, kind, profile_id, subject, task_id, term, body)
  select 2, 'o', 'task.released', queue, subject, id, 1, '{"state":"succeeded","result":null,"reason":null}'
    from tasks where id = 4;
insert into outbox (profile_id, kind, stream, idempotency_key, task_id, body, state, next_at, created_at)
  values ('p', 'comment', 'p/issue:1', 'k', 1, '{"number":1,"body":"started"}', 'pending', 0, 1);
insert into cooldowns values ('provider:claude', 9000, 'usage-limit'), ('forge:k', 9000, 'secondary');
insert into opt_ins values ('p', 'issue:1', 'agent-ready', 1, 'ann', 'write', 1);
`;
