import { storeProblems } from "@agent-control-plane/testkit";
import { seeded } from "@agent-control-plane/testkit/seeded-random";
import type { Ending } from "../../src/index.ts";
import { Daemons, dice } from "./simulated-daemons.ts";
import { type Fate, labels, World } from "./simulated-world.ts";

const minute = 60_000;
const issues = [1, 2, 3, 4, 5, 6];

/**
 * Some hours in which everything goes wrong that can: runtimes die between any two calls and others take over, wrappers
 * are killed, replies are lost, the forge goes away, calls take longer than a lease, people change their minds. Then
 * quiet hours. Answers what is wrong then, or was on the way; an empty list is a sound scheduler.
 */
export async function simulate(seed: number, troubleMs: number): Promise<readonly string[]> {
  const world = await World.make();
  const chance = dice(seeded(seed));
  world.fate = () => fateOf(chance.random());
  for (const number of issues) world.addIssue(number);
  const daemons = new Daemons(world, chance, 2, (id) => world.runtime(id));

  for (let passed = 0; passed < troubleMs; passed += 2_000) {
    await world.pass(2_000);
    await world.stepWrappers();
    daemons.trouble();
    if (chance.oneIn(60)) changeItsMind(world, chance.pick(issues), chance.random());
  }

  for (const number of issues) world.label(number, { remove: [labels.hold, labels.blocked], add: [labels.ready] });
  daemons.calm();
  world.fate = () => ({ lastsMs: 20_000 });
  for (let passed = 0; passed < 180 * minute; passed += 2_000) {
    await world.pass(2_000);
    await world.stepWrappers();
    // The label of a work that was given up in the trouble may have come after they took it off.
    if (passed === 10 * minute) for (const number of issues) world.label(number, { remove: [labels.blocked] });
  }
  daemons.stop();
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
