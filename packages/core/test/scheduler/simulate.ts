import { storeProblems } from "@agent-control-plane/testkit";
import { type Ending, type ForgeFailure, Runtime } from "../../src/index.ts";
import { type Fate, labels, type SimulatedRuntime, World } from "./simulated-world.ts";

const minute = 60_000;
const issues = [1, 2, 3, 4, 5, 6];

/** A small seeded generator, from 0 to below 1: the same seed, the same world. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Daemon {
  readonly one: SimulatedRuntime;
  readonly runtime: Runtime;
}

/**
 * Some hours in which everything goes wrong that can: runtimes die between any two calls and others take over, wrappers
 * are killed, replies are lost, the forge goes away, calls take longer than a lease, people change their minds. Then
 * quiet hours. Answers what is wrong then, or was on the way; an empty list is a sound scheduler.
 */
export async function simulate(seed: number, troubleMs: number): Promise<readonly string[]> {
  const world = await World.make();
  const random = seeded(seed);
  const oneIn = (count: number) => random() * count < 1;
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  world.fate = () => fateOf(random());
  for (const number of issues) world.addIssue(number);

  let names = 0;
  let calm = false;
  const daemons: Daemon[] = [];
  const start = (): Daemon => {
    const one = world.runtime(`r${++names}`);
    one.life.takesMs = () => (calm || !oneIn(8) ? 0 : pick([1_000, 20_000, 90_000]));
    const runtime = new Runtime({
      ...{ id: one.project.runtimeId, process: { pid: -names, startedMark: "x" }, host: "h", version: "0" },
      ...{ store: one.project.store, clock: world.clock, log: one.project.log, jobs: one.jobs },
      projects: () => [{ ...one.project, intervalMs: 15_000 }],
      deliver: async () => {
        while (await world.deliver(one, () => !calm && oneIn(6)));
      },
      attendMs: 2_000,
      drainMs: () => 20_000,
    });
    void runtime.run(() => {}).catch(() => {});
    return { one, runtime };
  };
  const renew = (index: number): void => {
    daemons[index]?.runtime.stop("keep");
    daemons[index] = start();
  };
  daemons.push(start(), start());

  for (let passed = 0; passed < troubleMs; passed += 2_000) {
    await world.pass(2_000);
    await world.stepWrappers();
    const index = oneIn(2) ? 0 : 1;
    const life = daemons[index]?.one.life;
    if (life?.dead) renew(index);
    else if (life && oneIn(60)) life.callsLeft = Math.floor(random() * 30);
    else if (life && oneIn(40)) life.frozenUntil = world.clock.now() + pick([5_000, 70_000, 150_000]);
    else if (oneIn(300)) daemons[index]?.runtime.stop(oneIn(2) ? "keep" : "end");
    else if (oneIn(200)) renew(index);
    if (oneIn(150) && world.liveWrappers().length > 0) world.killWrapper(pick(world.liveWrappers()));
    if (oneIn(100))
      world.faults.forge = pick<ForgeFailure | undefined>(["unreachable", "refused", "rate-limited", undefined]);
    if (world.faults.forge && oneIn(15)) world.faults.forge = undefined;
    for (const fault of ["fetch", "create", "collect", "retire", "launch", "wrapper"] as const)
      if (oneIn(world.faults[fault] ? 20 : 400)) world.faults[fault] = !world.faults[fault];
    if (oneIn(60)) changeItsMind(world, pick(issues), random());
  }

  calm = true;
  for (const fault of ["forge", "fetch", "create", "collect", "retire", "launch", "wrapper"] as const)
    delete world.faults[fault];
  for (const number of issues) world.label(number, { remove: [labels.hold, labels.blocked], add: [labels.ready] });
  for (const { runtime } of daemons) runtime.stop("keep");
  const last = start();
  world.fate = () => ({ lastsMs: 20_000 });
  for (let passed = 0; passed < 180 * minute; passed += 2_000) {
    await world.pass(2_000);
    await world.stepWrappers();
  }
  last.runtime.stop("end");
  for (let passed = 0; passed < minute; passed += 1_000) await world.pass(1_000);
  return [...world.problems, ...(await whatIsLeft(world)), ...(await storeProblems(world.store))];
}

