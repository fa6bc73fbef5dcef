import { ManualClock, temporaryStore } from "@agent-control-plane/testkit";
import { seeded } from "@agent-control-plane/testkit/seeded-random";
import { describe, expect, it } from "vitest";
import type { Ending, OpenStore, Usage } from "../../src/index.ts";

const midnight = Date.UTC(2026, 2, 1);
const day = 86_400_000;
const always = { from: 0, until: 10 * midnight };

const ended = (over: Partial<Ending> = {}): Ending => ({
  ...{ exitReason: "finished", failureReason: null, exitCode: 0, signal: null, startedAt: 1, endedAt: 2 },
  ...{ nativeSessionId: null, usage: {}, retryAt: null, summary: "", processes: { killed: 0, survivors: 0 } },
  ...over,
});

async function world() {
  const clock = new ManualClock(midnight + 3_600_000);
  const { store, open } = await temporaryStore({ clock });
  let made = 0;
  /** A session that runs for `subject`, and how to go on with it. */
  const session = async (subject = "issue:1", of: OpenStore = store) => {
    const id = `s${++made}`;
    clock.advance(1_000);
    await of.tasks.enqueue({ queue: "web", subject, lane: "issue-implementation" }, "test");
    const claim = await of.tasks.claim({ queues: ["web"], owner: "test", leaseMs: 1_000_000 });
    if (!claim) throw new Error("nothing to claim");
    const row = { id, profileId: "web", attempt: 1, kind: "agent", subject, lane: "issue-implementation" } as const;
    const folders = { runDir: `/runs/${id}`, worktreePath: `/worktrees/${id}`, branch: "b", startSha: "0" };
    await of.sessions.intend(claim.lease, { ...row, backend: "codex", model: "m", ...folders });
    const { term } = claim.lease;
    await of.sessions.start(id, term, { pid: 1, startedMark: "m" });
    const report = (usage: Usage, within = always) =>
      of.spend.report({ sessionId: id, term, spend: { usage, costKind: "reported", model: "m-1" }, within });
    const end = async (ending: Partial<Ending>, outcome: string) => {
      clock.advance(1_000);
      expect(await of.sessions.end(id, term, ended({ endedAt: clock.now(), ...ending }))).toBe("applied");
      const adopted = await of.tasks.adopt(claim.lease, "test", 1_000_000);
      if (adopted === "lost") throw new Error("lost");
      const concludes = [{ sessionId: id, outcome, evidence: null }];
      await of.tasks.release(adopted, { kind: "succeeded" }, { actor: "test", concludes });
    };
    return { id, term, report, end };
  };
  return { clock, store, open, session };
}

it("totals of a session come to the same in any order and as often as they come, and never decrease", async () => {
  const random = seeded(11);
  const { store, session } = await world();
  const reports = Array.from({ length: 8 }, (_, index) => ({ inputTokens: 100 * index, costUsd: index / 7 }));
  const shuffled = [...reports, ...reports].sort(() => random() - 0.5);
  const one = await session();
  let before = 0;
  for (const usage of shuffled) {
    const answer = await one.report(usage);
    if (answer === "lost") throw new Error("lost");
    expect(answer.tokens).toBeGreaterThanOrEqual(before);
    before = answer.tokens;
  }
  expect(await store.spend.between("web", always.from, always.until)).toEqual({ tokens: 700, usd: 1 });
  expect((await store.sessions.get(one.id))?.spend).toEqual({
    usage: { inputTokens: 700, costUsd: 1 },
    costKind: "reported",
  });
});

it("a report of another term is lost, and one of a session that has ended meanwhile is still true", async () => {
  const { store, session } = await world();
  const one = await session();
  const stale = { sessionId: one.id, term: one.term + 1, within: always };
  expect(await store.spend.report({ ...stale, spend: { usage: { inputTokens: 9 }, costKind: null } })).toBe("lost");
  await one.end({ usage: { inputTokens: 5, outputTokens: 5 } }, "published");
  expect(await one.report({ inputTokens: 5, outputTokens: 2 })).toMatchObject({ tokens: 10 });
  expect(await one.report({ inputTokens: 6 })).toMatchObject({ tokens: 11 });
});

it("a session whose wrapper was killed has spent what was reported before", async () => {
  const { session, open } = await world();
  const one = await session();
  await one.report({ inputTokens: 400, costUsd: 2 });
  await one.end({ exitReason: "lost" }, "try-again");
  const items = await (await open()).spend.items("web", ["issue:1"]);
  expect(items.get("issue:1")).toMatchObject({
    total: { tokens: 400, usd: 2 },
    sessions: 1,
    failedSince: 1,
    model: "m-1",
  });
  expect(items.size).toBe(1);
});

