import { ManualClock, temporaryStore } from "@agent-control-plane/testkit";
import Database from "better-sqlite3";
import { expect, it, onTestFinished } from "vitest";
import { outboxSteps } from "../../src/domain/outbox.ts";
import { sessionSteps } from "../../src/domain/session.ts";
import { taskSteps } from "../../src/domain/task.ts";
import type { LeaseKey, NewOutboxRow, Release, Store } from "../../src/index.ts";
import { anEnding, aSession } from "./store-examples.ts";

/** A store whose database notes each step of a state column, statement by statement. */
async function watchedStore() {
  const clock = new ManualClock();
  const { store, path } = await temporaryStore({ clock });
  const database = new Database(path);
  onTestFinished(() => void database.close());
  database.exec("create table steps (machine text, step text)");
  for (const machine of ["tasks", "sessions", "outbox"]) {
    database.exec(
      `create trigger note_${machine} after update of state on ${machine} when old.state <> new.state
       begin insert into steps values ('${machine}', old.state || ' -> ' || new.state); end`,
    );
  }
  const seen = (machine: string) =>
    database
      .prepare("select distinct step from steps where machine = ? order by step")
      .pluck()
      .all(machine) as readonly string[];
  return { store, clock, seen };
}

const stepsOf = (table: { readonly [from: string]: readonly string[] }): readonly string[] =>
  Object.entries(table)
    .flatMap(([from, to]) => to.map((each) => `${from} -> ${each}`))
    .sort();

type Watched = Awaited<ReturnType<typeof watchedStore>>;

const leaseMs = 1_000;

/** A task brought into each of the six states, and what a holder would name of it. */
const taskIn: { readonly [state in keyof typeof taskSteps]: (watched: Watched) => Promise<LeaseKey> } = {
  scheduled: ({ store, clock }) => enqueued(store, clock.now() + 500),
  queued: ({ store, clock }) => enqueued(store, clock.now()),
  running: (watched) => claimed(watched),
  succeeded: async (watched) => released(watched, { kind: "succeeded" }),
  cancelled: async (watched) => released(watched, { kind: "cancelled", reason: "r" }),
  dead: async (watched) => released(watched, { kind: "dead", reason: "r" }),
};

async function enqueued(store: Store, runAt: number): Promise<LeaseKey> {
  const { task } = await store.tasks.enqueue({ queue: "q", runAt, maxAttempts: 2 }, "t");
  return { taskId: task.id, term: task.term };
}

async function claimed(watched: Watched): Promise<LeaseKey> {
  const { taskId } = await enqueued(watched.store, watched.clock.now());
  const claim = await watched.store.tasks.claim({ queues: [], taskId, owner: "o", leaseMs });
  if (!claim) throw new Error("not claimed");
  return claim.lease;
}

async function released(watched: Watched, release: Release): Promise<LeaseKey> {
  const lease = await claimed(watched);
  expect(await watched.store.tasks.release(lease, release, { actor: "t" })).not.toBe("lost");
  return lease;
}

type Act = (watched: Watched, lease: LeaseKey) => Promise<unknown>;

const release =
  (of: (now: number) => Release): Act =>
  ({ store, clock }, lease) =>
    store.tasks.release(lease, of(clock.now()), { actor: "t" });

const claim: Act = ({ store }, { taskId }) => store.tasks.claim({ queues: [], taskId, owner: "p", leaseMs });

