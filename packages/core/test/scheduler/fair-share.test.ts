import { expect, it, vi } from "vitest";
import { attend, defaultHostLimits, type LoggedEvent, tick } from "../../src/index.ts";
import { type SimulatedRuntime, World } from "./simulated-world.ts";

// Thousands of steps of a simulated world: seconds on an idle machine.
vi.setConfig({ testTimeout: 300_000 });

const minute = 60_000;
const profiles = Array.from({ length: 10 }, (_, index) => `p${index}`);
const host = { ...defaultHostLimits, maxWorkers: 3 };
/** A profile counts as one that waits once its ticks have had the time to say so. */
const saidAfterMs = 2 * minute;

it("gives ten profiles with too much work their turns at three workers, one after the other", async () => {
  const { claims, problems } = await someTurns((profile) => (profile === 0 ? 60 : 12));
  expect(problems).toEqual([]);
  const byProfile = profiles.map((id) => claims.filter(({ queue }) => queue === id).length);
  expect(Math.min(...byProfile)).toBeGreaterThanOrEqual(2);
  expect(outOfTurn(claims)).toEqual([]);
});

it("leaves no worker idle for profiles that want nothing", async () => {
  const { claims, problems } = await someTurns((profile) => (profile < 2 ? 60 : 0));
  expect(problems).toEqual([]);
  const [first = 0, second = 0] = profiles.map((id) => claims.filter(({ queue }) => queue === id).length);
  expect(first + second).toBeGreaterThan(25);
  expect(Math.abs(first - second)).toBeLessThan(8);
});

interface Claim {
  readonly queue: string;
  readonly at: number;
}

async function someTurns(issuesOf: (profile: number) => number) {
  const world = await World.make();
  // Not all alike: sessions that began together do not end together for ever.
  let begun = 0;
  world.fate = () => ({ lastsMs: (3 + (begun++ % 3) / 2) * minute });
  const shape = (from: number) => ({ profiles: profiles.slice(from, from + 5), host });
  const limits = { workers: 3, launchesPerTick: 3, openAgentPullRequests: 1_000 };
  const runtimes = [world.runtime("r1", {}, limits, shape(0)), world.runtime("r2", {}, limits, shape(5))];
  for (const [index, id] of profiles.entries())
    for (let number = 1; number <= issuesOf(index); number += 1) world.forgeOf(id).addIssue(number);
  const problems: string[] = [];
  for (let passed = 0; passed < 70 * minute; passed += minute / 2) {
    for (const runtime of runtimes) await pass(world, runtime);
    await world.stepWrappers();
    const held = await world.store.tasks.slotsHeld();
    if ((held.get("host") ?? 0) > 3 || world.trees().length > 3) problems.push(`${[...held].join(" ")} at ${passed}`);
    await world.pass(minute / 2);
  }
  const events = await world.store.events.list({ limit: 1_000_000 });
  const queues = new Map((await world.store.tasks.list({})).map(({ id, queue }) => [id, queue]));
  return {
    claims: events
      .filter(({ kind }) => kind === "task.claimed")
      .map(({ taskId, at }) => ({ queue: queues.get(taskId ?? 0) ?? "", at })),
    problems: [...problems, ...world.problems, ...aboveTheirShare(events, queues)],
  };
}

async function pass(world: World, runtime: SimulatedRuntime): Promise<void> {
  const now = world.clock.now();
  await world.store.runtimes.put({
    ...{ id: runtime.project.runtimeId, process: { pid: -1, startedMark: "x" }, host: "h", version: "0" },
    profileIds: runtime.projects.map(({ profileId }) => profileId),
    ...{ startedAt: now, heartbeatAt: now, state: "ready", lastTick: null },
  });
  // As the daemon does every few seconds: what ended since the last tick is concluded before the next one looks.
  for (const project of runtime.projects) await world.orLog(runtime, () => attend(project));
  await world.flush();
  for (const project of runtime.projects) {
    await world.orLog(runtime, () => tick(project, { draining: false }));
    await world.flush();
  }
  await world.deliverAll(runtime);
}

/**
 * Claims of a profile that had more running than one that had been waiting for a while. Told when all claims of a moment
 * are made: of places that become free together each profile takes its share in its own tick.
 */
function aboveTheirShare(events: readonly LoggedEvent[], queues: ReadonlyMap<number, string>): readonly string[] {
  const running = new Map<string, number>();
  const waiting = new Map<string, Map<number, number>>();
  const moments = new Map<number, LoggedEvent[]>();
  for (const event of events) moments.set(event.at, [...(moments.get(event.at) ?? []), event]);
  return [...moments].flatMap(([at, together]) => {
    const claiming = new Set<string>();
    for (const { kind, taskId } of together) {
      const queue = queues.get(taskId ?? 0);
      if (taskId === null || queue === undefined) continue;
      const mine = running.get(queue) ?? 0;
      const waits = waiting.get(queue) ?? new Map<number, number>();
      waiting.set(queue, waits);
      if (kind === "task.enqueued") waits.set(taskId, at);
      if (kind === "task.released") running.set(queue, mine - 1);
      if (kind !== "task.claimed") continue;
      waits.delete(taskId);
      running.set(queue, mine + 1);
      claiming.add(queue);
    }
    const kept = [...waiting].filter(
      ([, since]) => Math.min(Number.POSITIVE_INFINITY, ...since.values()) < at - saidAfterMs,
    );
    return [...claiming].flatMap((queue) =>
      kept
        .filter(([other]) => (running.get(queue) ?? 0) > (running.get(other) ?? 0) + 1)
        .map(([other]) => `${queue} runs ${running.get(queue)} at ${at}, while ${other} waits`),
    );
  });
}

/** Between two turns of one profile each of the others has two at most. */
function outOfTurn(claims: readonly Claim[]): readonly string[] {
  return profiles.flatMap((id) => {
    const turns = claims.flatMap(({ queue }, index) => (queue === id ? [index] : []));
    // Its work comes to an end; what the others take then is theirs.
    return turns.flatMap((at, turn) => {
      const between = claims.slice(turns[turn - 1] ?? at, at).map(({ queue }) => queue);
      const most = Math.max(
        0,
        ...profiles.filter((other) => other !== id).map((other) => between.filter((each) => each === other).length),
      );
      return most > 2 ? [`${id} waited for ${most} turns of another, before its turn ${turn}`] : [];
    });
  });
}
