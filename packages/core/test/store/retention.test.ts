import { ManualClock, storeProblems, temporaryStore } from "@agent-control-plane/testkit";
import Database from "better-sqlite3";
import { expect, it, onTestFinished } from "vitest";
import type { NewOutboxRow, OpenStore } from "../../src/index.ts";
import { anEnding, aSession } from "./store-examples.ts";

const day = 86_400_000;

it("an ended task goes with its sessions, attempts, writes and events, and the log says so; nothing else changes", async () => {
  const { store, clock, end } = await retained();
  await end("issue:1");
  clock.advance(50 * day);
  await end("issue:2");
  clock.advance(50 * day);
  const before = clock.now() - 90 * day;
  expect(await store.retention.countEnded(before)).toBe(1);
  expect(await store.retention.pruneEnded(before, 10, "r1")).toBe(1);
  expect((await store.tasks.list({})).map(({ subject }) => subject)).toEqual(["issue:2"]);
  expect((await store.sessions.list({})).map(({ subject }) => subject)).toEqual(["issue:2"]);
  expect((await store.outbox.list({})).map(({ stream }) => stream)).toEqual(["q/issue:2"]);
  expect(await store.tasks.attempts(1)).toEqual([]);
  expect(await store.events.list({ taskId: 1 })).toEqual([]);
  expect((await store.worktrees.list({})).map(({ path }) => path)).toEqual(["/worktrees/s2"]);
  const last = (await store.events.list({})).at(-1);
  expect(last).toMatchObject({
    kind: "retention.pruned",
    actor: "r1",
    body: { before, tasks: 1, sessions: 1, attempts: 1, worktrees: 1, writes: 1 },
  });
  expect(await storeProblems(store)).toEqual([]);
  expect(await store.maintenance.integrity()).toEqual([]);
  expect(await store.retention.pruneEnded(before, 10, "r1")).toBe(0);
});

it.each([
  [
    "of an item that is still open",
    async ({ store }: Retained) => {
      const reading = { itemUpdatedAt: 1, isSettled: true, readAt: 1, headSeenAt: null, reading: {} };
      await store.readings.put("q", "issue:1", reading as never);
    },
    "sent",
  ],
  ["with a write that failed", async () => {}, "failed"],
  [
    "whose worktree is still there",
    ({ store }: Retained) => store.worktrees.setState("/worktrees/s1", "retiring"),
    "sent",
  ],
] as const)("a task %s stays, however old it is", async (_, keep, write) => {
  const all = await retained(write);
  await all.end("issue:1");
  await keep(all);
  all.clock.advance(400 * day);
  expect(await all.store.retention.pruneEnded(all.clock.now() - 90 * day, 10, "r1")).toBe(0);
  expect(await all.store.tasks.get(1)).not.toBeNull();
});

it("a dead letter of a program waits for its people for ever; one of a closed issue does not", async () => {
  const { store, clock } = await retained();
  for (const subject of ["", "issue:1"]) {
    await store.tasks.enqueue({ queue: "q", subject, maxAttempts: 1 }, "t");
    const claim = await store.tasks.claim({ queues: ["q"], owner: "o", leaseMs: 1000 });
    if (!claim) throw new Error("nothing to claim");
    await store.tasks.release(claim.lease, { kind: "dead", reason: "given-up" }, { actor: "o" });
  }
  clock.advance(400 * day);
  expect(await store.retention.pruneEnded(clock.now() - 90 * day, 10, "r1")).toBe(1);
  expect((await store.tasks.list({})).map(({ subject }) => subject)).toEqual([""]);
});

it("of the changes of decisions the newest of each item stays, and what is young", async () => {
  const { store, clock } = await retained();
  const decide = (subject: string, reason: string) =>
    store.decisions.replace(
      "q",
      [
        {
          profileId: "q",
          subject,
          lane: "pr-fix",
          verdict: "hold",
          reason,
          detail: "",
          place: null,
          decidedAt: clock.now(),
        },
      ],
      "r1",
    );
  await decide("pr:1", "held");
  await decide("pr:1", "draft");
  clock.advance(20 * day);
  await decide("pr:1", "blocked");
  const kinds = async () => (await store.events.list({ subject: "pr:1" })).map(({ body }) => body);
  expect(await kinds()).toHaveLength(3);
  const before = { decisions: clock.now() - 14 * day, others: clock.now() - 90 * day };
  expect(await store.retention.pruneLog(before, 100, "r1")).toBe(2);
  expect(await kinds()).toMatchObject([{ reason: "blocked" }]);
  clock.advance(100 * day);
  const later = { decisions: clock.now() - 14 * day, others: clock.now() - 90 * day };
  await store.retention.pruneLog(later, 100, "r1");
  expect(await kinds()).toMatchObject([{ reason: "blocked" }]);
});

