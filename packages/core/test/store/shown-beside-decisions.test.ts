import { ManualClock, temporaryStore } from "@agent-control-plane/testkit";
import { describe, expect, it } from "vitest";
import type { NewDecision, Sample } from "../../src/index.ts";
import { queryPlans, type RecordedStatement } from "./query-plans.ts";

const about = (title: string) => ({ title, url: `https://forge.test/${title.length}` });

const decision = (over: Partial<NewDecision> = {}): NewDecision => ({
  ...{ profileId: "web", subject: "issue:7", lane: "issue-implementation", verdict: "hold", reason: "blocked" },
  ...{ detail: "", place: null, decidedAt: 1, ...over },
});

describe("what a decision is about", () => {
  it("is kept with it, changes without a word in the log, and stays while it is not known", async () => {
    const { store } = await temporaryStore();
    await store.decisions.replace("web", [decision({ about: about("first") })], "r");
    expect(await store.decisions.listAbout("web")).toMatchObject([{ about: about("first"), decidedAt: 1 }]);

    await store.decisions.replace("web", [decision({ about: about("second"), decidedAt: 2 })], "r");
    expect(await store.decisions.listAbout("web")).toMatchObject([{ about: about("second"), decidedAt: 1 }]);
    expect(await store.events.list({})).toHaveLength(1);

    await store.decisions.replace("web", [decision({ reason: "held", decidedAt: 3 })], "r");
    expect(await store.decisions.listAbout("web")).toMatchObject([{ reason: "held", about: about("second") }]);
    expect(await store.decisions.list("web")).toEqual([decision({ reason: "held", decidedAt: 3 })]);
  });

  it("is not known of decisions of an earlier version", async () => {
    const { store } = await temporaryStore();
    await store.decisions.replace("web", [decision()], "r");
    expect(await store.decisions.listAbout("web")).toMatchObject([{ about: null }]);
  });

  it("takes no lock while it says the same", async () => {
    const statements: string[] = [];
    const { store } = await temporaryStore({ onStatement: (sql) => void statements.push(sql) });
    await store.decisions.replace("web", [decision({ about: about("same") })], "r");
    statements.length = 0;
    await store.decisions.replace("web", [decision({ about: about("same"), decidedAt: 9 })], "r");
    expect(statements).toHaveLength(1);
    await store.decisions.replace("web", [decision({ about: about("another") })], "r");
    expect(statements).toContain("begin immediate");
  });
});

it("an item is known by the title its task was given, and a task without one says nothing", async () => {
  const { store } = await temporaryStore();
  const titled = { kind: "issue", title: "A <b>title</b>", url: "https://forge.test/7", body: "long" };
  const { task } = await store.tasks.enqueue({ queue: "web", subject: "issue:7", payload: titled }, "r");
  const { task: bare } = await store.tasks.enqueue({ queue: "web", subject: "x", payload: { title: 7 } }, "r");
  expect(await store.tasks.titles([bare.id, task.id, 99])).toEqual([
    { taskId: task.id, title: "A <b>title</b>", url: "https://forge.test/7" },
  ]);
});

it("what the forge took since a moment is counted by kind, without a look at what it took before", async () => {
  const clock = new ManualClock();
  const statements: RecordedStatement[] = [];
  const onStatement = (sql: string, params?: object) => void statements.push({ sql, params });
  const { store, path } = await temporaryStore({ clock, onStatement });
  const send = async (key: string, profileId = "web") => {
    const row = { profileId, kind: "comment", stream: `${profileId}/issue:7`, idempotencyKey: key } as const;
    await store.outbox.enqueue([{ ...row, body: { number: 7, body: key } }], "r");
    const claimed = await store.outbox.claim({ owner: "r", claimMs: 60_000, profileIds: [profileId] });
    await store.outbox.sendStarts(claimed?.id ?? 0, "r");
    await store.outbox.sent(claimed?.id ?? 0, "r", null);
  };
  await send("before");
  clock.advance(1_000);
  const since = clock.now();
  await send("first");
  await send("second");
  await send("of another", "shop");
  statements.length = 0;
  expect(await store.outbox.sentSince("web", since)).toEqual([{ kind: "comment", count: 2 }]);
  expect(queryPlans(path, statements).join("\n")).toContain("outbox_sent_at (profile_id=? AND sent_at>?)");
});

describe("how things went", () => {
  const sample = (at: number, over: Partial<Sample> = {}): Sample => ({
    ...{ at, profileId: "web", running: 1, waiting: 2, pending: 3, oldestWaitS: 4, tokens: 5, usd: 0.25 },
    ...{ allowanceLeft: null, ...over },
  });

  it("is kept once for a profile and a moment, and told from a moment on, of one profile or of all", async () => {
    const { store } = await temporaryStore();
    await store.samples.add(sample(10));
    await store.samples.add(sample(10, { running: 99 }));
    await store.samples.add(sample(10, { profileId: "shop", allowanceLeft: 4_000 }));
    await store.samples.add(sample(20));
    expect(await store.samples.list({ profileId: "web", since: 10 })).toEqual([sample(10), sample(20)]);
    expect(await store.samples.list({ profileId: null, since: 11 })).toEqual([sample(20)]);
    expect(await store.samples.list({ profileId: null, since: 0 })).toHaveLength(3);
  });
});
