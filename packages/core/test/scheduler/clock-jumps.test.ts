import { seeded } from "@agent-control-plane/testkit/seeded-random";
import { expect, it, vi } from "vitest";
import { defaultHostLimits, type Lane, type LoggedEvent, lanes, type Task, tick } from "../../src/index.ts";
import { dice } from "./simulated-daemons.ts";
import { fateOf, populate } from "./simulated-people.ts";
import { labels, World } from "./simulated-world.ts";

// Thousands of steps of a simulated world: seconds on an idle machine.
vi.setConfig({ testTimeout: 300_000 });

const hour = 60 * 60_000;
const limits = { workers: 3, launchesPerTick: 3, scheduledWorkers: 2, recurringWorkers: 1 };
// Not 3: there the clock ends hours before the second session began, so that hardly anything happens.
const seeds = [1, 2, 4];

it.each(seeds)(
  "holds its limits and repeats nothing while the clock jumps by hours, back and forth (seed %i)",
  async (seed) => {
    const world = await World.make();
    const chance = dice(seeded(seed));
    world.fate = (session) => ({ ...fateOf(chance, session.lane as Lane), lastsMs: chance.pick([20_000, 400_000]) });
    populate(world.forge, chance);
    world.addIssue(30, { body: "Schedule: cron */20 * * * *" });
    const runtime = world.runtime("r1", { lanes, maxAttempts: 2 }, limits, {
      host: { ...defaultHostLimits, maxWorkers: 3 },
    });
    const wrong: string[] = [];
    for (let turn = 0; turn < 300; turn += 1) {
      // Both ways alike: what was ahead lies behind again.
      await world.pass(chance.oneIn(12) ? Math.round((chance.random() - 0.45) * 8 * hour) : 20_000);
      await world.stepWrappers();
      await world.orLog(runtime, () => tick(runtime.project, { draining: false }));
      await world.flush();
      await world.deliverAll(runtime);
      const held = await world.store.tasks.slotsHeld();
      if (world.trees().length > 3 || (held.get("host") ?? 0) > 3) wrong.push(`turn ${turn}: ${[...held].join(" ")}`);
      wrong.push(...(await impossible(await world.store.tasks.list({ queue: "demo" }), world.clock.now(), turn)));
    }
    const events = await world.store.events.list({ limit: 1_000_000 });
    if (seed === 3) {
      console.log(
        JSON.stringify((await world.store.decisions.list("demo")).map((d) => [d.subject, d.reason, d.detail])),
      );
      const t = await world.store.tasks.list({ queue: "demo" });
      console.log(
        JSON.stringify(
          t.map((x) => [x.subject, x.lane, x.state, x.reason, (x.runAt - world.clock.now()) / 60000, x.attempts]),
        ),
      );
      console.log(
        JSON.stringify(
          (await world.store.outbox.list({ states: ["pending", "failed"] })).map((r) => [
            r.kind,
            r.stream,
            r.state,
            (r.nextAt - world.clock.now()) / 60000,
            r.lastError,
            r.sendStartedAt && (r.sendStartedAt - world.clock.now()) / 60000,
          ]),
        ),
      );
      console.log(JSON.stringify(await world.store.cooldowns.active()));
    }
    expect(wrong).toEqual([]);
    expect(world.problems).toEqual([]);
    expect(runsTooMany(await world.store.tasks.list({ queue: "demo" }), events)).toEqual([]);
    const claimed = events.filter(({ kind }) => kind === "task.claimed").length;
    expect(claimed).toBeGreaterThan(10);
  },
);

it("goes on with what had to wait when the clock comes back from far ahead", async () => {
  const world = await World.make();
  const runtime = world.runtime("r1");
  world.fate = () => ({ lastsMs: 10_000, ending: { exitReason: "failed" } });
  world.addIssue(1);
  await world.pass(100 * hour);
  await world.live(runtime, 60_000);
  world.fate = () => ({ lastsMs: 10_000 });
  await world.pass(-50 * hour);
  await world.live(runtime, 60_000);
  await world.pass(50 * hour + 300_000);
  await world.live(runtime, 5 * 60_000);
  expect(world.pulls).toHaveLength(1);
  expect(world.issues.get(1)?.labels).toEqual([labels.ready]);
});

/** What no state of the clock excuses. */
async function impossible(tasks: readonly Task[], now: number, turn: number): Promise<readonly string[]> {
  return tasks.flatMap((task) => {
    const waits = task.runAt - task.updatedAt;
    return [
      ...(task.attempts > task.maxAttempts ? [`turn ${turn}: task ${task.id} had ${task.attempts} attempts`] : []),
      ...(task.state === "scheduled" && waits < 0 ? [`turn ${turn}: task ${task.id} waits ${waits} ms at ${now}`] : []),
    ];
  });
}

/** A time that was due is worked by one task that succeeds; a revision is published once. */
function runsTooMany(tasks: readonly Task[], events: readonly LoggedEvent[]): readonly string[] {
  const done = tasks.filter(({ state }) => state === "succeeded").map(({ dedupeKey }) => dedupeKey);
  const charged = new Map<number, number>();
  for (const { kind, taskId, body } of events) {
    if (taskId === null || kind !== "task.claimed") continue;
    const { attempts } = body as { attempts: number };
    charged.set(taskId, Math.max(charged.get(taskId) ?? 0, attempts));
  }
  return [
    ...done.filter((key, index) => done.indexOf(key) !== index).map((key) => `${key} succeeded twice`),
    ...tasks
      .filter(({ id, maxAttempts }) => (charged.get(id) ?? 0) > maxAttempts)
      .map(({ id }) => `task ${id} was tried too often`),
    ...checksOutOfOrder(tasks),
  ];
}

/** Times of one check that were worked: each later than the one before. */
function checksOutOfOrder(tasks: readonly Task[]): readonly string[] {
  const last = new Map<string, number>();
  return tasks.flatMap(({ lane, subject, state, payload, dedupeKey }) => {
    if (lane !== "scheduled-check" || state !== "succeeded") return [];
    const { dueAt } = payload as { dueAt: number };
    const before = last.get(subject);
    last.set(subject, dueAt);
    return before !== undefined && before >= dueAt ? [`${dedupeKey} was worked after ${before}`] : [];
  });
}
