import { expect, it } from "vitest";
import { labels, World } from "./simulated-world.ts";

const minute = 60_000;

it.each([
  ["blocked", labels.blocked],
  ["hold", labels.hold],
])(
  "a %s label that a person sets on a running issue stops the run and stays until a person takes it off",
  async (_, label) => {
    const world = await World.make();
    const runtime = world.runtime("r1");
    world.fate = () => ({ lastsMs: 20 * minute });
    world.addIssue(1);
    await world.live(runtime, 30_000);
    expect(world.trees()).toHaveLength(1);
    world.label(1, { add: [label, "a-person's-own"] });
    await world.live(runtime, 30 * minute);
    expect(world.trees()).toHaveLength(0);
    expect(world.issues.get(1)?.labels).toEqual([labels.ready, label, "a-person's-own"]);
    expect(world.pulls).toHaveLength(0);
    world.fate = () => ({ lastsMs: minute });
    world.label(1, { remove: [label] });
    await world.live(runtime, 10 * minute);
    expect(world.pulls).toHaveLength(1);
    expect(world.issues.get(1)?.labels).toEqual([labels.ready, "a-person's-own"]);
  },
);
