import { expect, it } from "vitest";
import { tick } from "../../src/index.ts";
import { bot } from "./simulated-forge.ts";
import { Crash, labels, type SimulatedRuntime, World } from "./simulated-world.ts";

const minute = 60_000;

/** An issue that a runtime knew, closed while nobody looked, with our label still on it. */
async function closedWhileAway() {
  const world = await World.make();
  const before = world.runtime("before");
  world.addIssue(1, { labels: [labels.ready, labels.hold] });
  await world.live(before, 30_000);
  before.life.dead = true;
  world.forge.label(1, { add: [labels.running] }, bot);
  world.changeIssue(1, () => ({ state: "closed" }));
  return world;
}

const known = async (world: World) => (await world.store.readings.list("demo")).map(({ subject }) => subject);
const labelsOf = (world: World) => world.issues.get(1)?.labels;
const rows = (world: World) => world.store.outbox.list({ profileId: "demo" });

async function tickUntilItDies({ project }: SimulatedRuntime): Promise<void> {
  await expect(tick(project, { draining: false })).rejects.toThrow("the runtime is dead");
}

const dies = () => Promise.reject(new Crash("the runtime is dead"));

it("takes our label off what was closed while nobody looked, leaves people's, and forgets it then", async () => {
  const world = await closedWhileAway();
  expect(await known(world)).toEqual(["issue:1"]);
  await world.live(world.runtime("after"), minute);
  expect(labelsOf(world)).toEqual([labels.ready, labels.hold]);
  expect(await known(world)).toEqual([]);
});

it("saves the effects first: killed before it forgets, it has them once, and the next runtime forgets", async () => {
  const world = await closedWhileAway();
  const first = world.runtime("first");
  first.project.known.forget = dies;
  await tickUntilItDies(first);
  expect(await rows(world)).toMatchObject([{ kind: "remove-labels", state: "pending" }]);
  expect(await known(world)).toEqual(["issue:1"]);
  await world.live(world.runtime("next"), 2 * minute);
  expect(await rows(world)).toMatchObject([{ kind: "remove-labels", state: "sent" }]);
  expect(labelsOf(world)).toEqual([labels.ready, labels.hold]);
  expect(await known(world)).toEqual([]);
});

it("killed before its effects are saved, it has forgotten nothing, and the next runtime has them", async () => {
  const world = await closedWhileAway();
  const first = world.runtime("first");
  const { store } = first.project;
  const project = { ...first.project, store: { ...store, outbox: { ...store.outbox, enqueue: dies } } };
  await tickUntilItDies({ ...first, project });
  expect([await rows(world), await known(world)]).toEqual([[], ["issue:1"]]);
  await world.live(world.runtime("next"), minute);
  expect(labelsOf(world)).toEqual([labels.ready, labels.hold]);
});

it("items of which the forge says nothing do not keep the others from being settled", async () => {
  const world = await World.make();
  const runtime = world.runtime("r1");
  const numbers = Array.from({ length: 12 }, (_, n) => n + 1);
  for (const number of numbers) world.addIssue(number, { labels: [labels.ready, labels.hold] });
  await world.live(runtime, 30_000);
  for (const number of numbers) world.changeIssue(number, () => ({ state: "closed" }));
  const { issue } = runtime.project.source;
  const silent = new Proxy(runtime.project.source, {
    get: (target, name, receiver) =>
      name !== "issue"
        ? Reflect.get(target, name, receiver)
        : async (number: number) => (number <= 6 ? { kind: "unknown", because: "no answer" } : issue(number)),
  });
  const project = { ...runtime.project, source: silent };
  await world.live({ ...runtime, project }, 5 * minute);
  expect(await known(world)).toEqual(numbers.filter((number) => number <= 6).map((number) => `issue:${number}`));
});
