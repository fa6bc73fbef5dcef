import { ManualClock, temporaryStore } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import type { StoredDecision } from "../../src/index.ts";
import { queryPlans, type RecordedStatement } from "./query-plans.ts";

it("a cooldown keeps the later of two ends, passes by itself and can be cleared", async () => {
  const clock = new ManualClock();
  const { store } = await temporaryStore({ clock });
  const until = clock.now() + 1000;
  await store.cooldowns.set({ scope: "provider:x", until, reason: "quota" }, "test");
  await store.cooldowns.set({ scope: "provider:x", until: until - 500, reason: "earlier" }, "test");
  await store.cooldowns.set({ scope: "forge:y", until, reason: "limit" }, "test");
  await store.cooldowns.clear("forge:y", "test");
  expect(await store.cooldowns.active()).toEqual([{ scope: "provider:x", until, reason: "quota" }]);
  clock.advance(1000);
  expect(await store.cooldowns.active()).toEqual([]);
  const kinds = (await store.events.list({})).map((event) => event.kind);
  expect(kinds).toEqual(["cooldown.set", "cooldown.set", "cooldown.cleared"]);
});

it("decisions are replaced as a whole; only changes are written and logged", async () => {
  const { store } = await temporaryStore();
  const decision = (subject: string, changes: Partial<StoredDecision> = {}): StoredDecision => ({
    profileId: "p",
    subject,
    lane: "l",
    verdict: "hold",
    reason: "no-slot",
    detail: "2 of 2",
    place: null,
    decidedAt: 1,
    ...changes,
  });
  await store.decisions.replace("p", [decision("a"), decision("b")], "tick");
  await store.decisions.replace("p", [decision("a", { decidedAt: 2 }), decision("b", { decidedAt: 2 })], "tick");
  expect(await store.decisions.list("p")).toEqual([decision("a"), decision("b")]);
  await store.decisions.replace("p", [decision("a", { detail: "3 of 3" })], "tick");
  await store.decisions.replace("p", [decision("a", { verdict: "launch", reason: "ready" })], "tick");
  expect(await store.decisions.list("p")).toEqual([decision("a", { verdict: "launch", reason: "ready" })]);
  const changes = (await store.events.list({ profileId: "p" })).map((event) => [event.subject, event.body]);
  expect(changes).toMatchObject([
    ["a", { verdict: "hold" }],
    ["b", { verdict: "hold" }],
    ["b", { verdict: null }],
    ["a", { verdict: "launch", reason: "ready" }],
  ]);
});

it("another place in the line is kept without being a change, and the same one is not written again", async () => {
  const statements: string[] = [];
  const { store } = await temporaryStore({ onStatement: (sql) => statements.push(sql) });
  const line = (...subjects: readonly string[]) =>
    subjects.map((subject, index) => ({
      ...{ profileId: "p", subject, lane: "l", verdict: "hold" as const, reason: "host-full", detail: "2 of 2" },
      ...{ place: index < 2 ? index + 1 : null, decidedAt: 1 },
    }));
  const places = async () =>
    (await store.decisions.list("p")).map(({ subject, place, decidedAt }) => [subject, place, decidedAt]);
  await store.decisions.replace("p", line("a", "b", "c"), "tick");
  const later = line("b", "a", "c").map((decision) => ({ ...decision, decidedAt: 2 }));
  await store.decisions.replace("p", later, "tick");
  expect(await places()).toEqual([
    ["a", 2, 1],
    ["b", 1, 1],
    ["c", null, 1],
  ]);
  expect(await store.events.list({ profileId: "p" })).toHaveLength(3);
  statements.length = 0;
  await store.decisions.replace("p", later, "tick");
  expect(statements.map((sql) => sql.trim().split(" ")[0])).toEqual(["select"]);
});

it("a cached answer belongs to its credential, is replaced, and is forgotten by age", async () => {
  const { store } = await temporaryStore();
  const answer = { credentialKey: "c", url: "/issues", etag: "1", status: 200, link: null, body: [1], fetchedAt: 5 };
  await store.forgeCache.put(answer);
  await store.forgeCache.put({ ...answer, etag: "2", link: "next" });
  expect(await store.forgeCache.get("c", "/issues")).toEqual({ ...answer, etag: "2", link: "next" });
  expect(await store.forgeCache.get("other", "/issues")).toBeNull();
  expect(await store.forgeCache.prune(5)).toBe(0);
  expect(await store.forgeCache.prune(6)).toBe(1);
});

