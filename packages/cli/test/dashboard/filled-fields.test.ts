import { allowancesKey, type NewDecision, type NewOutboxRow, type Store } from "@agent-control-plane/core";
import type { Document, Documents, HostDocument, ProfileDocument } from "@agent-control-plane/dashboard";
import { describe, expect, it } from "vitest";
import { aDaemon } from "./a-daemon.ts";
import { aHome } from "./a-home.ts";

const none: Documents = new Map();
const minute = 60_000;

const profileIn = (documents: Documents, id = "web") => documents.get(`profile:${id}`) as unknown as ProfileDocument;
const hostIn = (documents: Documents) => documents.get("host") as unknown as HostDocument;

const decision = (subject: string, over: Partial<NewDecision> = {}): NewDecision => ({
  ...{ profileId: "web", subject, lane: "issue-implementation", verdict: "hold", reason: "workers-full", detail: "" },
  ...{ place: null, decidedAt: 1, ...over },
});

const comment = (number: number, key: string): NewOutboxRow => ({
  ...{
    profileId: "web",
    kind: "comment",
    stream: `web/issue:${number}`,
    idempotencyKey: key,
    body: { number, body: key },
  },
});

async function deliver(store: Store, key: string, number: number, how: "sent" | "failed"): Promise<void> {
  await store.outbox.enqueue([comment(number, key)], "r");
  const row = await store.outbox.claim({ owner: "r", claimMs: minute, profileIds: ["web"] });
  if (!row) throw new Error("nothing to deliver");
  await store.outbox.sendStarts(row.id, "r");
  if (how === "sent") await store.outbox.sent(row.id, "r", null);
  else await store.outbox.failed(row.id, "r", "refused (422)");
}

