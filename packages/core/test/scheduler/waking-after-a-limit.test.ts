import { expect, it } from "vitest";
import { probeMs } from "../../src/decide/provider/decide-proven.ts";
import { type Provider, type ProviderRules, type Quota, tick } from "../../src/index.ts";
import { served } from "../support/snapshots.ts";
import { World } from "./simulated-world.ts";

const minute = 60_000;
const many = 30;
const wide = { workers: many, launchesPerTick: many };
const numbers = Array.from({ length: many }, (_, index) => index + 1);

/** Thirty sessions at once, all of which meet the same limit. */
async function pausedWorld(endsAt: (now: number) => number | null) {
  const world = await World.make();
  const runtime = world.runtime("r1", {}, wide);
  const resetAt = endsAt(world.clock.now());
  world.fate = () => ({
    lastsMs: 20_000,
    ending: { exitReason: "failed", failureReason: "usage-limit", retryAt: resetAt },
  });
  for (const number of numbers) world.addIssue(number);
  await world.live(runtime, minute);
  expect(world.launches).toBe(many);
  return { world, runtime };
}

/** Agents' sessions that were launched so far. */
const started = async (world: World) =>
  (await world.store.sessions.list({})).filter(({ kind }) => kind === "agent").length;

it("thirty items that one limit paused start none before it ends and one after, and the others when that one gets on", async () => {
  const { world, runtime } = await pausedWorld((now) => now + 60 * minute);
  const [limit] = await world.store.quotas.list();
  expect(limit).toMatchObject({ scope: "shell/shell/*/usage", hits: 1 });
  const tasks = await world.store.tasks.list({ queue: "demo" });
  expect(tasks.map(({ attempts, state }) => `${state} ${attempts}`)).toEqual(numbers.map(() => "queued 0"));
  expect(await world.store.tasks.slotsHeld()).toEqual(new Map());

  await world.live(runtime, 6 * minute);
  await world.pass(48 * minute);
  await world.live(runtime, minute);
  expect(await started(world)).toBe(many);
  expect(await world.heldBecause(7)).toBe("provider-cooldown");
  await world.pass((limit?.resetAt ?? 0) - world.clock.now());

  // The first tick after it: one of them tries it out, and goes on for as long as a probe may take.
  world.fate = () => ({ lastsMs: 10 * minute });
  await world.live(runtime, probeMs - 10_000);
  expect(await started(world)).toBe(many + 1);
  const reasons = await Promise.all(numbers.map((number) => world.heldBecause(number)));
  expect(reasons.filter((reason) => reason === "provider-probing")).toHaveLength(many - 1);

  await world.live(runtime, minute);
  expect(await started(world)).toBe(many + many);
  expect(await world.store.quotas.list()).toEqual([]);
});

it("a probe that meets the limit again is alone: the others wait on, twice as long and longer where no time is named", async () => {
  const { world, runtime } = await pausedWorld(() => null);
  const waits: number[] = [];
  for (const [round, minutes] of [5, 15, 30].entries()) {
    const [limit] = await world.store.quotas.list();
    if (!limit) throw new Error("the limit is gone");
    expect(limit).toMatchObject({ source: "guess", hits: round + 1 });
    waits.push((limit.resetAt - limit.seenAt) / minute);
    expect(Math.round((limit.resetAt - limit.seenAt) / minute)).toBeLessThanOrEqual(minutes);
    await world.live(runtime, limit.resetAt - world.clock.now() - 5_000);
    expect(await started(world)).toBe(many + round);
    await world.pass(limit.resetAt - world.clock.now());
    await world.live(runtime, minute);
    expect(await started(world)).toBe(many + round + 1);
  }
  expect(waits.toSorted((a, b) => a - b)).toEqual(waits);
  const tasks = await world.store.tasks.list({ queue: "demo" });
  expect(new Set(tasks.map(({ attempts }) => attempts))).toEqual(new Set([0]));
});

it("a session that ends well lets the others go at once, in every profile of the host", async () => {
  const world = await World.make();
  const profiles = ["demo", "other"];
  const [first, second] = profiles.map((id) => world.runtime(`r-${id}`, {}, wide, { profiles: [id] }));
  if (!first || !second) throw new Error("no runtimes");
  const resetAt = world.clock.now() + 30 * minute;
  world.fate = () => ({
    lastsMs: 5_000,
    ending: { exitReason: "failed", failureReason: "auth-401", retryAt: resetAt },
  });
  world.addIssue(1);
  await world.live(first, minute);
  for (const number of [2, 3]) world.addIssue(number);
  for (const number of [11, 12, 13]) world.forgeOf("other").addIssue(number);
  await world.pass(resetAt - world.clock.now());
  world.fate = () => ({ lastsMs: 40_000 });
  await world.live(second, 30_000);
  await world.live(first, 5_000);
  expect(await started(world)).toBe(2);
  expect((await world.store.decisions.list("demo")).map(({ reason }) => reason)).toEqual(
    Array.from({ length: 3 }, () => "provider-probing"),
  );
  await world.live(second, 2 * minute);
  expect(await world.store.quotas.list()).toEqual([]);
  await world.live(first, 5 * minute);
  await world.live(second, 5 * minute);
  expect(world.pulls).toHaveLength(3);
  expect(world.forgeOf("other").pulls).toHaveLength(3);
});

const [main, spare]: readonly [Provider, Provider] = [
  { ...served("claude"), model: "opus", account: "main", pool: "main" },
  { ...served("codex"), pool: "spare" },
];
const providers: ProviderRules = { usual: [main, spare], lanes: {}, rules: [], models: { big: [main] }, ownModels: {} };