it("the name that a stream gives its model is what was paid for, and leaves the model that was chosen, which limits are counted by", async () => {
  const { store, session } = await world();
  const one = await session();
  await one.report({ inputTokens: 1 });
  expect((await store.sessions.get(one.id))?.model).toBe("m");
  expect((await store.spend.items("web", ["issue:1"])).get("issue:1")?.model).toBe("m-1");
});

describe("of a day", () => {
  it("counts what was spent in it, of sessions that began before it and went on after it too", async () => {
    const { clock, store, session } = await world();
    const one = await session("issue:1");
    const other = await session("issue:2");
    await one.report({ inputTokens: 100 });
    clock.advance(midnight + day + 60_000 - clock.now());
    await one.report({ inputTokens: 130 });
    await other.report({ inputTokens: 1_000 });
    clock.advance(midnight + 2 * day + 60_000 - clock.now());
    await one.report({ inputTokens: 180 });
    const of = (index: number) => store.spend.between("web", midnight + index * day, midnight + (index + 1) * day);
    expect([await of(0), await of(1), await of(2)].map(({ tokens }) => tokens)).toEqual([100, 1_030, 50]);
    expect(await store.spend.between("other", 0, 10 * midnight)).toEqual({ tokens: 0, usd: 0 });
  });

  it("a clock that is set back makes nothing count twice", async () => {
    const { clock, store, session } = await world();
    const one = await session();
    clock.advance(midnight + day + 60_000 - clock.now());
    await one.report({ inputTokens: 100 });
    clock.advance(midnight + day - 60_000 - clock.now());
    await one.report({ inputTokens: 150 });
    clock.advance(midnight + day + 120_000 - clock.now());
    await one.report({ inputTokens: 160 });
    const of = async (index: number) =>
      (await store.spend.between("web", midnight + index * day, midnight + (index + 1) * day)).tokens;
    expect((await of(0)) + (await of(1))).toBe(160);
  });
});

describe("of an item", () => {
  it("knows what was spent before its state changed, and who failed since", async () => {
    const { store, session } = await world();
    for (const [tokens, outcome] of [
      [100, "try-again"],
      [200, "published"],
      [40, "try-again"],
      [60, "needs-human"],
    ] as const) {
      const one = await session();
      await one.end({ usage: { inputTokens: tokens } }, outcome);
    }
    const quota = await session();
    await quota.end({ exitReason: "failed", failureReason: "provider-quota-limit" }, "try-again");
    expect((await store.spend.items("web")).get("issue:1")).toMatchObject({
      total: { tokens: 400, usd: 0 },
      acceptedTotal: { tokens: 300, usd: 0 },
      ...{ sessions: 5, unknownCost: 5, failedSince: 2, raise: null, stop: null },
    });
  });

  it("a raise counts from what was spent by then, in the very moment, and ends the stop of a run", async () => {
    const { clock, store, session } = await world();
    const one = await session();
    const budget = { scope: "run", unit: "usd", spent: 3, limit: 2 } as const;
    await one.end(
      { exitReason: "failed", failureReason: "budget-exhausted", usage: { costUsd: 3 }, budget },
      "try-again",
    );
    const stop = { sessionId: one.id, stop: budget };
    expect((await store.spend.items("web", ["issue:1"])).get("issue:1")).toMatchObject({ stop, failedSince: 0 });
    clock.advance(1_000);
    const wanted = { profileId: "web", subject: "issue:1", usd: 4, tokens: null, actor: "ann", reason: "worth it" };
    const raise = await store.spend.raise(wanted);
    expect(raise).toMatchObject({ base: { usd: 3, tokens: 0 }, usd: 4 });
    expect((await store.spend.items("web", ["issue:1"])).get("issue:1")).toMatchObject({ stop: null, raise });
    expect(await store.spend.raises("web", "issue:1")).toEqual([raise]);
    expect((await store.events.latest(1))[0]).toMatchObject({
      kind: "budget.raised",
      actor: "ann",
      subject: "issue:1",
    });
  });

  it("of a session that the item's own limit stopped no run is to blame", async () => {
    const { store, session } = await world();
    const one = await session();
    const budget = { scope: "item", unit: "tokens", spent: 3, limit: 2 } as const;
    await one.end({ exitReason: "failed", failureReason: "budget-exhausted", budget }, "try-again");
    expect((await store.spend.items("web", ["issue:1"])).get("issue:1")?.stop).toBeNull();
  });

  it("people are told once of each limit, however many runtimes say it", async () => {
    const { store, open } = await world();
    const row = { profileId: "web", kind: "comment", stream: "web/issue:1", idempotencyKey: "k" } as const;
    const receipt = {
      key: "k",
      profileId: "web",
      subject: "issue:1",
      body: {},
      rows: [{ ...row, body: { number: 1, body: "parked" } }],
    };
    const second = await open();
    expect(await Promise.all([store, second].map((each) => each.spend.tell(receipt, "r")))).toEqual(
      expect.arrayContaining([true, false]),
    );
    expect(await store.outbox.list({ profileId: "web" })).toHaveLength(1);
    expect(await store.spend.told("web")).toEqual(new Set(["k"]));
  });
});

