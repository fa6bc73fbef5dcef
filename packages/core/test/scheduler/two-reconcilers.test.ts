// Two runtimes that come upon the same ended session.
import { expect, it } from "vitest";
import { attend, type Project, tick } from "../../src/index.ts";
import { type SimulatedRuntime, World } from "./simulated-world.ts";

const minute = 60_000;

/** The project, and how often it began to collect a session's work. */
function counting({ project }: SimulatedRuntime, onCollect = () => {}) {
  const count = { collects: 0 };
  const { collect } = project.worktrees;
  const counted: typeof collect = (of) => {
    count.collects += 1;
    onCollect();
    return collect(of);
  };
  const worktrees = new Proxy(project.worktrees, {
    get: (target, name) => (name === "collect" ? counted : Reflect.get(target, name)),
  });
  return { count, project: { ...project, worktrees } satisfies Project };
}

/** Two runtimes, and a session that has ended and that nobody has looked at yet. */
async function withEndedSession(onCollect = (_: World, __: SimulatedRuntime) => {}) {
  const world = await World.make();
  const [r1, r2] = [world.runtime("r1"), world.runtime("r2")];
  const [first, second] = [counting(r1, () => onCollect(world, r1)), counting(r2)];
  world.fate = () => ({ lastsMs: 1_000 });
  world.addIssue(1);
  await tick(first.project, { draining: false });
  await world.flush();
  for (let n = 0; n < 5; n += 1) {
    await world.pass(1_000);
    await world.stepWrappers();
  }
  expect(await world.store.sessions.list({ states: ["ended"] })).toHaveLength(1);
  return { world, r1, r2, first, second };
}

it("of two reconcilers one gets the lease and the other does nothing", async () => {
  const { world, r1, r2, first, second } = await withEndedSession();
  await Promise.all([attend(first.project), attend(second.project)]);
  await world.flush();
  expect(first.count.collects + second.count.collects).toBe(1);
  const adopted = (await world.store.events.list({ limit: 1_000 })).filter(({ kind }) => kind === "task.adopted");
  expect(adopted).toHaveLength(1);
  await world.live(r1, 2 * minute);
  await world.deliverAll(r2);
  expect(world.pulls).toHaveLength(1);
  expect(world.comments).toHaveLength(1);
  expect(world.problems).toEqual([]);
});

it("a reconciler that was overtaken while it was slow concludes nothing", async () => {
  // The first freezes with the lease in its hand, for longer than the lease.
  const { world, r2, first, second } = await withEndedSession(({ clock }, { life }) => {
    life.frozenUntil = clock.now() + 10 * minute;
  });
  const attending = attend(first.project);
  await world.flush();
  expect(first.count.collects).toBe(1);
  // The second takes the session over, and is at work on it when the first goes on.
  let isOpen = () => {};
  const gate = new Promise<void>((done) => {
    isOpen = done;
  });
  const { collect } = second.project.worktrees;
  const gated: typeof collect = (of) => gate.then(() => collect(of));
  const worktrees = new Proxy(second.project.worktrees, {
    get: (target, name) => (name === "collect" ? gated : Reflect.get(target, name)),
  });
  const later = { ...r2, project: { ...second.project, worktrees } };
  await world.live(later, 15 * minute);
  await attending;
  await world.flush();
  expect(await world.store.sessions.list({ states: ["ended"] })).toHaveLength(1);
  expect(world.launches).toBe(1);
  expect(await world.task(1)).toMatchObject({ state: "running" });
  expect((await world.store.tasks.lease(1))?.owner).toBe("r2");
  isOpen();
  await world.live(later, 5 * minute);
  expect(await world.task(1)).toMatchObject({ state: "succeeded", attempts: 1 });
  expect(world.pulls).toHaveLength(1);
  expect(world.comments).toHaveLength(1);
  expect(world.problems).toEqual([]);
});