it("what one provider's limit stops goes on with the next of the pool, and what asks for that provider alone waits", async () => {
  const world = await World.make();
  const runtime = world.runtime("r1", { providers }, wide);
  const resetAt = world.clock.now() + 60 * minute;
  world.fate = ({ backend }) =>
    backend === "claude"
      ? { lastsMs: 5_000, ending: { exitReason: "failed", failureReason: "provider-quota-limit", retryAt: resetAt } }
      : { lastsMs: 5_000 };
  world.addIssue(1);
  world.addIssue(2, { labels: ["agent-ready", "agent-model:big"] });
  world.addIssue(3, { labels: ["agent-ready", "agent-model:huge"] });
  await world.live(runtime, 5 * minute);
  const sessions = (await world.store.sessions.list({})).filter(({ kind }) => kind === "agent");
  expect(
    sessions.map((each) => `${each.subject} ${each.backend} ${each.model} ${each.account} ${each.pool}`).sort(),
  ).toEqual(["issue:1 claude opus main main", "issue:1 codex null codex spare", "issue:2 claude opus main main"]);
  expect(world.pulls).toHaveLength(1);
  const held = new Map((await world.store.decisions.list("demo")).map((each) => [each.subject, each]));
  expect(held.get("issue:2")).toMatchObject({
    reason: "provider-cooldown",
    detail: `claude with opus as main until ${new Date(resetAt).toISOString()} (provider-quota-limit)`,
  });
  expect(held.get("issue:3")).toMatchObject({
    reason: "model-unknown",
    detail: "label agent-model:huge; the profile names big",
  });
});

it("a limit on one model holds what asks for that model by whatever name the program calls it", async () => {
  const world = await World.make();
  const alone: ProviderRules = { usual: [main], lanes: {}, rules: [], models: {}, ownModels: {} };
  const runtime = world.runtime("r1", { providers: alone }, wide);
  const resetAt = world.clock.now() + 60 * minute;
  world.fate = () => ({
    lastsMs: 5_000,
    model: "opus-2026-01-01",
    ending: { exitReason: "failed", failureReason: "provider-quota-limit", retryAt: resetAt },
  });
  world.addIssue(1);
  await world.live(runtime, 5 * minute);
  expect(await started(world)).toBe(1);
  const [session] = await world.store.sessions.list({});
  expect(session).toMatchObject({ model: "opus", servedModel: "opus-2026-01-01" });
  expect(await world.store.quotas.list()).toMatchObject([{ scope: "main/claude/opus/quota" }]);
});

it("an item that always meets a limit does not keep its provider from the others", async () => {
  const world = await World.make();
  const runtime = world.runtime("r1");
  world.fate = ({ subject }) =>
    subject === "issue:1"
      ? { lastsMs: 5_000, ending: { exitReason: "failed", failureReason: "usage-limit" } }
      : { lastsMs: 5_000 };
  world.addIssue(1);
  await world.live(runtime, minute);
  for (const number of [2, 3]) world.addIssue(number);
  await world.live(runtime, 60 * minute);
  expect(world.pulls).toHaveLength(2);
});

it("a limit that a session meets after a tick has looked keeps back what that tick was about to start", async () => {
  const world = await World.make();
  const { project } = world.runtime("r1");
  world.addIssue(1);
  const { quotas } = world.store;
  const key = { account: "shell", backend: "shell", model: "*", window: "usage" };
  const met = (_: unknown, at: number): Quota => ({
    ...{ ...key, scope: "shell/shell/*/usage", resetAt: at + minute, reason: "usage-limit", source: "structured" },
    ...{ seenAt: at, metAt: at, hits: 1 },
  });
  let looks = 0;
  const list = async () => {
    looks += 1;
    const seen = await quotas.list();
    if (looks === 1) await quotas.record(key, met, "another runtime");
    return seen;
  };
  const early = { ...project, store: { ...project.store, quotas: { ...quotas, list } } };
  expect((await tick(early, { draining: false })).launched).toBe(1);
  await world.flush();
  expect(await world.store.sessions.list({})).toEqual([]);
  expect(await quotas.clear("shell/shell/*/usage", "test")).toMatchObject({ reason: "usage-limit" });
  await tick(early, { draining: false });
  await world.flush();
  expect(await world.store.sessions.list({})).toHaveLength(1);
});

it("the reset of a five-hour limit does not lift the weekly one of the same account", async () => {
  const world = await World.make();
  const runtime = world.runtime("r1");
  const [soon, week] = [world.clock.now() + 60 * minute, world.clock.now() + 5 * 24 * 60 * minute];
  world.fate = ({ subject }) => {
    const [window, retryAt] = subject === "issue:1" ? (["weekly", week] as const) : (["five-hour", soon] as const);
    const limit = { window, isOfModel: false };
    return { lastsMs: 20_000, ending: { exitReason: "failed", failureReason: "usage-limit", retryAt, limit } };
  };
  for (const number of [1, 2]) world.addIssue(number);
  await world.live(runtime, 2 * minute);
  expect((await world.store.quotas.list()).map(({ scope, resetAt }) => [scope, resetAt])).toEqual([
    ["shell/shell/*/five-hour", soon],
    ["shell/shell/*/weekly", week],
  ]);
  world.fate = () => ({ lastsMs: 5_000 });
  await world.pass(70 * minute);
  await world.live(runtime, 3 * minute);
  expect(await started(world)).toBe(2);
  expect(await world.heldBecause(2)).toBe("provider-cooldown");
  await world.pass(week - world.clock.now());
  await world.live(runtime, 5 * minute);
  expect(world.pulls).toHaveLength(2);
  expect(await world.store.quotas.list()).toEqual([]);
});
