// One item that fails or is slow, and the others beside it.
import { expect, it } from "vitest";
import { attend, type Project, tick } from "../../src/index.ts";
import { labels, World } from "./simulated-world.ts";

const minute = 60_000;
const draining = { draining: false };

/** The project with one port's call replaced. */
function withCall<Port extends "worktrees" | "runner">(
  project: Project,
  port: Port,
  call: keyof Project[Port],
  replacement: (...args: never[]) => unknown,
): Project {
  const replaced = new Proxy(project[port], {
    get: (target, name) => (name === call ? replacement : Reflect.get(target, name)),
  });
  return { ...project, [port]: replaced };
}

it("a launch that fails leaves the other launches, the outbox and the catching up as they are", async () => {
  const world = await World.make();
  const runtime = world.runtime("r1");
  world.addIssue(9, { labels: [labels.ready, labels.hold, labels.running] });
  await tick(runtime.project, draining);
  world.forge.close(9, "closed");
  world.addIssue(1);
  world.addIssue(2);
  const { create } = runtime.project.worktrees;
  const breaksForFirst: typeof create = async (made) => {
    if (made.branch.includes("issue-1-")) throw new Error("no room in this folder");
    return create(made);
  };
  const project = withCall(runtime.project, "worktrees", "create", breaksForFirst);
  const one = { ...runtime, project };
  await world.live(one, 5 * minute);
  expect(runtime.errors.join()).toContain("no room in this folder");
  expect(await world.task(1)).toMatchObject({ attempts: 0, reason: "launch-failed" });
  expect(world.pulls.map(({ headRef }) => headRef)).toEqual([expect.stringContaining("issue-2-")]);
  expect(world.issues.get(1)?.labels).toEqual([labels.ready]);
  expect(world.issues.get(9)?.labels).not.toContain(labels.running);
  expect(await world.store.outbox.list({ states: ["pending", "failed"] })).toEqual([]);
});

it("an item that cannot be saved keeps no other from being launched, and the tick goes on to its end", async () => {
  const world = await World.make();
  const runtime = world.runtime("r1");
  world.addIssue(1);
  world.addIssue(2);
  const { store } = runtime.project;
  const enqueue: typeof store.tasks.enqueue = async (task, actor) => {
    if (task.subject === "issue:1") throw new Error("this row is refused");
    return store.tasks.enqueue(task, actor);
  };
  const tasks = new Proxy(store.tasks, {
    get: (target, name) => (name === "enqueue" ? enqueue : Reflect.get(target, name)),
  });
  await tick({ ...runtime.project, store: { ...store, tasks } }, draining);
  await world.flush();
  expect(runtime.errors.join()).toContain("this row is refused");
  expect((await world.store.tasks.list({ queue: "demo" })).map(({ subject }) => subject)).toEqual(["issue:2"]);
  expect(world.launches).toBe(1);
  expect((await world.store.decisions.list("demo")).map(({ subject }) => subject)).toEqual(["issue:1", "issue:2"]);
});

it("a reconcile that takes for ever does not delay a launch, nor any tick", async () => {
  const world = await World.make();
  const runtime = world.runtime("r1");
  world.addIssue(1);
  let isOpen = () => {};
  const gate = new Promise<void>((done) => {
    isOpen = done;
  });
  let collecting = 0;
  const { collect } = runtime.project.worktrees;
  const slow: typeof collect = async (of) => {
    collecting += 1;
    await gate;
    return collect(of);
  };
  const one = { ...runtime, project: withCall(runtime.project, "worktrees", "collect", slow) };
  await world.live(one, 2 * minute);
  expect(collecting).toBe(1);
  world.addIssue(2);
  await tick(one.project, draining);
  await world.flush();
  expect(world.launches).toBe(2);
  expect(await world.heldBecause(2)).toBe("launch");
  await world.live(one, 10 * minute);
  expect(collecting).toBe(2);
  expect(await world.task(1)).toMatchObject({ state: "running" });
  isOpen();
  await world.live(one, 5 * minute);
  expect(world.pulls).toHaveLength(2);
  expect(world.problems).toEqual([]);
});

it("a session is reconciled once: what is concluded is looked at no more", async () => {
  const world = await World.make();
  const runtime = world.runtime("r1");
  world.fate = () => ({ lastsMs: 5_000, ending: { exitReason: "lost" } });
  world.addIssue(1);
  await world.live(runtime, minute);
  expect(await world.task(1)).toMatchObject({ state: "scheduled", attempts: 1 });
  const before = await world.store.events.list({ limit: 1_000 });
  for (let n = 0; n < 20; n += 1) {
    await attend(runtime.project);
    await world.flush();
  }
  expect(await world.store.events.list({ limit: 1_000 })).toEqual(before);
  expect(runtime.errors).toEqual([]);
});