describe("of a profile is shown", () => {
  it("what its items are called: those that are open as the tick saw them, others as their task was given them", async () => {
    const { store, source } = await aHome("web");
    const about = { title: "As it is <now>", url: "https://forge.test/7" };
    await store.decisions.replace("web", [decision("issue:7", { about }), decision("issue:8")], "r");
    const payload = (title: string) => ({ title, url: "https://forge.test/x" });
    for (const [subject, title] of [
      ["issue:7", "As it was"],
      ["issue:9", "Of a closed one"],
    ] as const)
      await store.tasks.enqueue({ queue: "web", subject, lane: "issue-implementation", payload: payload(title) }, "r");
    expect(profileIn(await source.read(none)).titles).toEqual({ "issue:7": about.title, "issue:9": "Of a closed one" });
    expect(await source.item("web", "issue:7")).toMatchObject({ title: about.title, url: about.url });
    expect(await source.item("web", "issue:9")).toMatchObject({
      title: "Of a closed one",
      url: "https://forge.test/x",
    });
  });

  it("its pull requests and what comes round by a schedule, and neither twice", async () => {
    const { store, source, clock } = await aHome("web");
    const pull = { headSha: "abc", risk: "high", checks: "running" } as const;
    const dueAt = clock.now() + 30 * minute;
    const schedule = { line: "Schedule: 1h", everyMs: 60 * minute, lastAt: null, dueAt };
    const url = "https://forge.test/x";
    await store.decisions.replace(
      "web",
      [
        decision("pr:3", { lane: "pr-fix", reason: "checks-pending", about: { title: "a", url, pull } }),
        decision("pr:4", { lane: "pr-fix", reason: "not-managed", about: { title: "b", url } }),
        decision("issue:5", { lane: "scheduled-check", reason: "not-due", about: { title: "c", url, schedule } }),
      ],
      "r",
    );
    const shown = profileIn(await source.read(none));
    expect(shown.pulls).toEqual([{ number: 3, url, ...pull, reason: "checks-pending", detail: "" }]);
    expect(shown.schedule).toEqual([{ subject: "issue:5", ...schedule }]);
    expect(shown.wakeUps).toEqual([{ at: dueAt, what: "schedule", subject: "issue:5", text: "Schedule: 1h" }]);
    expect(shown.decisions.every((each) => !("about" in each))).toBe(true);
  });

  it("what room there is, and what runs and waits in which lane", async () => {
    const { home, store, source } = await aHome("web");
    await aDaemon({ home, store }, ["web"]);
    for (const [number, lane] of [
      [1, "pr-fix"],
      [2, "issue-implementation"],
      [3, "issue-implementation"],
    ] as const)
      await store.tasks.enqueue({ queue: "web", subject: `issue:${number}`, lane }, "r");
    await store.tasks.claim({ queues: ["web"], owner: "r", leaseMs: minute });
    const shown = profileIn(await source.read(none));
    expect(shown.room).toEqual({ running: 1, most: 3 });
    expect(shown.lanes).toEqual([
      { lane: "issue-implementation", running: 0, waiting: 2 },
      { lane: "pr-fix", running: 1, waiting: 0 },
    ]);
    expect(shown.repository).toEqual({ slug: "ann/web", url: "https://forge.test/ann/web" });
    expect(shown.spend.limit).toEqual({ usd: 5, tokens: null });
  });

  it("who goes on with which item, with its title, at one question to the store however many there are", async () => {
    const { home, store, source, statements, clock } = await aHome("web");
    await aDaemon({ home, store }, ["web"]);
    const speak = async (number: number) => {
      const subject = `issue:${number}`;
      const payload = { title: `No. ${number}`, url: "https://forge.test/x" };
      await store.tasks.enqueue({ queue: "web", subject, lane: "issue-implementation", payload }, "r");
      const claim = await store.tasks.claim({ queues: ["web"], owner: "r", leaseMs: minute });
      if (!claim) throw new Error("not claimed");
      await store.sessions.intend(claim.lease, {
        ...{ id: `s-${number}`, profileId: "web", attempt: 1, kind: "agent", subject, lane: "issue-implementation" },
        ...{ backend: "claude", model: "opus", runDir: "/r", worktreePath: "/w", branch: "b", startSha: "0" },
        conversation: { id: `s-${number}`, model: "opus", trust: "t", people: [], text: "x" },
      });
    };
    await speak(1);
    statements.length = 0;
    const first = await source.read(none);
    const asked = statements.length;
    expect(profileIn(first).residents).toEqual([
      {
        ...{ id: "s-1", subject: "issue:1", lane: "issue-implementation", backend: "claude", model: "opus" },
        ...{ sessions: 1, lastSession: "s-1", atWork: true, lastAt: clock.now(), keptUntil: null },
      },
    ]);
    expect(profileIn(first).titles["issue:1"]).toBe("No. 1");
    for (const number of [2, 3, 4, 5]) await speak(number);
    statements.length = 0;
    expect(profileIn(await source.read(first)).residents).toHaveLength(5);
    expect(statements.length).toBeLessThanOrEqual(asked);
  });

  it("what was published since its day began, and what the forge refused for good", async () => {
    const { store, source, clock } = await aHome("web");
    await deliver(store, "yesterday", 1, "sent");
    clock.advance(24 * 60 * minute);
    await deliver(store, "today", 1, "sent");
    await deliver(store, "refused", 2, "failed");
    const shown = profileIn(await source.read(none));
    expect(shown.publishedToday).toEqual({ comment: 1 });
    const failed = shown.writes.failed[0];
    expect(failed).toMatchObject({ preview: "refused", awaits: false, lastError: "refused (422)" });
    expect(shown.needsPerson).toEqual([
      {
        ...{ subject: `outbox:${failed?.id}`, code: "dead-write", since: clock.now() },
        text: "comment was refused: refused (422)",
        act: `acp outbox retry ${failed?.id}, or acp outbox drop ${failed?.id}`,
        does: { name: "retry-write", body: { write: failed?.id } },
      },
    ]);
    expect(shown.alerts).toMatchObject([{ kind: "dead-writes", severity: "warn", title: "1 write refused for good" }]);
  });

  it("what is wrong with its file, in words", async () => {
    const { source, writeProfile } = await aHome("web");
    writeProfile("web", "id: web\nrepo: { slug: nothing }\n");
    const shown = profileIn(await source.read(none));
    expect(shown.problemTexts[0]).toMatch(/control-plane\.yaml:\d+:\d+ .*Fix: /);
    expect(shown.alerts).toMatchObject([{ kind: "broken-profile", severity: "error", message: shown.problemTexts[0] }]);
  });

  it("since when a trouble is there, as long as it is the same", async () => {
    const { home, store, source, clock } = await aHome("web");
    const tick = (forge: string) => ({ lastTick: { web: { at: clock.now(), forge, forgeDetail: "said so" } } });
    await aDaemon({ home, store }, ["web"], tick("forge-unreachable"));
    const first = await source.read(none);
    const at = clock.now();
    expect(profileIn(first).alerts).toMatchObject([{ kind: "forge-unreachable", message: "said so", at }]);
    clock.advance(5 * minute);
    await aDaemon({ home, store }, ["web"], tick("forge-unreachable"));
    expect(profileIn(await source.read(first)).alerts).toMatchObject([{ kind: "forge-unreachable", at }]);
    await aDaemon({ home, store }, ["web"], tick("seen"));
    expect(profileIn(await source.read(first)).alerts).toEqual([]);
  });
});

