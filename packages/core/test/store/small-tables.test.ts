import { ManualClock, temporaryStore } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import type { StoredDecision } from "../../src/index.ts";

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

it("an opt-in is kept per item and label", async () => {
  const { store } = await temporaryStore();
  const optIn = {
    profileId: "p",
    subject: "issue:1",
    label: "agent-ready",
    itemUpdatedAt: 1,
    actor: "ann",
    permission: "write",
    trusted: true,
  };
  await store.optIns.put(optIn);
  await store.optIns.put({ ...optIn, itemUpdatedAt: 2, trusted: false });
  expect(await store.optIns.list("p")).toEqual([{ ...optIn, itemUpdatedAt: 2, trusted: false }]);
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