function fateOf(random: number): Fate {
  const failed = (over: Partial<Ending>): Fate => ({ lastsMs: 30_000, ending: { exitReason: "failed", ...over } });
  if (random < 0.5) return { lastsMs: 20_000 + random * 400_000 };
  if (random < 0.6) return { lastsMs: 30_000, checksPass: false };
  if (random < 0.7) return failed({});
  if (random < 0.75) return failed({ failureReason: "provider-quota-limit" });
  if (random < 0.8) return failed({ exitReason: "stalled" });
  if (random < 0.9) return { lastsMs: 30_000, files: 0 };
  return {
    lastsMs: 10_000,
    contract: {
      kind: "valid",
      outcome: "blocked",
      detail: "no access",
      title: null,
      body: null,
      commitMessage: null,
      failureReason: null,
    },
  };
}

function changeItsMind(world: World, number: number, random: number): void {
  const has = (label: string) => world.issues.get(number)?.labels.includes(label);
  const toggle = (label: string) => world.label(number, has(label) ? { remove: [label] } : { add: [label] });
  if (random < 0.5) toggle(labels.hold);
  else if (random < 0.7) toggle(labels.ready);
  else if (random < 0.9) world.label(number, { remove: [labels.blocked] });
  else world.changeIssue(number, (issue) => ({ title: `${issue.title}+` }));
}

async function whatIsLeft(world: World): Promise<readonly string[]> {
  const { store } = world;
  const wrong: string[] = [];
  const expectNone = (what: string, found: readonly unknown[]) => {
    if (found.length > 0) wrong.push(`${what}: ${JSON.stringify(found)}`);
  };
  expectNone("trees", world.trees());
  expectNone("folders", [...world.folders]);
  expectNone("worktree rows", await store.worktrees.list({ states: ["planned", "ready", "retiring"] }));
  expectNone("open sessions", await store.sessions.list({ states: ["intended", "running", "ended"] }));
  expectNone("undelivered writes", await store.outbox.list({ states: ["pending", "failed"] }));
  expectNone(
    "running labels",
    [...world.issues.values()].filter((issue) => issue.labels.includes(labels.running)),
  );
  const revisions = world.pulls.map((pull) => pull.revision);
  expectNone(
    "revisions published twice",
    revisions.filter((revision, index) => revisions.indexOf(revision) !== index),
  );
  expectNone("live tasks", await store.tasks.list({ states: ["scheduled", "queued", "running"] }));
  const held = new Map((await store.decisions.list("demo")).map((decision) => [decision.subject, decision.reason]));
  for (const number of issues) {
    const isPublished = world.pulls.some((pull) => pull.body.startsWith(`Closes #${number}\n`));
    const reason = held.get(`issue:${number}`);
    if (!isPublished) wrong.push(`issue ${number} is not published, held because of ${reason}`);
    if (isPublished && reason !== "linked-pull-request") wrong.push(`issue ${number} is held because of ${reason}`);
  }
  for (const task of await store.tasks.list({})) wrong.push(...(await attemptsWithoutAgent(world, task.id)));
  return wrong;
}

/** An attempt is charged for an agent that ran, and for nothing else. */
async function attemptsWithoutAgent(world: World, taskId: number): Promise<readonly string[]> {
  const task = await world.store.tasks.get(taskId);
  const sessions = await world.store.sessions.list({ taskId });
  const ran = sessions.filter((session) => session.kind === "agent" && session.startedAt !== null).length;
  return task && task.state !== "cancelled" && task.attempts > ran
    ? [`task ${taskId} was charged ${task.attempts} attempts, ${ran} agents ran`]
    : [];
}