describe("what a program says of its spending cannot", () => {
  const lies: readonly Usage[] = [
    { inputTokens: 1.5 },
    { inputTokens: 1e300, outputTokens: 1e300 },
    { costUsd: 1e308 },
    { outputTokens: -1e12, costUsd: -1_000 },
    { inputTokens: Number.NaN, costUsd: Number.POSITIVE_INFINITY },
    JSON.parse('{"inputTokens":"many","costUsd":null}'),
  ];

  it.each(lies)("keep its end from being saved: %j", async (usage) => {
    const { store, session } = await world();
    const one = await session();
    await one.report(usage);
    await one.end({ usage }, "published");
    expect((await store.sessions.get(one.id))?.state).toBe("concluded");
  });

  it("give money back, or make a sum that the store cannot count", async () => {
    const { store, session } = await world();
    const honest = await session();
    await honest.end({ usage: { inputTokens: 100, costUsd: 2 } }, "try-again");
    for (const usage of lies) await (await session()).end({ usage }, "try-again");
    const { total } = (await store.spend.items("web", ["issue:1"])).get("issue:1") ?? {};
    expect(total?.usd).toBeGreaterThanOrEqual(2);
    expect(total?.tokens).toBeGreaterThanOrEqual(100);
    expect(Number.isSafeInteger(total?.tokens)).toBe(true);
    const raise = { profileId: "web", subject: "issue:1", usd: null, tokens: null, actor: "ann", reason: "" };
    expect((await store.spend.raise(raise)).base).toEqual(total);
    expect((await store.spend.between("web", always.from, always.until)).usd).toBeGreaterThanOrEqual(2);
  });
});

it("a report beyond what a session can have spent is counted as far as it can be true, and is in the log once", async () => {
  const { store, session, clock } = await world();
  const one = await session();
  clock.advance(60_000);
  for (const tokens of [1e15, 2e15]) await one.report({ inputTokens: tokens, outputTokens: 3, costUsd: 1e9 });
  const { tokens, usd } = await store.spend.between("web", always.from, always.until);
  expect(tokens).toBe(50_000_000 + 60 * 1_000_000 + 3);
  expect(usd).toBe(50 + 60 * 5);
  // It ended then, whenever that is read.
  clock.advance(1_000);
  const endedAt = clock.now();
  clock.advance(day);
  await store.sessions.end(one.id, one.term, ended({ endedAt, usage: { inputTokens: 3e15 } }));
  expect((await store.spend.between("web", always.from, always.until)).tokens).toBe(50_000_000 + 61 * 1_000_000 + 3);
  const events = (await store.events.list({})).filter(({ kind }) => kind === "spend.implausible");
  expect(events).toMatchObject([{ sessionId: one.id, subject: "issue:1", body: { claimed: { outputTokens: 3 } } }]);
});

it("a raise of the day stands for what was spent in that day, by whatever item", async () => {
  const { store, session, clock } = await world();
  await (await session("issue:1")).report({ inputTokens: 500, costUsd: 2 });
  await (await session("issue:2")).report({ inputTokens: 100, costUsd: 1 });
  const asked = { profileId: "web", subject: "day", usd: 5, tokens: null, actor: "ann", reason: "" };
  const raise = await store.spend.raise({ ...asked, day: { from: midnight, until: midnight + day } });
  expect(raise).toMatchObject({ subject: "day", usd: 5, base: { tokens: 600, usd: 3 }, at: clock.now() });
  expect(await store.spend.raises("web", "day")).toEqual([raise]);
  clock.advance(day);
  const next = await store.spend.raise({ ...asked, day: { from: midnight + day, until: midnight + 2 * day } });
  expect(next.base).toEqual({ tokens: 0, usd: 0 });
});
