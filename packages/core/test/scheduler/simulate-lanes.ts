import { storeProblems } from "@agent-control-plane/testkit";
import { seeded } from "@agent-control-plane/testkit/seeded-random";
import { fieldIn } from "../../src/decide/past-work.ts";
import type { Lane, LaneLimits, LoggedEvent, OutboxBodies, SchedulingPolicy, Session, Store } from "../../src/index.ts";
import { defaultHostLimits, lanes } from "../../src/index.ts";
import { policy } from "../support/snapshots.ts";
import { Daemons, dice } from "./simulated-daemons.ts";
import { act, fateOf, populate, settle } from "./simulated-people.ts";
import { labels, World } from "./simulated-world.ts";

const minute = 60_000;
const profiles = ["demo", "other"];
const maxWorkers = 4;
const limits: Partial<LaneLimits> = { workers: 3, pullRequestWorkers: 2, scheduledWorkers: 1, recurringWorkers: 1 };
const rules = { lanes, maxAttempts: 2, blockedRecovery: { cooldownMs: 5 * minute, maxRounds: 2 } };
const quietMs = 150 * minute;

/**
 * All lanes of two profiles on one store, worked by three runtimes that die and freeze, while people push, close,
 * merge, hold, approve, edit and comment, and the base moves and is broken for a while. Then quiet hours. Answers what
 * is wrong then, or was on the way; an empty list is a sound scheduler.
 */
export async function simulateLanes(seed: number, troubleMs: number): Promise<readonly string[]> {
  const world = await World.make();
  const chance = dice(seeded(seed));
  const over = { ...rules, onDrift: chance.pick(["restart", "continue", "ask"] as const), merge: mergeOf(seed) };
  world.fate = (session) => fateOf(chance, session.lane as Lane);
  for (const profileId of profiles) populate(world.forgeOf(profileId), chance);
  const daemons = new Daemons(world, chance, 3, (id) =>
    world.runtime(id, over, limits, { profiles, host: { ...defaultHostLimits, maxWorkers } }),
  );
  const wrong = new Set<string>();
  const step = async (): Promise<void> => {
    await world.pass(2_000);
    await world.stepWrappers();
    for (const problem of capsPassed(world, await world.store.tasks.slotsHeld())) wrong.add(problem);
  };
  for (let passed = 0; passed < troubleMs; passed += 2_000) {
    await step();
    daemons.trouble();
    for (const profileId of profiles) act(world, world.forgeOf(profileId), chance);
  }

  daemons.calm();
  world.fate = () => ({ lastsMs: 20_000 });
  for (const profileId of profiles) settle(world, world.forgeOf(profileId));
  for (let passed = 0; passed < quietMs; passed += 2_000) await step();
  const before = await reasonsOf(world.store);
  for (let passed = 0; passed < 20 * minute; passed += 2_000) await step();
  const after = await reasonsOf(world.store);
  daemons.stop();
  for (let passed = 0; passed < minute; passed += 1_000) await world.pass(1_000);
  return [
    ...wrong,
    ...world.problems,
    ...unsettled(before, after),
    ...(await whatIsLeft(world)),
    ...(await mergedWrongly(world, over.merge.enabled)),
    ...(await oneBrokenBase(world)),
    ...(await splitWrongly(world)),
    ...(await storeProblems(world.store)),
  ];
}

/** Every other seed merges by itself. */
const mergeOf = (seed: number): SchedulingPolicy["merge"] => ({
  ...policy().merge,
  enabled: seed % 2 === 0,
  requireApproval: seed % 3 === 0 ? "none" : "agent-review",
});

