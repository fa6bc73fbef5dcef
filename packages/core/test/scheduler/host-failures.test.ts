import { expect, it } from "vitest";
import { ForgeError } from "../../src/index.ts";
import { labels, type SimulatedRuntime, World } from "./simulated-world.ts";

const minute = 60_000;
const hour = 60 * minute;

async function events(world: World): Promise<number> {
  return (await world.store.events.list({ limit: 100_000 })).length;
}

/** What may pile up in an hour in which nothing works: a few dozen lines, not thousands. */
async function expectQuiet(world: World, runtime: SimulatedRuntime): Promise<void> {
  const before = await events(world);
  const said = runtime.errors.length;
  await world.live(runtime, hour);
  expect((await events(world)) - before).toBeLessThan(150);
  expect(runtime.errors.length - said).toBeLessThan(40);
}

for (const fault of ["fetch", "create", "launch", "wrapper"] as const) {
  it(`launches ever less often while "${fault}" keeps failing, and costs the task no attempt`, async () => {
    const world = await World.make();
    const runtime = world.runtime("r1");
    world.addIssue(1);
    world.faults[fault] = true;
    await world.live(runtime, 2 * hour);
    const claims = (await world.store.events.list({ limit: 100_000 })).filter((one) => one.kind === "task.claimed");
    expect(claims.length).toBeLessThan(16);
    expect(await world.task(1)).toMatchObject({ attempts: 0 });
    await expectQuiet(world, runtime);
    world.faults[fault] = false;
    await world.live(runtime, 2 * hour);
    expect(world.pulls).toHaveLength(1);
    expect(world.folders.size).toBe(0);
  });
}

it("does not fill the log while a worktree refuses to go", async () => {
  const world = await World.make();
  const runtime = world.runtime("r1");
  world.faults.retire = true;
  world.addIssue(1);
  await world.live(runtime, 5 * minute);
  expect(world.pulls).toHaveLength(1);
  await expectQuiet(world, runtime);
  world.faults.retire = false;
  await world.live(runtime, 20 * minute);
  expect(world.folders.size).toBe(0);
});

it("gives work that can never be collected back to a person instead of keeping its worker for ever", async () => {
  const world = await World.make();
  const runtime = world.runtime("r1", { maxAttempts: 1 });
  world.faults.collect = true;
  world.addIssue(1);
  await world.live(runtime, 2 * hour);
  expect(await world.task(1)).toMatchObject({ state: "dead" });
  expect(world.comments.join()).toContain("disk full");
});

it("concludes an attempt that publishes nothing while the forge is away", async () => {
  const world = await World.make();
  const runtime = world.runtime("r1");
  world.fate = () => ({ lastsMs: 20_000, ending: { exitReason: "failed" } });
  world.addIssue(1);
  await world.live(runtime, 15_000);
  world.faults.forge = "unreachable";
  await world.live(runtime, 2 * minute);
  expect(await world.task(1)).toMatchObject({ state: "scheduled", attempts: 1, reason: "worker-exit-failed" });
});

it("says that a result is stuck when the forge refused to take it", async () => {
  const world = await World.make();
  const runtime = world.runtime("r1");
  world.faults.refuse = ["push-branch"];
  world.addIssue(1);
  await world.live(runtime, 5 * minute);
  expect(world.pulls).toHaveLength(0);
  expect(await world.heldBecause(1)).toBe("publish-failed");
});

it("does not work a blocked issue again because its blocked label could not be set", async () => {
  const world = await World.make();
  const runtime = world.runtime("r1");
  const blocked = {
    kind: "valid",
    outcome: "blocked",
    detail: "no access",
    title: null,
    body: null,
    commitMessage: null,
    failureReason: null,
  } as const;
  world.fate = () => ({ lastsMs: 5_000, contract: blocked });
  world.faults.refuse = ["add-labels"];
  world.addIssue(1);
  await world.live(runtime, hour);
  expect(world.launches).toBe(1);
  expect(world.issues.get(1)?.labels).toEqual([labels.ready]);
});

it("keeps the attempts of a task that waits while the forge does not say who opted in", async () => {
  const world = await World.make();
  const runtime = world.runtime("r1");
  world.fate = () => ({ lastsMs: 5_000, ending: { exitReason: "failed" } });
  world.addIssue(1);
  await world.live(runtime, 2 * minute);
  const first = await world.task(1);
  expect(first).toMatchObject({ state: "scheduled", attempts: 1 });
  const readIssue = () => Promise.reject(new ForgeError("refused", "no answer"));
  const silent = new Proxy(runtime.project.source, {
    get: (target, name, receiver) => (name === "readIssue" ? readIssue : Reflect.get(target, name, receiver)),
  });
  const project = { ...runtime.project, source: silent };
  world.changeIssue(1, () => ({}));
  await world.live({ ...runtime, project }, hour);
  expect(await world.task(1)).toMatchObject({ id: first?.id, attempts: 1, state: "scheduled" });
  expect(await world.heldBecause(1)).toBe("details-unread");
});