describe("of the host are shown", () => {
  it("what is left of the forge's allowances, of each credential the newest that any daemon was told", async () => {
    const { home, store, source } = await aHome("web");
    const told = (resource: string, left: number, toldAt: number) => ({
      ...{ credential: "k", resource, limit: 5_000, left, resetsAt: 9_000, toldAt },
    });
    const lastTick = { [allowancesKey]: [told("core", 10, 1), told("graphql", 30, 2), told("core", 20, 3)] };
    await aDaemon({ home, store }, ["web"], { lastTick });
    expect(hostIn(await source.read(none)).allowances).toEqual([told("core", 20, 3), told("graphql", 30, 2)]);
  });

  it("who served it and is gone, with its last sign of life", async () => {
    const { home, store, source } = await aHome("web");
    await aDaemon({ home, store }, ["web"], { startedMark: "of another process" });
    const documents = await source.read(none);
    expect(hostIn(documents).runtimes).toMatchObject([{ id: "r-1", alive: false, lastSeenAt: 2 }]);
    expect(profileIn(documents)).toMatchObject({ running: false, pid: null, state: "stopped" });
  });

  it("the machine, rounded so that it is the same from one look to the next", async () => {
    const { source, clock } = await aHome("web");
    const first = await source.read(none);
    const machine = first.get("machine") as Document;
    expect(machine.cores).toBeGreaterThan(0);
    expect(machine.memory).toMatchObject({ totalBytes: expect.any(Number), freeBytes: expect.any(Number) });
    clock.advance(1_000);
    expect((await source.read(first)).get("machine")).toBe(machine);
  });
});

it("how it went is told in columns, of one profile or of all together", async () => {
  const { store, source, clock } = await aHome("web", "shop");
  const at = clock.now() - 10 * minute;
  const sample = { at, running: 1, waiting: 2, pending: 3, oldestWaitS: 4, tokens: 5, usd: 0.25, allowanceLeft: 100 };
  await store.samples.add({ ...sample, profileId: "web" });
  await store.samples.add({ ...sample, profileId: "shop", oldestWaitS: 9, allowanceLeft: 90 });
  await store.samples.add({ ...sample, profileId: "web", at: clock.now() - 120 * minute });
  expect(await source.series({ profileId: "web", hours: 1 })).toMatchObject({ at: [at], running: [1], usd: [0.25] });
  expect(await source.series({ profileId: null, hours: 1 })).toEqual({
    ...{ at: [at], running: [2], waiting: [4], pending: [6], oldestWaitS: [9], tokens: [10], usd: [0.5] },
    allowanceLeft: [90],
  });
});
