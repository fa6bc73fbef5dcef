import { expect, it } from "vitest";
import { Runtime } from "../../src/index.ts";
import { World } from "./simulated-world.ts";

/** A runtime that ticks every two minutes; the instants of its ticks, from its start. */
async function ticking() {
  const world = await World.make();
  const one = world.runtime("r1");
  const from = world.clock.now();
  const ticks: number[] = [];
  const asked = new Set<string>();
  const source = new Proxy(one.project.source, {
    get(target, name, receiver) {
      if (ticks.at(-1) !== world.clock.now() - from) ticks.push(world.clock.now() - from);
      const found: unknown = Reflect.get(target, name, receiver);
      return typeof found === "function" ? found.bind(target) : found;
    },
  });
  const project = { ...one.project, source, intervalMs: 120_000 };
  const runtime = new Runtime({
    ...{ id: one.project.runtimeId, process: { pid: 1, startedMark: "x" }, host: "h", version: "0" },
    ...{ store: world.store, clock: world.clock, log: one.project.log, jobs: one.jobs },
    ...{ projects: () => [project], deliver: async () => {}, attendMs: 1_000, drainMs: () => 0 },
    asked: (ids) => {
      const taken = new Set(ids.filter((id) => asked.has(id)));
      for (const id of taken) asked.delete(id);
      return taken;
    },
  });
  const running = runtime.run(() => {});
  return {
    ticks,
    ask: (id = one.project.profileId) => asked.add(id),
    async pass(seconds: number) {
      for (let second = 0; second < seconds; second += 1) await world.pass(1_000);
    },
    async stop() {
      runtime.stop("keep");
      await world.pass(1_000);
      await running;
    },
  };
}

it("ticks at once when it is asked, and goes on at its interval from there", async () => {
  const { ticks, ask, pass, stop } = await ticking();
  await pass(30);
  ask();
  await pass(130);
  expect(ticks).toEqual([1_000, 31_000, 151_000]);
  await stop();
});

it("ticks as soon as five seconds have passed when it is asked right after a tick, once for however many asked", async () => {
  const { ticks, ask, pass, stop } = await ticking();
  await pass(1);
  for (let n = 0; n < 4; n += 1) {
    ask();
    await pass(1);
  }
  await pass(20);
  expect(ticks).toHaveLength(2);
  expect(ticks[1]).toBeGreaterThanOrEqual(5_000);
  expect(ticks[1]).toBeLessThan(8_000);
  await stop();
});

it("leaves the others alone", async () => {
  const { ticks, ask, pass, stop } = await ticking();
  await pass(10);
  ask("another");
  await pass(30);
  expect(ticks).toHaveLength(1);
  await stop();
});
