import { seeded } from "@agent-control-plane/testkit/seeded-random";
import { expect, it, vi } from "vitest";
import {
  attend,
  type Decision,
  defaultHostLimits,
  type Lane,
  lanes,
  type Project,
  planTick,
  tick,
} from "../../src/index.ts";
import { dice } from "./simulated-daemons.ts";
import { act, fateOf, populate } from "./simulated-people.ts";
import { type SimulatedRuntime, World } from "./simulated-world.ts";

// Thousands of steps of a simulated world: seconds on an idle machine.
vi.setConfig({ testTimeout: 300_000 });

const limits = { workers: 3, launchesPerTick: 2, scheduledWorkers: 1, recurringWorkers: 1 };
const statesOfEach = 25;
/** More by hand: ACP_SEEDS=100. */
const seeds = Array.from({ length: Number(process.env.ACP_SEEDS ?? 10) }, (_, index) => index + 1);
let launched = 0;

it.each(seeds)("plans twice the same, changes nothing by it, and the tick does just that (seed %i)", async (seed) => {
  const world = await World.make();
  const chance = dice(seeded(seed));
  world.fate = (session) => fateOf(chance, session.lane as Lane);
  populate(world.forge, chance);
  const runtime = world.runtime("r1", { lanes }, limits, { host: { ...defaultHostLimits, maxWorkers: 3 } });
  const claims: number[] = [];
  const project = watched(runtime.project, claims);
  for (let state = 0; state < statesOfEach; state += 1) {
    await somethingHappens(world, runtime, chance);
    await settled(world, runtime);
    const before = await everything(world);
    const { plan } = await planTick(project, { draining: false });
    const again = await planTick(project, { draining: false });
    expect(again.plan).toEqual(plan);
    expect(await everything(world)).toEqual(before);
    claims.length = 0;
    const tasksBefore = (await world.store.tasks.list({ queue: "demo" })).length;
    await tick(project, { draining: false });
    await settled(world, runtime);
    const recorded = await world.store.decisions.list("demo");
    expect(
      sorted(recorded.map(({ subject, lane, reason, detail, place }) => [subject, lane, reason, detail, place])),
    ).toEqual(
      sorted(plan.decisions.map((each) => [each.subject, each.lane, reasonOf(each), each.detail, placeOf(each)])),
    );
    const planned = plan.effects.flatMap((each) => ("launch" in each && each.launch !== null ? [each.subject] : []));
    const tried = await Promise.all(claims.map(async (id) => (await world.store.tasks.get(id))?.subject));
    expect(sorted(tried)).toEqual(sorted(planned));
    launched += planned.length;
    const made = (await world.store.tasks.list({ queue: "demo" })).slice(tasksBefore);
    const enqueued = plan.effects.flatMap((each) => (each.kind === "enqueue" ? [each.task.dedupeKey] : []));
    expect(made.map(({ dedupeKey }) => dedupeKey)).toEqual(enqueued);
  }
});

it("has launched something in these states", () => {
  expect(launched).toBeGreaterThan(100);
});

async function somethingHappens(world: World, runtime: SimulatedRuntime, chance: ReturnType<typeof dice>) {
  for (let turn = 0; turn < 30; turn += 1) act(world, world.forge, chance);
  const minutes = chance.pick([0, 1, 1, 3, 10]);
  for (let passed = 0; passed < minutes * 4; passed += 1) {
    await world.pass(15_000);
    await world.stepWrappers();
    await attend(runtime.project);
    if (chance.oneIn(2)) await world.deliverAll(runtime);
  }
}

/** Until nothing is left that goes on without time passing. */
async function settled(world: World, { project, jobs }: SimulatedRuntime): Promise<void> {
  for (let before = -1; ; ) {
    await attend(project);
    await jobs.settled();
    const now = (await world.store.events.latest(1))[0]?.seq ?? 0;
    if (now === before) return;
    before = now;
  }
}

async function everything({ store, forge }: World): Promise<string> {
  return JSON.stringify({
    tasks: await store.tasks.list({}),
    sessions: await store.sessions.list({}),
    outbox: await store.outbox.list({}),
    events: await store.events.latest(1),
    decisions: await store.decisions.list("demo"),
    cooldowns: await store.cooldowns.active(),
    worktrees: await store.worktrees.list({}),
    held: [...(await store.tasks.slotsHeld())],
    forge: [[...forge.issues], forge.pulls, [...forge.branches], forge.comments],
  });
}

/** Every task that a claim was tried on. */
function watched(project: Project, claims: number[]): Project {
  const { tasks } = project.store;
  const claim: typeof tasks.claim = (request) => {
    claims.push(request.taskId ?? 0);
    return tasks.claim(request);
  };
  const watching = new Proxy(tasks, {
    get: (target, name) => (name === "claim" ? claim : Reflect.get(target, name)),
  });
  return { ...project, store: { ...project.store, tasks: watching } };
}

const placeOf = (decision: Decision): number | null => (decision.kind === "hold" ? (decision.place ?? null) : null);

const reasonOf = (decision: Decision): string => (decision.kind === "hold" ? decision.because : "launch");

const sorted = (of: readonly unknown[]): readonly string[] => of.map((each) => JSON.stringify(each) ?? "").sort();