it("the database refuses to let go of a younger event, and to move the horizon back", async () => {
  const { store, clock, path, end } = await retained();
  await end("issue:1");
  clock.advance(100 * day);
  await store.retention.look();
  await store.retention.pruneEnded(clock.now() - 90 * day, 10, "r1");
  await store.events.append({ actor: "t", kind: "young" });
  const other = new Database(path);
  onTestFinished(() => void other.close());
  expect(() => other.exec("delete from events")).toThrow("the event log is append-only");
  expect(() => other.exec("update log_horizon set at = 0")).toThrow("the horizon of the event log only grows");
});

it("counts from two days after the last look at most, so that a clock set years ahead makes nothing old at once", async () => {
  const { store, clock } = await retained();
  const first = await store.retention.look();
  expect(first).toBe(clock.now());
  clock.advance(3650 * day);
  expect(await store.retention.look()).toBe(first + 2 * day);
  expect(await store.retention.look()).toBe(first + 4 * day);
  clock.advance(-3650 * day);
  expect(await store.retention.look()).toBe(first);
});

it("gives freed space back, and says how many rows there are", async () => {
  const { store, path } = await retained();
  for (let index = 0; index < 200; index += 1) {
    await store.forgeCache.put({
      credentialKey: "k",
      url: `u${index}`,
      etag: "e",
      status: 200,
      link: null,
      body: "x".repeat(10_000),
      fetchedAt: 1,
    });
  }
  const full = await store.maintenance.sizes();
  expect(full.rows).toMatchObject({ forge_cache: 200, tasks: 0 });
  await store.forgeCache.prune(2);
  await store.maintenance.compact();
  expect((await store.maintenance.sizes()).bytes).toBeLessThan(full.bytes / 2);
  expect(path).toContain("store.db");
});

interface Retained {
  readonly store: OpenStore;
  readonly clock: ManualClock;
  readonly path: string;
  /** A task of that subject: claimed, a session, a worktree, a write, ended. */
  end(subject: string): Promise<void>;
}

async function retained(write: "sent" | "failed" = "sent"): Promise<Retained> {
  const clock = new ManualClock();
  const { store, path } = await temporaryStore({ clock });
  let count = 0;
  return {
    store,
    clock,
    path,
    async end(subject) {
      count += 1;
      const id = `s${count}`;
      await store.tasks.enqueue({ queue: "q", subject, lane: "issue-implementation" }, "t");
      const claim = await store.tasks.claim({ queues: ["q"], owner: "o", leaseMs: 60_000 });
      if (!claim) throw new Error("nothing to claim");
      await store.sessions.intend(claim.lease, aSession(id, { subject }));
      const path = `/worktrees/${id}`;
      await store.worktrees.plan({ path, profileId: "q", sessionId: id, baseSha: "0".repeat(40) });
      await store.worktrees.setState(path, "gone");
      await store.sessions.end(id, claim.lease.term, anEnding(clock.now()));
      const adopted = await store.tasks.adopt(claim.lease, "o", 60_000);
      if (adopted === "lost") throw new Error("lost");
      const row: NewOutboxRow<"comment"> = {
        profileId: "q",
        kind: "comment",
        stream: `q/${subject}`,
        idempotencyKey: `key-${id}`,
        body: { number: 1, body: "x" },
      };
      const concludes = [{ sessionId: id, outcome: "published", evidence: null }];
      await store.tasks.release(adopted, { kind: "succeeded" }, { actor: "o", outbox: [row], concludes });
      const claimed = await store.outbox.claim({ owner: "o", claimMs: 1000, profileIds: ["q"] });
      if (!claimed) throw new Error("no row");
      if (write === "failed") await store.outbox.failed(claimed.id, "o", "refused");
      else await store.outbox.sent(claimed.id, "o", null);
    },
  };
}
