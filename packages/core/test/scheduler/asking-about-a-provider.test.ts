import { expect, it } from "vitest";
import { LaunchRefused } from "../../src/errors.ts";
import { World } from "./simulated-world.ts";

const minute = 60_000;
const wide = { workers: 30, launchesPerTick: 30 };
const refusals = (world: World) => world.comments.filter((text) => text.includes("the provider refuses"));

it("a login that is refused is told of once for all that waits, each hold names the fix, and it is told again when it is met anew", async () => {
  const world = await World.make();
  const runtime = world.runtime("r1", {}, wide);
  world.fate = () => ({ lastsMs: 5_000, ending: { exitReason: "failed", failureReason: "auth-401" } });
  for (let number = 1; number <= 12; number += 1) world.addIssue(number);
  await world.live(runtime, 5 * minute);
  expect(refusals(world)).toEqual([expect.stringContaining("11 other items")]);
  expect(refusals(world)[0]).toContain('then "acp quota clear shell/shell/*/login"');
  const held = await world.store.decisions.list("demo");
  expect(held.map(({ reason }) => reason)).toEqual(held.map(() => "provider-needs-person"));
  expect(held[7]?.detail).toMatch(/^shell: auth-401, .*; log in anew.* "acp quota clear shell\/shell\/\*\/login"$/);

  // Tried again and again, and by another runtime: the same cause.
  for (const hours of [1, 2, 3]) {
    await world.pass(60 * minute);
    await world.live(hours === 2 ? world.runtime("r2", {}, wide) : runtime, 5 * minute);
  }
  expect(refusals(world)).toHaveLength(1);
  const events = await world.store.events.list({});
  expect(events.filter(({ kind }) => kind === "provider.needs-person")).toHaveLength(1);

  await world.store.quotas.clear("shell/shell/*/login", "ann");
  await world.live(runtime, 5 * minute);
  expect(refusals(world)).toHaveLength(2);
});

it("a model that is not there is asked about when it is still so at the next try, and a limit that ends by itself never", async () => {
  const world = await World.make();
  const runtime = world.runtime("r1");
  world.fate = () => ({ lastsMs: 5_000, ending: { exitReason: "failed", failureReason: "model-unavailable" } });
  world.addIssue(1);
  await world.live(runtime, 2 * minute);
  expect(await world.heldBecause(1)).toBe("provider-cooldown");
  await world.pass(5 * minute);
  await world.live(runtime, 2 * minute);
  expect(await world.heldBecause(1)).toBe("provider-needs-person");
  expect(refusals(world)).toHaveLength(1);

  const other = await World.make();
  other.fate = () => ({ lastsMs: 5_000, ending: { exitReason: "failed", failureReason: "usage-limit" } });
  other.addIssue(1);
  const its = other.runtime("r1");
  for (let tries = 0; tries < 3; tries += 1) {
    await other.live(its, 2 * minute);
    await other.pass(60 * minute);
  }
  expect(refusals(other)).toEqual([]);
});

it("a login that is not there when a session is to start uses up no attempt, and a person hears of it", async () => {
  const world = await World.make();
  const runtime = world.runtime("r1", {}, wide);
  const { project } = runtime;
  const launchAgent = () => {
    throw new LaunchRefused("auth-failure", "There is no login at /gone");
  };
  const missing = { ...runtime, project: { ...project, runner: { ...project.runner, launchAgent } } };
  for (const number of [1, 2, 3]) world.addIssue(number);
  await world.live(missing, 3 * minute);
  expect(await world.store.quotas.list()).toMatchObject([{ reason: "auth-failure", window: "login" }]);
  const tasks = await world.store.tasks.list({ queue: "demo" });
  expect(tasks.map(({ attempts, state }) => `${state} ${attempts}`)).toEqual(Array(3).fill("queued 0"));
  expect(refusals(world)).toHaveLength(1);
  await world.store.quotas.clear("shell/shell/*/login", "ann");
  world.fate = () => ({ lastsMs: 5_000 });
  await world.live(runtime, 5 * minute);
  expect(world.pulls).toHaveLength(3);
});