it("a reading is kept per item, replaced as a whole, and goes when it is removed", async () => {
  const { store } = await temporaryStore();
  const stored = { itemUpdatedAt: 1, isSettled: false, readAt: 2, headSeenAt: 1, reading: { timeline: ["x"] } };
  await store.readings.put("p", "pr:2", stored);
  await store.readings.put("p", "issue:1", { ...stored, headSeenAt: null });
  await store.readings.put("other", "pr:2", stored);
  const newer = { ...stored, itemUpdatedAt: 5, isSettled: true, readAt: 6, reading: null };
  await store.readings.put("p", "pr:2", newer);
  expect(await store.readings.list("p")).toEqual([
    { subject: "issue:1", stored: { ...stored, headSeenAt: null } },
    { subject: "pr:2", stored: newer },
  ]);
  await store.readings.remove("p", "pr:2");
  await store.readings.remove("p", "pr:2");
  expect((await store.readings.list("p")).map(({ subject }) => subject)).toEqual(["issue:1"]);
  expect(await store.readings.list("other")).toHaveLength(1);
});

it("what was asked for at a head stays when another process reads the item, and says nothing of the next head", async () => {
  const { store } = await temporaryStore();
  const ciRefreshes = { used: 1, lastAt: 3, failed: [7] };
  const stored = { itemUpdatedAt: 1, isSettled: true, readAt: 2, headSeenAt: 1, reading: { headSha: "a" } };
  const kept = async () => (await store.readings.list("p"))[0]?.stored;
  await store.readings.put("p", "pr:2", { ...stored, ciRefreshes, peopleAskedAt: "a" });
  await store.readings.put("p", "pr:2", { ...stored, readAt: 9 });
  expect(await kept()).toEqual({ ...stored, readAt: 9, ciRefreshes, peopleAskedAt: "a" });
  await store.readings.put("p", "pr:2", { ...stored, reading: { headSha: "b" } });
  expect(await kept()).toEqual({ ...stored, reading: { headSha: "b" } });
});

it("a permission is kept per login, with when it was checked last", async () => {
  const { store } = await temporaryStore();
  await store.permissions.put("p", { login: "bob", level: "write", checkedAt: 1 });
  await store.permissions.put("p", { login: "ann", level: "read", checkedAt: 1 });
  await store.permissions.put("p", { login: "bob", level: "none", checkedAt: 2 });
  expect(await store.permissions.list("p")).toEqual([
    { login: "ann", level: "read", checkedAt: 1 },
    { login: "bob", level: "none", checkedAt: 2 },
  ]);
  expect(await store.permissions.list("other")).toEqual([]);
});

it("a pause keeps who began it and when, takes a new reason, and is logged to its end", async () => {
  const clock = new ManualClock();
  const { store } = await temporaryStore({ clock });
  const at = clock.now();
  expect(await store.pauses.set({ scope: "p", actor: "ann", reason: "release" })).toBe(true);
  clock.advance(1000);
  expect(await store.pauses.set({ scope: "p", actor: "bob", reason: "release" })).toBe(false);
  expect(await store.pauses.set({ scope: "p", actor: "bob", reason: "still releasing" })).toBe(false);
  expect(await store.pauses.set({ scope: "*", actor: "ann", reason: "" })).toBe(true);
  expect(await store.pauses.list()).toEqual([
    { scope: "*", actor: "ann", reason: "", at: at + 1000 },
    { scope: "p", actor: "ann", reason: "still releasing", at },
  ]);
  expect(await store.pauses.clear("p", "bob")).toBe(true);
  expect(await store.pauses.clear("p", "bob")).toBe(false);
  expect((await store.pauses.list()).map(({ scope }) => scope)).toEqual(["*"]);
  const logged = (await store.events.list({})).map(({ kind, actor, profileId, body }) => [
    kind,
    actor,
    profileId,
    body,
  ]);
  expect(logged).toEqual([
    ["profile-paused", "ann", "p", { scope: "p", reason: "release" }],
    ["profile-paused", "bob", "p", { scope: "p", reason: "still releasing" }],
    ["profile-paused", "ann", null, { scope: "*", reason: "" }],
    ["profile-resumed", "bob", "p", { scope: "p", reason: "still releasing" }],
  ]);
});

