import { expect, it } from "vitest";
import { attend, tick } from "../../src/index.ts";
import { World } from "./simulated-world.ts";

const minute = 60_000;

it.each([
  ["finds the work taken", { draining: false }, Number.POSITIVE_INFINITY],
  ["starts nothing anyway", { draining: true }, Number.POSITIVE_INFINITY],
  ["dies at its start", { draining: false }, 1],
  ["dies in its middle", { draining: false }, 12],
] as const)(
  "a runtime that comes second and %s frees nothing of the first, and a third finds it taken",
  async (...given) => {
    const [, options, callsLeft] = given;
    const world = await World.make();
    const [first, second, third] = [world.runtime("first"), world.runtime("second"), world.runtime("third")];
    world.fate = () => ({ lastsMs: 20 * minute });
    world.addIssue(1);
    await world.live(first, 30_000);
    const lease = await world.store.tasks.lease(1);
    expect(lease).toMatchObject({ owner: expect.anything(), term: expect.any(Number) });
    second.life.callsLeft = callsLeft;
    await tick(second.project, options).catch(() => {});
    await second.jobs.settled();
    await tick(third.project, { draining: false });
    await third.jobs.settled();
    expect(await world.store.tasks.lease(1)).toMatchObject({ owner: lease?.owner, term: lease?.term });
    expect(world.launches).toBe(1);
    expect(world.trees()).toHaveLength(1);
    // The twin: when the first is gone and its lease is over, another does take it.
    first.life.dead = true;
    const session = world.liveWrappers()[0] ?? "";
    world.killWrapper(session);
    await world.live(third, 15 * minute);
    expect(world.launches).toBeGreaterThan(1);
  },
);

it("two runtimes that see one session's end conclude it once: one verification, one pull request, one comment", async () => {
  const world = await World.make();
  const both = [world.runtime("r1"), world.runtime("r2")];
  world.fate = () => ({ lastsMs: 10_000 });
  world.addIssue(1);
  for (let round = 0; round < 40; round += 1) {
    await Promise.all(
      both.map(({ project }) => (round % 6 === 0 ? tick(project, { draining: false }) : attend(project))),
    );
    await world.flush();
    await Promise.all(both.map((runtime) => world.deliverAll(runtime)));
    await world.stepWrappers();
    await world.pass(5_000);
  }
  expect(await world.task(1)).toMatchObject({ state: "succeeded", attempts: 1 });
  const sessions = await world.store.sessions.list({ taskId: 1 });
  expect(sessions.map(({ kind }) => kind)).toEqual(["agent", "verify"]);
  expect([world.pulls.length, world.comments.length]).toEqual([1, 1]);
  expect(world.problems).toEqual([]);
  const events = await world.store.events.list({ limit: 10_000 });
  expect(events.filter(({ kind }) => kind === "task.released")).toHaveLength(1);
});

it("two runtimes that see one session fail count one attempt", async () => {
  const world = await World.make();
  const both = [world.runtime("r1"), world.runtime("r2")];
  world.fate = () => ({ lastsMs: 10_000, ending: { exitReason: "failed" } });
  world.addIssue(1);
  for (let round = 0; round < 12; round += 1) {
    await Promise.all(
      both.map(({ project }) => (round % 6 === 0 ? tick(project, { draining: false }) : attend(project))),
    );
    await world.flush();
    await world.stepWrappers();
    await world.pass(5_000);
  }
  expect(await world.task(1)).toMatchObject({ state: "scheduled", attempts: 1 });
});
