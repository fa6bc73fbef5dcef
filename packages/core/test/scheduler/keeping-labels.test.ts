import { expect, it } from "vitest";
import { labelSpecs } from "../../src/decide/label-specs.ts";
import { LabelRounds } from "../../src/scheduler/keep-labels.ts";
import { policy } from "../support/snapshots.ts";
import { World } from "./simulated-world.ts";

const hour = 3_600_000;

/** A repository whose labels are those of `names`, and what is asked of it. */
async function repository(names: readonly string[], over: { canPush?: boolean; fails?: () => boolean } = {}) {
  const world = await World.make();
  const { project: base, jobs } = world.runtime("r1");
  const there = new Set(names);
  const looks: number[] = [];
  const project = {
    ...base,
    source: {
      ...base.source,
      repository: async () => ({ defaultBranch: "main", canPush: over.canPush ?? true }),
      labelNames: async () => {
        looks.push(world.clock.now());
        if (over.fails?.()) throw new Error("away");
        return [...there];
      },
    },
  };
  const round = async (rounds: LabelRounds) => {
    rounds.start(project);
    await jobs.settled();
  };
  const rows = async () => (await world.store.outbox.list({})).filter(({ kind }) => kind === "create-label");
  const asked = async () => (await rows()).map(({ body }) => (body as { readonly name: string }).name);
  return { world, project, there, looks, round, asked };
}

const all = labelSpecs(policy()).map(({ name }) => name);

it("asks for the labels that are missing, in whatever case the others are spelled", async () => {
  const there = all.filter((name) => name !== "agent-hold" && name !== "smoke-ok").map((name) => name.toUpperCase());
  const { round, asked } = await repository(there);
  await round(new LabelRounds());
  expect(await asked()).toEqual(["agent-hold", "smoke-ok"]);
});

it("looks once, and again after six hours", async () => {
  const { world, round, looks } = await repository(all);
  const rounds = new LabelRounds();
  for (const afterMs of [0, 30_000, 5 * hour, hour, 30_000]) {
    world.clock.advance(afterMs);
    await round(rounds);
  }
  expect(looks.map((at) => (at - (looks[0] ?? 0)) / hour)).toEqual([0, 6 + 30_000 / hour]);
});

it("asks once for what two daemons miss on one day, and again on a later day", async () => {
  const { world, there, round, asked } = await repository(all);
  there.delete("agent-hold");
  await round(new LabelRounds());
  await round(new LabelRounds());
  expect(await asked()).toEqual(["agent-hold"]);
  world.clock.advance(24 * hour);
  await round(new LabelRounds());
  expect(await asked()).toEqual(["agent-hold", "agent-hold"]);
});

it("asks for nothing where we may not write", async () => {
  const { round, asked, looks } = await repository([], { canPush: false });
  await round(new LabelRounds());
  expect(looks).toHaveLength(1);
  expect(await asked()).toEqual([]);
});

it("tries again after a failure, when the job has rested", async () => {
  let isAway = true;
  const { world, round, asked, looks } = await repository([], { fails: () => isAway });
  const rounds = new LabelRounds();
  await round(rounds);
  isAway = false;
  await round(rounds);
  expect(looks).toHaveLength(1);
  world.clock.advance(10_000);
  await round(rounds);
  expect(await asked()).toEqual(all);
});