it("what the checks said of a base commit is kept per profile and commit, and logged", async () => {
  const clock = new ManualClock();
  const { store } = await temporaryStore({ clock });
  const baseline = { profileId: "p", sha: "abc", passed: false, summary: "2 failed" };
  await store.baselines.put(baseline, "runtime");
  clock.advance(1000);
  await store.baselines.put({ ...baseline, passed: true, summary: "" }, "runtime");
  expect(await store.baselines.get("p", "abc")).toEqual({
    ...baseline,
    passed: true,
    summary: "",
    checkedAt: clock.now(),
  });
  expect(await store.baselines.get("p", "def")).toBeNull();
  expect(await store.baselines.get("other", "abc")).toBeNull();
  expect(await store.events.list({ profileId: "p" })).toMatchObject([
    { kind: "baseline.checked", actor: "runtime", body: { sha: "abc", passed: false, summary: "2 failed" } },
    { kind: "baseline.checked", body: { passed: true } },
  ]);
});

it("a worktree is planned before it is made, and its path is free again only when it was seen gone", async () => {
  const { store } = await temporaryStore();
  const row = { path: "/w/s1", profileId: "p", sessionId: "s1", baseSha: "abc" };
  expect(await store.worktrees.plan(row)).toMatchObject({ ...row, state: "planned", rescueRef: null });
  await store.worktrees.setState("/w/s1", "ready");
  await expect(store.worktrees.plan({ ...row, sessionId: "s2" })).rejects.toThrow("another session's folder");
  await store.worktrees.setState("/w/s1", "retiring", "refs/rescue/s1");
  await store.worktrees.setState("/w/s1", "gone");
  expect(await store.worktrees.list({ states: ["gone"] })).toMatchObject([{ rescueRef: "refs/rescue/s1" }]);
  expect(await store.worktrees.list({ profileId: "p", states: ["planned", "ready", "retiring"] })).toEqual([]);
  expect(await store.worktrees.plan({ ...row, sessionId: "s2" })).toMatchObject({ sessionId: "s2", rescueRef: null });
  await expect(store.worktrees.setState("/w/unknown", "gone")).rejects.toThrow("not in the store");
});

it("a runtime's row is put, replaced and removed", async () => {
  const { store } = await temporaryStore();
  const runtime = {
    id: "r",
    process: { pid: 7, startedMark: "m" },
    host: "h",
    version: "0.1.0",
    profileIds: ["p"],
    startedAt: 1,
    heartbeatAt: 1,
    state: "starting",
    lastTick: null,
  } as const;
  await store.runtimes.put(runtime);
  await store.runtimes.put({ ...runtime, state: "ready", lastTick: { held: 2 } });
  expect(await store.runtimes.list()).toEqual([{ ...runtime, state: "ready", lastTick: { held: 2 } }]);
  await store.runtimes.remove("r");
  expect(await store.runtimes.list()).toEqual([]);
});

it("tasks are listed by their ids in one look-up of just those", async () => {
  const statements: RecordedStatement[] = [];
  const { store, path } = await temporaryStore({ onStatement: (sql, params) => statements.push({ sql, params }) });
  for (let n = 0; n < 4; n += 1) await store.tasks.enqueue({ queue: "q" }, "test");
  await store.tasks.cancel(3, "test", "r");
  statements.length = 0;
  const found = await store.tasks.list({ ids: [4, 3, 2, 9], states: ["queued"] });
  expect(found.map(({ id }) => id)).toEqual([2, 4]);
  expect(statements).toHaveLength(1);
  expect(queryPlans(path, statements)).toContain("SEARCH tasks USING INTEGER PRIMARY KEY (rowid=?)");
});
