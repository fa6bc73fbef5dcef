import { describe, expect, it } from "vitest";
import { attend, tick } from "../../src/index.ts";
import { labels, type SimulatedRuntime, World } from "./simulated-world.ts";

const minute = 60_000;

/** A session whose work was verified, and of which nothing was sent yet. */
async function verified(): Promise<{ world: World; runtime: SimulatedRuntime }> {
  const world = await World.make();
  const runtime = world.runtime("r1");
  world.fate = () => ({ lastsMs: 5_000 });
  world.addIssue(1);
  for (let passed = 0; passed < 2 * minute; passed += 5_000) {
    if (passed === 0) await tick(runtime.project, { draining: false });
    else await attend(runtime.project);
    await world.flush();
    await world.stepWrappers();
    await world.pass(5_000);
  }
  expect(await world.task(1)).toMatchObject({ state: "succeeded" });
  expect(await world.store.outbox.list({ states: ["pending"] })).not.toEqual([]);
  return { world, runtime };
}

const stopped = (world: World) => world.comments.filter((body) => body.startsWith("# Stopped"));

describe("a person's act between the verification and the first write", () => {
  it("holds the work back with one comment, and taking the act back publishes it", async () => {
    const { world, runtime } = await verified();
    world.label(1, { add: [labels.hold] });
    await world.live(runtime, 3 * minute);
    expect(world.pulls).toHaveLength(0);
    expect(world.forge.branches.size).toBe(1);
    expect(stopped(world)).toHaveLength(1);
    expect(await world.heldBecause(1)).toBe("held");
    world.label(1, { remove: [labels.hold] });
    await world.live(runtime, 3 * minute);
    expect(world.pulls).toHaveLength(1);
    expect(world.launches).toBe(2);
  });

  it("voids the work for good when it is an edit, and works the issue as it is now", async () => {
    const { world, runtime } = await verified();
    world.changeIssue(1, () => ({ body: "something else" }));
    await world.live(runtime, 10 * minute);
    expect(world.pulls).toHaveLength(1);
    expect(stopped(world)).toHaveLength(1);
    expect(world.launches).toBe(4);
    const dropped = await world.store.outbox.list({ states: ["dropped"] });
    expect(dropped.map(({ kind }) => kind)).toContain("push-branch");
  });
});