/** Only the head that was decided on was merged, only what was merged lost its branch or closed its issue. */
async function mergedWrongly(world: World, isMerging: boolean): Promise<readonly string[]> {
  const rows = await world.store.outbox.list({ states: ["sent"] });
  const hasMerged = rows.some(({ kind }) => kind === "merge");
  if (hasMerged !== isMerging) return [`a profile that merges: ${isMerging}, and merges that were made: ${hasMerged}`];
  return rows.flatMap(({ id, profileId, kind, body, result, stream, idempotencyKey }) => {
    const { pulls } = world.forgeOf(profileId);
    if (kind === "merge" && fieldIn(result, "merged") === true) {
      const { number, headSha } = body as OutboxBodies["merge"];
      const pull = pulls.find((each) => each.number === number);
      return pull?.merged && pull.headSha === headSha ? [] : [`row ${id} merged another head of ${stream}`];
    }
    if (kind !== "delete-branch" && kind !== "close-issue") return [];
    // Of a base that is green again; see `oneBrokenBase`.
    if (stream.startsWith(`${profileId}/base:`)) return [];
    // Of an issue that was split; see `splitWrongly`.
    if (idempotencyKey.endsWith("/superseded")) return [];
    const number = Number(/(?:\/pr:|merged\/pr:)(\d+)/.exec(idempotencyKey)?.[1]);
    return pulls.some((each) => each.number === number && each.merged) ? [] : [`row ${id} (${kind}) without a merge`];
  });
}

/** Each time a base was broken one issue was made for it, and each but the last is over, unless a person opened it again. */
async function oneBrokenBase(world: World): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const profileId of profiles) {
    const broken = await world.store.brokenBases.newest(profileId, "main");
    const { issues: all, reopened } = world.forgeOf(profileId);
    const issues = [...all.values()].filter(({ title }) => title.startsWith("The base br"));
    const open = issues.filter(({ state, number }) => state === "open" && !reopened.has(number)).length;
    if (issues.length > (broken?.episode ?? 0)) wrong.push(`${profileId}: ${issues.length} issues for a broken base`);
    if (open > (broken?.closedAt === null ? 1 : 0)) wrong.push(`${profileId}: ${open} open issues for a broken base`);
  }
  return wrong;
}

/** Each follow-up is there once, under the name its split gave it; what they stand for was closed after them. */
async function splitWrongly(world: World): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const profileId of profiles) {
    const rows = await world.store.outbox.list({ profileId });
    const parts = rows.filter(({ idempotencyKey }) => /\/follow-up-\d+$/.test(idempotencyKey));
    const titles = [...world.forgeOf(profileId).issues.values()].map(({ title }) => title.replace(/\++$/, ""));
    for (const { id, state, body } of parts) {
      const { title } = body as OutboxBodies["create-issue"];
      const found = titles.filter((each) => each === title).length;
      if (found !== (state === "sent" ? 1 : 0)) wrong.push(`row ${id} (${state}): ${found} issues "${title}"`);
    }
    for (const { id, taskId, state } of rows.filter(({ idempotencyKey }) => idempotencyKey.endsWith("/superseded"))) {
      const before = parts.filter((part) => part.taskId === taskId && part.id < id);
      if (state === "sent" && (before.length === 0 || before.some((part) => part.state !== "sent")))
        wrong.push(`row ${id} closed what was split before its parts were there`);
    }
  }
  return wrong;
}

/** What works now, and what the store says is taken: no number of runtimes together goes over a limit. */
function capsPassed(world: World, held: ReadonlyMap<string, number>): readonly string[] {
  const wrong: string[] = [];
  const within = (what: string, count: number, max: number) => {
    if (count > max) wrong.push(`${what}: ${count} of ${max}`);
  };
  const trees = world.trees();
  within("sessions on the host", trees.length, maxWorkers);
  within("host slots", held.get("host") ?? 0, maxWorkers);
  for (const id of profiles) {
    const of = trees.filter(({ profileId }) => profileId === id);
    const inLane = (start: string) => of.filter(({ lane }) => lane.startsWith(start)).length;
    within(`sessions of ${id}`, of.length, 3);
    within(`slots of ${id}`, held.get(`profile:${id}`) ?? 0, 3);
    within(`pull request sessions of ${id}`, inLane("pr-"), 2);
    within(`scheduled sessions of ${id}`, inLane("scheduled"), 1);
    within(`recoveries of ${id}`, inLane("blocked-recovery"), 1);
    within(`heavy sessions of ${id}`, of.filter((session) => world.isOf(session, "heavy")).length, 1);
    if (of.some((session) => world.isOf(session, "exclusive"))) within(`beside exclusive work of ${id}`, of.length, 1);
  }
  return wrong;
}

