import { expect, it } from "vitest";
import { attend, tick } from "../../src/index.ts";
import { World } from "./simulated-world.ts";

const minute = 60_000;

it("makes no second task for a revision that another runtime worked while we were looking at the forge", async () => {
  const world = await World.make();
  const [slow, fast] = [world.runtime("slow"), world.runtime("fast")];
  world.addIssue(1);
  // The slow one has read the store's tasks and the issues, and hangs at its next question to the forge.
  let takes = 10 * minute;
  const { source } = slow.project;
  const readIssue: typeof source.readIssue = async (issue) => {
    const ms = takes;
    takes = 0;
    await world.clock.sleep(ms);
    return source.readIssue(issue);
  };
  const hanging = new Proxy(source, {
    get: (target, name, receiver) => (name === "readIssue" ? readIssue : Reflect.get(target, name, receiver)),
  });
  const project = { ...slow.project, source: hanging };
  const ticking = tick(project, { draining: false });
  await world.flush();
  await world.live(fast, 5 * minute);
  expect(world.pulls).toHaveLength(1);
  await world.pass(6 * minute);
  await ticking;
  await world.live(fast, 5 * minute);
  expect(await world.store.tasks.list({ queue: "demo" })).toHaveLength(1);
  expect(world.pulls).toHaveLength(1);
});

it("does not end a session whose wrapper starts in the very moment it is given up", async () => {
  const world = await World.make();
  const [first, second] = [world.runtime("r1"), world.runtime("r2")];
  world.fate = () => ({ lastsMs: 10 * minute });
  world.addIssue(1);
  await tick(first.project, { draining: false });
  await world.flush();
  first.life.dead = true;
  await world.pass(2 * minute);
  // Between the look at the lease and the end of the row, the late wrapper comes up.
  const { lease } = second.project.store.tasks;
  const tasks = new Proxy(second.project.store.tasks, {
    get: (target, name) =>
      name !== "lease"
        ? Reflect.get(target, name)
        : async (taskId: number) => {
            const found = await lease(taskId);
            await world.stepWrappers();
            await world.stepWrappers();
            return found;
          },
  });
  await attend({ ...second.project, store: { ...second.project.store, tasks } });
  await world.flush();
  expect(world.trees()).toHaveLength(1);
  expect(await world.store.sessions.list({ states: ["running"] })).toHaveLength(1);
  expect(world.problems).toEqual([]);
});

it("loses no session to a claim that is given back in the very moment its slow claimer goes on", async () => {
  const world = await World.make();
  const [first, second] = [world.runtime("r1"), world.runtime("r2")];
  world.addIssue(1);
  // The claimer freezes between its claim and its intent, longer than its lease.
  const { worktrees } = first.project;
  const fetchBase: typeof worktrees.fetchBase = async () => {
    first.life.frozenUntil = world.clock.now() + 2 * minute;
    return worktrees.fetchBase();
  };
  const frozen = new Proxy(worktrees, {
    get: (target, name) => (name === "fetchBase" ? fetchBase : Reflect.get(target, name)),
  });
  // Nor do its heartbeats get through.
  const silent = new Proxy(first.project.store.tasks, {
    get: (target, name) =>
      name !== "heartbeat" ? Reflect.get(target, name) : () => Promise.reject(new Error("the database is busy")),
  });
  const store = { ...first.project.store, tasks: silent };
  await tick({ ...first.project, store, worktrees: frozen }, { draining: false });
  await world.flush();
  // The second finds the claim without a session; the first writes its intent before the claim is adopted.
  const { adopt } = second.project.store.tasks;
  const tasks = new Proxy(second.project.store.tasks, {
    get: (target, name) =>
      name !== "adopt"
        ? Reflect.get(target, name)
        : async (...args: Parameters<typeof adopt>) => {
            first.life.frozenUntil = 0;
            await world.pass(2 * minute);
            first.life.dead = true;
            return adopt(...args);
          },
  });
  await world.pass(61_000);
  await attend({ ...second.project, store: { ...second.project.store, tasks } });
  await world.flush();
  await world.live(second, 20 * minute);
  expect(world.pulls).toHaveLength(1);
  expect(await world.store.sessions.list({ states: ["intended", "running", "ended"] })).toEqual([]);
  expect(world.folders.size).toBe(0);
});
