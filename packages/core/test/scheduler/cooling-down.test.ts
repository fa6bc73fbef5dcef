import { expect, it } from "vitest";
import { World } from "./simulated-world.ts";

const minute = 60_000;

it("a provider's limit that one session met keeps every launch on that backend back until it ends", async () => {
  const world = await World.make();
  const runtime = world.runtime("r1");
  const retryAt = world.clock.now() + 40 * minute;
  world.fate = () => ({
    lastsMs: 10_000,
    ending: { exitReason: "failed", failureReason: "provider-quota-limit", retryAt },
  });
  world.addIssue(1);
  await world.live(runtime, 2 * minute);
  expect(world.launches).toBe(1);
  expect(await world.task(1)).toMatchObject({ attempts: 0 });
  world.fate = () => ({ lastsMs: 10_000 });
  world.addIssue(2);
  await world.live(runtime, 10 * minute);
  expect(await world.heldBecause(2)).toBe("provider-cooldown");
  expect(world.launches).toBe(1);
  await world.live(world.runtime("another"), 10 * minute);
  expect(world.launches).toBe(1);
  await world.live(runtime, 40 * minute);
  expect(world.pulls).toHaveLength(2);
});