async function reasonsOf(store: Store): Promise<ReadonlyMap<string, string>> {
  const all = await Promise.all(profiles.map((profileId) => store.decisions.list(profileId)));
  return new Map(all.flat().map(({ profileId, subject, reason }) => [`${profileId} ${subject}`, reason]));
}

/** Of work that comes again by its schedule; everything else stays what it is. */
const inTurn = [
  "not-due",
  "running",
  "launch",
  "backoff",
  "workers-full",
  "lane-full",
  "heavy-full",
  "exclusive-waiting",
  "exclusive-running",
  "needs-quiet",
  "resting",
  "host-full",
  "fair-share",
];

/** Reasons of something that is still moving. */
const passing = [
  "merging",
  "launch",
  "running",
  "details-unread",
  "publishing",
  "merge-state-unknown",
  "checks-pending",
];

function unsettled(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): readonly string[] {
  return [...after].flatMap(([subject, reason]) => {
    const earlier = before.get(subject) ?? "nothing";
    const comes = /issue:[678]$/.test(subject);
    if (comes && inTurn.includes(reason) && inTurn.includes(earlier)) return [];
    if (reason !== earlier) return [`${subject} is held because of ${reason}, before because of ${earlier}`];
    return passing.includes(reason) ? [`${subject} is still held because of ${reason}`] : [];
  });
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
  expectNone("undelivered writes", await store.outbox.list({ states: ["pending"] }));
  expectNone("running tasks", await store.tasks.list({ states: ["running"] }));
  expectNone("slots", [...(await store.tasks.slotsHeld())]);
  for (const id of profiles) {
    const forge = world.forgeOf(id);
    const items = [...forge.issues.values(), ...forge.pulls].filter(({ labels: worn }) =>
      worn.includes(labels.running),
    );
    expectNone(
      `running labels of ${id}`,
      items.map(({ number }) => number),
    );
  }
  const sessions = await store.sessions.list({});
  for (const task of await store.tasks.list({})) {
    const ran = sessions.filter(({ taskId, kind, startedAt }) => taskId === task.id && kind === "agent" && startedAt);
    if (task.state !== "cancelled" && task.attempts > ran.length)
      wrong.push(`task ${task.id} was charged ${task.attempts} attempts, ${ran.length} agents ran`);
    if (task.attempts > task.maxAttempts) wrong.push(`task ${task.id} had ${task.attempts} attempts`);
    const stops = world.forgeOf(task.queue).commentKeys.filter((key) => isStopOf(key, task.id, ran));
    if (stops.length > ran.length) wrong.push(`task ${task.id} was said to be stopped: ${stops.join(", ")}`);
    if (new Set(stops).size < stops.length) wrong.push(`it was said twice: ${stops.join(", ")}`);
  }
  wrong.push(...publishedAlthoughStopped(await eventsOf(store)));
  return wrong;
}

function isStopOf(key: string, taskId: number, sessions: readonly Session[]): boolean {
  const parts = key.split("/");
  const [of, what] = [parts.at(-2) ?? "", parts.at(-1) ?? ""];
  if (what === "withdrawn") return of.startsWith(`t${taskId}.`);
  return what === "voided" && sessions.some(({ id }) => id === of);
}

/** Whoever is asked to stop does not succeed: what it wanted to publish is void. */
function publishedAlthoughStopped(events: readonly LoggedEvent[]): readonly string[] {
  const asked = new Set<number>();
  return events.flatMap(({ kind, taskId, body }) => {
    if (taskId === null) return [];
    if (kind === "task.cancel-requested") asked.add(taskId);
    if (kind !== "task.released" || !asked.delete(taskId)) return [];
    const { state, reason } = body as { state: string; reason: string };
    return state === "succeeded" ? [`task ${taskId} was asked to stop, and succeeded: ${reason}`] : [];
  });
}

async function eventsOf(store: Store): Promise<readonly LoggedEvent[]> {
  const events: LoggedEvent[] = [];
  for (;;) {
    const page = await store.events.list({ afterSeq: events.at(-1)?.seq ?? 0, limit: 5_000 });
    events.push(...page);
    if (page.length < 5_000) return events;
  }
}
