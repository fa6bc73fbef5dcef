import { expect, it } from "vitest";
import { Runtime, type RuntimeOptions } from "../../src/index.ts";
import { type SimulatedRuntime, World } from "./simulated-world.ts";

const minute = 60_000;

function daemon(world: World, one: SimulatedRuntime, over: Partial<RuntimeOptions> = {}): Runtime {
  const project = { ...one.project, intervalMs: 30_000 };
  return new Runtime({
    id: one.project.runtimeId,
    process: { pid: 1, startedMark: "x" },
    host: "h",
    version: "0",
    store: world.store,
    clock: world.clock,
    log: one.project.log,
    jobs: one.jobs,
    projects: () => [project],
    deliver: () => world.deliverAll(one),
    attendMs: 1_000,
    drainMs: () => 20_000,
    ...over,
  });
}

/** Turns the clock until the runtime has left; how long that took. */
async function untilLeft(world: World, running: Promise<void>, limitMs: number): Promise<number> {
  let left = false;
  void running.then(() => {
    left = true;
  });
  const from = world.clock.now();
  while (!left && world.clock.now() - from < limitMs) {
    await world.stepWrappers();
    await world.pass(200);
  }
  return left ? world.clock.now() - from : Number.POSITIVE_INFINITY;
}

async function started(world: World, one: SimulatedRuntime, over: Partial<RuntimeOptions> = {}) {
  const runtime = daemon(world, one, over);
  const running = runtime.run(() => {});
  for (let n = 0; n < 5; n += 1) {
    await world.pass(1_000);
    await world.stepWrappers();
  }
  return { runtime, running };
}

it("ends sessions at the deadline and leaves; the attempt is given back and the label is taken off", async () => {
  const world = await World.make();
  const one = world.runtime("r1");
  world.fate = () => ({ lastsMs: 60 * minute });
  world.addIssue(1);
  const { runtime, running } = await started(world, one);
  expect(world.trees()).toHaveLength(1);
  runtime.stop("end");
  expect(await untilLeft(world, running, 10 * minute)).toBeLessThan(25_000);
  expect(world.trees()).toHaveLength(0);
  expect(await world.task(1)).toMatchObject({ state: "queued", attempts: 0 });
  expect(world.issues.get(1)?.labels).toEqual(["agent-ready"]);
});

it("starts no verification once sessions are being ended, and the next runtime goes on from there", async () => {
  const world = await World.make();
  const one = world.runtime("r1");
  world.fate = () => ({ lastsMs: 24_000 });
  world.addIssue(1);
  const { runtime, running } = await started(world, one, { drainMs: () => 1_000 });
  // Done by itself while it is asked to stop.
  const [session] = world.trees();
  runtime.stop("end");
  await world.flush();
  await world.pass(1_000);
  world.finishAgent(session?.id ?? "");
  expect(await untilLeft(world, running, 10 * minute)).toBeLessThan(10_000);
  expect(world.launches).toBe(1);
  await world.live(world.runtime("r2"), 5 * minute);
  expect(world.pulls).toHaveLength(1);
});

it("leaves although a session does not stop, and says which one", async () => {
  const world = await World.make();
  const one = world.runtime("r1");
  world.fate = () => ({ lastsMs: 60 * minute, deaf: true });
  world.addIssue(1);
  const { runtime, running } = await started(world, one);
  const [session] = world.trees();
  runtime.stop("end");
  expect(await untilLeft(world, running, 10 * minute)).toBeLessThan(70_000);
  expect(one.said.join()).toContain(session?.id);
});

it("leaves although a worktree refuses to go", async () => {
  const world = await World.make();
  const one = world.runtime("r1");
  world.fate = () => ({ lastsMs: 1_000, ending: { exitReason: "failed" } });
  world.faults.retire = true;
  world.addIssue(1);
  const { runtime, running } = await started(world, one);
  runtime.stop("end");
  expect(await untilLeft(world, running, 10 * minute)).toBeLessThan(25_000);
});

it("ends sessions at once when it is told to stop a second time", async () => {
  const world = await World.make();
  const one = world.runtime("r1");
  world.fate = () => ({ lastsMs: 60 * minute });
  world.addIssue(1);
  const { runtime, running } = await started(world, one, { drainMs: () => 60 * minute });
  runtime.stop("end");
  await world.pass(1_000);
  runtime.stop("end");
  expect(await untilLeft(world, running, 10 * minute)).toBeLessThan(10_000);
  expect(world.trees()).toHaveLength(0);
});

it("keeps sessions alive for the next runtime, which adopts them", async () => {
  const world = await World.make();
  const one = world.runtime("r1");
  world.addIssue(1);
  const { runtime, running } = await started(world, one);
  runtime.stop("keep");
  expect(await untilLeft(world, running, minute)).toBeLessThan(1_000);
  expect(world.trees()).toHaveLength(1);
  await world.live(world.runtime("r2"), 5 * minute);
  expect(world.pulls).toHaveLength(1);
  expect(world.launches).toBe(2);
});

it("ticks on when the clock is set back an hour", async () => {
  const world = await World.make();
  const one = world.runtime("r1");
  let offset = 0;
  const clock = { now: () => world.clock.now() + offset, sleep: world.clock.sleep.bind(world.clock) };
  const { runtime, running } = await started(world, one, { clock });
  offset = -60 * minute;
  world.addIssue(1);
  for (let n = 0; n < 40; n += 1) await world.pass(1_000);
  expect(await world.task(1)).toMatchObject({ state: "running" });
  runtime.stop("keep");
  await untilLeft(world, running, minute);
});

it("goes on while its own row cannot be written", async () => {
  const world = await World.make();
  const one = world.runtime("r1");
  let full = false;
  const put = async (row: Parameters<typeof world.store.runtimes.put>[0]) => {
    if (full) throw new Error("disk full");
    await world.store.runtimes.put(row);
  };
  const store = { ...world.store, runtimes: { ...world.store.runtimes, put } };
  const { runtime, running } = await started(world, one, { store });
  full = true;
  for (let n = 0; n < 40; n += 1) await world.pass(1_000);
  full = false;
  world.addIssue(1);
  for (let n = 0; n < 40; n += 1) await world.pass(1_000);
  expect(await world.task(1)).toMatchObject({ state: "running" });
  runtime.stop("keep");
  await untilLeft(world, running, minute);
});

it("tells of each pass, and of none while a forge answers nothing for ever", async () => {
  const world = await World.make();
  const one = world.runtime("r1");
  let passes = 0;
  let hangs = false;
  const source = new Proxy(one.project.source, {
    get: (target, name) => (hangs ? () => new Promise(() => {}) : Reflect.get(target, name, target)),
  });
  const runtime = daemon(world, one, {
    onPass: () => {
      passes += 1;
    },
    projects: () => [{ ...one.project, source, intervalMs: 1_000 }],
  });
  void runtime.run(() => {});
  for (let n = 0; n < 5; n += 1) await world.pass(1_000);
  expect(passes).toBeGreaterThanOrEqual(4);
  hangs = true;
  await world.pass(2_000);
  const before = passes;
  for (let n = 0; n < 60; n += 1) await world.pass(1_000);
  expect(passes).toBe(before);
});
