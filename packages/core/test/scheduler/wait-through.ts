import { attend, type LoggedEvent, lanes, type Task, tick } from "../../src/index.ts";
import { labels, type SimulatedRuntime, World } from "./simulated-world.ts";

const minute = 60_000;
const hour = 60 * minute;

/**
 * So many hours of more work than two workers can do, and of somewhat less, until all was worked. Answers what went
 * against the bound that the rules give: whoever has waited for an hour goes before everybody who began to wait later,
 * so an item waits an hour, and then for those that were ahead of it, each of which takes one worker for one session.
 */
export async function waitThrough(
  hours: number,
): Promise<{ readonly wrong: readonly string[]; readonly longestMs: number }> {
  const world = await World.make();
  const runtime = world.runtime("r1", { lanes, priorities: { urgent: 100 } }, { workers: 2, launchesPerTick: 2 });
  world.fate = () => ({ lastsMs: 6 * minute });
  for (let passed = 0; passed < hours * hour; passed += minute) {
    if (passed < hours * 0.7 * hour) arrive(world, passed / minute);
    await minuteOf(world, runtime);
  }
  const waits = waitsOf(await world.store.tasks.list({ queue: "demo" }), await allEvents(world));
  const left = waits.filter(({ claimedAt }) => claimedAt === null);
  return {
    wrong: [...left.map(({ subject }) => `${subject} was never worked`), ...overtaken(waits), ...tooLong(waits)],
    longestMs: Math.max(...waits.map(({ since, claimedAt }) => (claimedAt ?? 0) - since)),
  };
}

/** For hours people hand over more than two workers can do; beside it come urgent issues, and a few that nobody hurries. */
function arrive({ forge }: World, at: number): void {
  const isBusy = at % 480 < 300;
  if (at === 0) forge.addIssue(1, { body: "Agent schedule: every 45m" });
  if (at % (isBusy ? 5 : 20) === 0) {
    forge.addPull(10_000 + at, { headRef: `feature/${at}`, labels: [labels.handoff], author: "ann" });
  }
  if (at % 20 === 0) forge.addIssue(100 + at, { labels: [labels.ready, "urgent"] });
  if (at % 60 === 0) forge.addIssue(5_000 + at);
}

async function minuteOf(world: World, runtime: SimulatedRuntime): Promise<void> {
  for (const half of [0, 1]) {
    // As the daemon does, which attends to what is under way every second: a tick finds it concluded.
    await world.orLog(runtime, () =>
      half === 0 ? tick(runtime.project, { draining: false }) : attend(runtime.project),
    );
    await world.flush();
    await world.deliverAll(runtime);
    await world.stepWrappers();
    await world.pass(minute / 2);
  }
  // People merge what the agents have looked at.
  const ready = (await world.store.decisions.list("demo")).filter(({ reason }) => reason === "ready-to-merge");
  for (const { subject } of ready) world.forge.close(Number(subject.slice(3)), "merged");
}

interface Wait {
  readonly subject: string;
  readonly lane: string;
  readonly since: number;
  readonly claimedAt: number | null;
}

function waitsOf(tasks: readonly Task[], events: readonly LoggedEvent[]): readonly Wait[] {
  const claims = new Map<number, number>();
  for (const { kind, taskId, at } of events) if (kind === "task.claimed" && taskId !== null) claims.set(taskId, at);
  return tasks
    .filter(({ state }) => state !== "cancelled")
    .map(({ id, subject, lane, createdAt }) => {
      return { subject, lane, since: createdAt, claimedAt: claims.get(id) ?? null };
    });
}

/** Claimed ahead of somebody who had begun to wait earlier, and had waited for more than an hour by then. */
const overtaken = (waits: readonly Wait[]) =>
  waits.flatMap((each) => {
    const until = each.claimedAt ?? Number.POSITIVE_INFINITY;
    const by = waits.filter(
      ({ since, claimedAt }) =>
        claimedAt !== null && since > each.since && claimedAt > each.since + hour && claimedAt < until,
    );
    return by.length > 0 ? [`${each.subject} by ${by.map(({ subject }) => subject).join(", ")}`] : [];
  });

/**
 * How long a worker is taken: a minute to start and to be seen, the six of the agent, a minute until the next tick;
 * what is to be published is then verified, in a session of its own of one minute, seen one tick later.
 */
const turnOf = ({ lane }: Wait): number => (lane === "pr-review" ? 8 : 10) * minute;

/** An hour, then the turns of those that were ahead, over two workers, and those two that ran when the hour was over. */
const tooLong = (waits: readonly Wait[]) =>
  waits.flatMap(({ subject, since, claimedAt }) => {
    const ahead = waits.filter(
      (each) =>
        each.since <= since && (each.claimedAt ?? 0) > since + hour && (each.claimedAt ?? 0) <= (claimedAt ?? 0),
    );
    const most = hour + ahead.reduce((sum, each) => sum + turnOf(each), 0) / 2 + 10 * minute;
    return (claimedAt ?? 0) - since > most ? [`${subject} waited ${((claimedAt ?? 0) - since) / minute} min`] : [];
  });

async function allEvents({ store }: World): Promise<readonly LoggedEvent[]> {
  return store.events.list({ limit: 1_000_000 });
}
