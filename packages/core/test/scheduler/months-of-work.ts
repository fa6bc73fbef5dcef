import { ManualClock, storeProblems, temporaryStore } from "@agent-control-plane/testkit";
import {
  defaultHostLimits,
  keepWithinBounds,
  type Log,
  type NewOutboxRow,
  type OpenStore,
  type RunArchive,
} from "../../src/index.ts";
import { anEnding, aSession } from "../store/store-examples.ts";

const day = 86_400_000;
const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** Nothing is kept for more than ten days, so that months show many times over whether anything stays. */
const limits = {
  ...defaultHostLimits.retention,
  ...{ endedDays: 5, decisionDays: 2, totalsDays: 10, forgeCacheDays: 5, rescueDays: 5 },
};

export interface Months {
  readonly store: OpenStore;
  /** Rows by table at the end of each day. */
  readonly counts: readonly Readonly<Record<string, number>>[];
  readonly problems: readonly string[];
}

/**
 * Days of a busy profile in a store whose clock is turned by hand: each day some issues are opened, worked, published
 * and closed, and what else a day writes; each night two daemons keep it within bounds at once. One issue stays open.
 */
export async function workForDays(days: number, issuesADay: number): Promise<Months> {
  const clock = new ManualClock();
  const { store, open } = await temporaryStore({ clock });
  const other = await open();
  const counts: Readonly<Record<string, number>>[] = [];
  let number = 0;
  await workOn(store, clock, "issue:open", "s-open");
  for (let today = 0; today < days; today += 1) {
    for (let index = 0; index < issuesADay; index += 1) {
      number += 1;
      const subject = `issue:${number}`;
      await workOn(store, clock, subject, `s${number}`);
      await store.readings.remove("q", subject);
    }
    await writeTheRest(store, clock, today);
    clock.advance(day);
    await Promise.all([store, other].map((each) => keepWithinBounds({ ...boundsOf(each), profiles: ["q"] })));
    const tables = await store.maintenance.tables();
    counts.push(Object.fromEntries(tables.map(({ table, rows }) => [table, rows])));
  }
  return { store, counts, problems: await storeProblems(store) };
}

const archive: RunArchive = {
  archive: async ({ id }) => `/runs/history/${id}`,
  prune: async () => ({ removed: 0, left: 0, leftBytes: 0, failed: [] }),
};

const boundsOf = (store: OpenStore) => ({
  ...{ store, limits, actor: "r1", log: silent },
  archives: [{ profileId: "q", archive }],
});

async function workOn(store: OpenStore, clock: ManualClock, subject: string, id: string): Promise<void> {
  const reading = { itemUpdatedAt: clock.now(), isSettled: true, readAt: clock.now(), headSeenAt: null, reading: {} };
  await store.readings.put("q", subject, reading as never);
  await store.tasks.enqueue({ queue: "q", subject, lane: "issue-implementation" }, "t");
  const claim = await store.tasks.claim({ queues: ["q"], owner: "o", leaseMs: 60_000 });
  if (!claim) throw new Error("nothing to claim");
  await store.sessions.intend(claim.lease, aSession(id, { subject }));
  const path = `/worktrees/${id}`;
  await store.worktrees.plan({ path, profileId: "q", sessionId: id, baseSha: "0".repeat(40) });
  const spend = { usage: { inputTokens: 10 }, costKind: "reported" as const };
  const within = { from: 0, until: clock.now() };
  await store.spend.report({ sessionId: id, term: claim.lease.term, spend, within });
  await store.sessions.end(id, claim.lease.term, anEnding(clock.now()));
  await store.worktrees.setState(path, "gone");
  const lease = await store.tasks.adopt(claim.lease, "o", 60_000);
  if (lease === "lost") throw new Error("lost");
  const row: NewOutboxRow<"comment"> = {
    ...{ profileId: "q", kind: "comment", stream: `q/${subject}`, idempotencyKey: `key-${id}` },
    body: { number: 1, body: "x" },
  };
  const concludes = [{ sessionId: id, outcome: "published", evidence: null }];
  await store.tasks.release(lease, { kind: "succeeded" }, { actor: "o", outbox: [row], concludes });
  const claimed = await store.outbox.claim({ owner: "o", claimMs: 1000, profileIds: ["q"] });
  if (claimed) await store.outbox.sent(claimed.id, "o", null);
}

/** What a day leaves beside tasks: each row with a name of its own, as if nothing ever came twice. */
async function writeTheRest(store: OpenStore, clock: ManualClock, today: number): Promise<void> {
  const now = clock.now();
  const sha = String(today).padStart(40, "0");
  await store.permissions.put("q", { login: `l${today}`, level: "write", checkedAt: now });
  await store.baselines.put({ profileId: "q", sha, passed: true, summary: "" }, "r1");
  const answer = { etag: "e", status: 200, link: null, body: 1, fetchedAt: now };
  await store.forgeCache.put({ ...answer, credentialKey: "k", url: `u${today}` });
  await store.cooldowns.set({ scope: `scope-${today}`, until: now + 1000, reason: "r" }, "r1");
  await store.events.append({ actor: "r1", kind: "runtime.noted" });
  const held = { profileId: "q", subject: "issue:open", lane: "l", verdict: "hold" as const, detail: "", place: null };
  await store.decisions.replace("q", [{ ...held, reason: `reason-${today}`, decidedAt: now }], "r1");
  const turn = { scope: `credential-${today}`, holder: "h", holdMs: 1000, gapMs: 0, perMinute: 0, perHour: 0 };
  await store.pace.begin(turn);
  await store.pace.end(turn.scope, "h");
  await store.worktrees.plan({ path: `/w${today}`, profileId: "q", sessionId: `vain-${today}`, baseSha: sha });
  await store.worktrees.setState(`/w${today}`, "gone");
  await store.runtimes.put({
    ...{ id: `r-${today}`, process: { pid: 1, startedMark: "x" }, host: "another", version: "1", profileIds: ["q"] },
    ...{ startedAt: now, heartbeatAt: now, state: "ready" as const, lastTick: null },
  });
}
