import { expect, it } from "vitest";
import { World } from "./simulated-world.ts";

const minute = 60_000;

it("a limit that one session met keeps back the launches of every profile on that backend, and of no other, until it ends", async () => {
  const world = await World.make();
  const met = world.runtime("r1", { backend: "codex" });
  const same = world.runtime("r2", { backend: "codex" }, {}, { profiles: ["same"] });
  const other = world.runtime("r3", { backend: "claude" }, {}, { profiles: ["other"] });
  const endsAt = world.clock.now() + 60 * minute;
  world.fate = () => ({
    lastsMs: 5_000,
    ending: { exitReason: "failed", failureReason: "provider-quota-limit", retryAt: endsAt },
  });
  world.addIssue(1);
  await world.live(met, minute);
  expect(await world.store.quotas.list()).toMatchObject([
    { scope: "codex/codex/default/quota", resetAt: endsAt, source: "structured", hits: 1 },
  ]);

  world.fate = () => ({ lastsMs: 5_000 });
  world.addIssue(2);
  for (const profile of ["same", "other"]) world.forgeOf(profile).addIssue(3);
  const before = world.launches;
  await world.live(met, minute);
  await world.live(same, minute);
  expect(world.launches).toBe(before);
  expect(await world.heldBecause(2)).toBe("provider-cooldown");
  expect(await world.store.decisions.list("same")).toMatchObject([{ reason: "provider-cooldown" }]);
  await world.live(other, 5 * minute);
  expect(world.forgeOf("other").pulls).toHaveLength(1);

  await world.pass(endsAt - world.clock.now() + minute);
  await world.live(met, 5 * minute);
  await world.live(same, 5 * minute);
  expect(world.pulls).toHaveLength(2);
  expect(world.forgeOf("same").pulls).toHaveLength(1);
});