/** Everything the store can be asked of a task. */
const taskActs: { readonly [name: string]: Act } = {
  claim,
  "claim when it is due": async (watched, lease) => {
    watched.clock.advance(600);
    await claim(watched, lease);
  },
  heartbeat: ({ store }, lease) => store.tasks.heartbeat(lease, leaseMs),
  adopt: ({ store, clock }, lease) => {
    clock.advance(2 * leaseMs);
    return store.tasks.adopt(lease, "p", leaseMs);
  },
  succeed: release(() => ({ kind: "succeeded" })),
  "retry later": release((now) => ({ kind: "retry", runAt: now + 500, reason: "r" })),
  "retry now": release((now) => ({ kind: "retry", runAt: now, reason: "r" })),
  "snooze later": release((now) => ({ kind: "snooze", runAt: now + 500, reason: "r" })),
  "snooze now": release((now) => ({ kind: "snooze", runAt: now, reason: "r" })),
  "give up": release(() => ({ kind: "dead", reason: "r" })),
  "stop as asked": release(() => ({ kind: "cancelled", reason: "r" })),
  cancel: ({ store }, { taskId }) => store.tasks.cancel(taskId, "t", "r"),
  "cancel, then retry": async (watched, lease) => {
    await watched.store.tasks.cancel(lease.taskId, "t", "r");
    await watched.store.tasks.release(lease, { kind: "retry", runAt: 0, reason: "r" }, { actor: "t" });
  },
  "recover when stale": ({ store, clock }) => {
    clock.advance(2 * leaseMs);
    return store.tasks.recoverStale({ actor: "t", missingHeartbeatMs: leaseMs });
  },
  "put off": ({ store, clock }, { taskId }) => store.tasks.update(taskId, { runAt: clock.now() + 500 }, "t"),
  "bring forward": ({ store, clock }, { taskId }) => store.tasks.update(taskId, { runAt: clock.now() }, "t"),
  replay: ({ store }, { taskId }) => store.tasks.replayDeadLetter(taskId, "t"),
};

it("a task takes exactly the steps of taskSteps, whatever is asked of it in whichever state", async () => {
  const watched = await watchedStore();
  for (const make of Object.values(taskIn)) {
    for (const act of Object.values(taskActs)) await act(watched, await make(watched));
  }
  expect(watched.seen("tasks")).toEqual(stepsOf(taskSteps));
});

it("a session takes exactly the steps of sessionSteps", async () => {
  const watched = await watchedStore();
  const { store, clock } = watched;
  const wrapper = { pid: 1, startedMark: "m" };
  const acts: readonly ((id: string, lease: LeaseKey) => Promise<unknown>)[] = [
    (id, { term }) => store.sessions.start(id, term, wrapper),
    (id, { term }) => store.sessions.end(id, term, anEnding(clock.now())),
    // Concluded by the one who adopts the lease; for a session that has not ended, the release throws and is undone.
    async (id, lease) => {
      clock.advance(2 * leaseMs);
      const adopted = await store.tasks.adopt(lease, "p", leaseMs);
      if (adopted === "lost") return;
      const concludes = [{ sessionId: id, outcome: "published", evidence: null }];
      await store.tasks.release(adopted, { kind: "succeeded" }, { actor: "t", concludes }).catch(() => {});
    },
  ];
  const [start, end, conclude] = acts;
  if (!start || !end || !conclude) throw new Error("three acts");
  const waysIn = [[], [start], [end], [start, end], [start, end, conclude]];
  let made = 0;
  for (const way of waysIn) {
    for (const act of acts) {
      const lease = await claimed(watched);
      made += 1;
      const id = `s${made}`;
      await store.sessions.intend(lease, aSession(id));
      for (const step of way) await step(id, lease);
      await act(id, lease);
    }
  }
  expect(watched.seen("sessions")).toEqual(stepsOf(sessionSteps));
});

it("an outbox row takes exactly the steps of outboxSteps", async () => {
  const watched = await watchedStore();
  const { store, clock } = watched;
  let made = 0;
  const acts: readonly ((id: number) => Promise<unknown>)[] = [
    (id) => store.outbox.sendStarts(id, "d"),
    (id) => store.outbox.sent(id, "d", null),
    (id) => store.outbox.retryLater(id, "d", "no", clock.now() + 10, true),
    (id) => store.outbox.failed(id, "d", "no"),
    (id) => store.outbox.retry(id, "t"),
    (id) => store.outbox.drop(id, "t", "r"),
  ];
  const nothing = async () => {};
  const waysIn = [nothing, ...acts];
  for (const before of waysIn) {
    for (const act of acts) {
      made += 1;
      const [row] = await store.outbox.enqueue([aRow(`k${made}`, `stream ${made}`)], "t");
      if (!row) throw new Error("no row");
      while (await store.outbox.claim({ owner: "d", claimMs: 1_000, profileIds: ["p"] })) {}
      await before(row.id);
      await act(row.id);
    }
  }
  expect(watched.seen("outbox")).toEqual(stepsOf(outboxSteps));
});

const aRow = (idempotencyKey: string, stream: string): NewOutboxRow => ({
  profileId: "p",
  kind: "comment",
  stream,
  idempotencyKey,
  body: { number: 1, body: "b" },
});
