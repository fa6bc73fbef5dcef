import { ManualClock, temporaryStore } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import { limitOf, nextQuota } from "../../src/decide/provider/decide-quota.ts";
import type { Quota, QuotaKey } from "../../src/index.ts";
import { queryPlans, type RecordedStatement } from "./query-plans.ts";

const minute = 60_000;
const key: QuotaKey = { account: "team", backend: "claude", model: "*", window: "usage" };

/** As reconcile does: a session met the limit now; `retryAt`: what its provider said. */
function meets(retryAt: number | null = null) {
  return (before: Quota | null, now: number): Quota => {
    const limit = limitOf({ exitReason: "failed", failureReason: "usage-limit", retryAt }, now);
    if (!limit) throw new Error("it is no limit");
    return nextQuota(before, key, limit, now);
  };
}

it("sessions that meet one limit side by side, in any process, are one hit that ends at the later of the times they were told", async () => {
  const clock = new ManualClock();
  const { store, open } = await temporaryStore({ clock });
  const other = await open();
  const end = clock.now() + 30 * minute;
  await Promise.all([store, other, store].map(({ quotas }, index) => quotas.record(key, meets(end - index), "test")));
  expect(await other.quotas.list()).toMatchObject([
    { ...key, scope: "team/claude/*/usage", resetAt: end, hits: 1, source: "structured", reason: "usage-limit" },
  ]);
  await store.quotas.record(
    { ...key, model: "opus" },
    (_, now) => ({ ...meets()(null, now), model: "opus", scope: "b" }),
    "t",
  );
  expect((await store.quotas.list()).map(({ model }) => model).sort()).toEqual(["*", "opus"]);
});

it("a limit is shown to be over only after its time, is forgotten then, and counts from one when it is met again", async () => {
  const clock = new ManualClock();
  const { store } = await temporaryStore({ clock });
  const first = await store.quotas.record(key, meets(), "test");
  expect(await store.quotas.proven(first.scope, "test")).toBe(false);
  clock.advance(first.resetAt - clock.now());
  const second = await store.quotas.record(key, meets(), "test");
  expect(second).toMatchObject({ hits: 2, resetAt: clock.now() + 15 * minute });
  expect(await store.quotas.proven(first.scope, "test")).toBe(false);
  clock.advance(15 * minute);
  expect(await store.quotas.proven(first.scope, "test")).toBe(true);
  expect(await store.quotas.proven(first.scope, "test")).toBe(false);
  expect(await store.quotas.record(key, meets(), "test")).toMatchObject({ hits: 1 });
  expect(await store.quotas.clear(first.scope, "ann")).toMatchObject({ hits: 1 });
  expect(await store.quotas.clear(first.scope, "ann")).toBeNull();
  const events = await store.events.list({});
  expect(events.map(({ kind, actor }) => `${kind} ${actor}`)).toEqual([
    ...["quota.met test", "quota.met test", "quota.proven test", "quota.met test", "quota.cleared ann"],
  ]);
});

it("a limit that nobody has tried for a month goes with the next one that is met", async () => {
  const clock = new ManualClock();
  const { store } = await temporaryStore({ clock });
  const old = { ...key, account: "gone" };
  await store.quotas.record(old, (_, now) => ({ ...meets()(null, now), ...old, scope: "gone/claude/*/usage" }), "test");
  clock.advance(31 * 24 * 60 * minute);
  await store.quotas.record(key, meets(), "test");
  expect((await store.quotas.list()).map(({ account }) => account)).toEqual(["team"]);
});

it("a task's last conversation says who served it, found without reading other tasks' sessions", async () => {
  const statements: RecordedStatement[] = [];
  const clock = new ManualClock();
  const { store, path } = await temporaryStore({
    clock,
    onStatement: (sql, params) => statements.push({ sql, params }),
  });
  const { task } = await store.tasks.enqueue({ queue: "p", subject: "issue:1", lane: "l" }, "test");
  const runs = [
    { model: "opus", account: "team", pool: "main", conversation: true },
    { model: "haiku", account: "team", pool: "main", conversation: false },
  ];
  for (const [index, { conversation, ...served }] of runs.entries()) {
    const claim = await store.tasks.claim({ queues: ["p"], owner: "o", leaseMs: minute });
    if (!claim) throw new Error("nothing was claimed");
    const session = await store.sessions.intend(claim.lease, {
      ...{
        id: `s${index}`,
        profileId: "p",
        attempt: 1,
        kind: "agent",
        subject: "issue:1",
        lane: "l",
        backend: "claude",
      },
      ...{ runDir: "/r", worktreePath: "/w", branch: "b", startSha: "c", ...served },
      conversation: conversation ? { id: "s0", model: "opus", trust: "t", people: [], text: "x" } : null,
    });
    expect(session).toMatchObject(served);
    await store.sessions.start(`s${index}`, claim.lease.term, { pid: 1, startedMark: "m" });
    await store.sessions.end(`s${index}`, claim.lease.term, {
      ...{ exitReason: "failed", failureReason: null, exitCode: 1, signal: null, startedAt: 1, endedAt: 2 },
      ...{ nativeSessionId: null, usage: {}, retryAt: null, summary: "", processes: { killed: 0, survivors: 0 } },
    });
    const lease = await store.tasks.adopt(claim.lease, "o", minute);
    if (lease === "lost") throw new Error("lost");
    const concludes = [{ sessionId: `s${index}`, outcome: "try-again", evidence: null }];
    await store.tasks.release(lease, { kind: "snooze", runAt: 0, reason: "r" }, { actor: "o", concludes });
    clock.advance(minute);
  }
  statements.length = 0;
  expect(await store.sessions.lastConversations([task.id, 99])).toEqual([
    { taskId: task.id, backend: "claude", model: "opus", account: "team", pool: "main" },
  ]);
  const plans = queryPlans(path, statements).join("\n");
  expect(plans).not.toMatch(/SCAN (s|t|sessions)\b/);
});
