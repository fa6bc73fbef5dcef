import { expect, it } from "vitest";
import { attend, KnownItems, tick } from "../../src/index.ts";
import { labels, type SimulatedRuntime, World } from "./simulated-world.ts";

const draining = { draining: false };

/** An issue we know, whose running label a closed door left behind, and which a person closes while nobody looks. */
async function closedWhileAway() {
  const world = await World.make();
  const runtime = world.runtime("r1");
  world.addIssue(1, { labels: [labels.ready, labels.hold, labels.running] });
  await tick(runtime.project, draining);
  expect(await known(world)).toEqual(["issue:1"]);
  world.forge.close(1, "closed");
  return { world, runtime };
}

const known = async (world: World) => (await world.store.readings.list("demo")).map(({ subject }) => subject);
const settling = async (world: World) =>
  (await world.store.outbox.list({})).filter(({ idempotencyKey }) => idempotencyKey.includes("/settled/"));

/** The runtime dies at its next call of this kind: nothing of the call is done. */
function dyingAt<Part extends "outbox" | "readings">(runtime: SimulatedRuntime, part: Part, call: string) {
  const dies = () => {
    runtime.life.dead = true;
    return Promise.reject(new Error("killed"));
  };
  const mortal = new Proxy(runtime.project.store[part], {
    get: (target, name) => (name === call ? dies : Reflect.get(target, name)),
  });
  const store = { ...runtime.project.store, [part]: mortal };
  return { ...runtime.project, store, known: new KnownItems(store, "demo") };
}

it("saves what an item that left the lists asks for before it forgets the item, and a crash in between repeats it harmlessly", async () => {
  const { world, runtime } = await closedWhileAway();
  await expect(tick(dyingAt(runtime, "readings", "remove"), draining)).rejects.toThrow("killed");
  expect(await settling(world)).toHaveLength(1);
  expect(await known(world)).toEqual(["issue:1"]);

  const next = world.runtime("r2");
  await tick(next.project, draining);
  expect(await settling(world)).toHaveLength(1);
  expect(await known(world)).toEqual([]);
  await world.deliverAll(next);
  expect(world.issues.get(1)?.labels).toEqual([labels.ready, labels.hold]);
  expect(world.problems).toEqual([]);
});

it("does not forget an item whose effect could not be saved", async () => {
  const { world, runtime } = await closedWhileAway();
  await expect(tick(dyingAt(runtime, "outbox", "enqueue"), draining)).rejects.toThrow("killed");
  expect(await settling(world)).toEqual([]);
  expect(await known(world)).toEqual(["issue:1"]);
});

it("does not forget an item that the forge says nothing of", async () => {
  const { world, runtime } = await closedWhileAway();
  const issue = async () => ({ kind: "unknown", because: "the forge fails" }) as const;
  const source = { ...runtime.project.source, issue };
  await tick({ ...runtime.project, source }, draining);
  expect(await known(world)).toEqual(["issue:1"]);
  await tick(runtime.project, draining);
  expect(await settling(world)).toHaveLength(1);
  expect(await known(world)).toEqual([]);
});

it("takes its own labels off a closed item and leaves those of people", async () => {
  const { world, runtime } = await closedWhileAway();
  world.label(1, { add: [labels.blocked, "bug"] });
  await tick(runtime.project, draining);
  await world.deliverAll(runtime);
  expect(world.issues.get(1)?.labels).toEqual([labels.ready, labels.hold, labels.blocked, "bug"]);
});

it("items that the forge says nothing of do not keep others from being settled", async () => {
  const world = await World.make();
  const { project } = world.runtime("r1");
  const numbers = Array.from({ length: 12 }, (_, index) => index + 1);
  for (const number of numbers) world.addIssue(number, { labels: [labels.ready, labels.hold] });
  await tick(project, draining);
  for (const number of numbers) world.forge.close(number, "closed");
  const issue: typeof project.source.issue = async (number) =>
    number <= 6 ? { kind: "unknown", because: "the forge fails" } : project.source.issue(number);
  for (let n = 0; n < 12; n += 1) await tick({ ...project, source: { ...project.source, issue } }, draining);
  expect(await known(world)).toEqual([1, 2, 3, 4, 5, 6].map((number) => `issue:${number}`));
});

/** An agent's work, opened as a pull request that no tick has seen in a list. */
async function openedUnseen() {
  const world = await World.make();
  const runtime = world.runtime("r1");
  world.fate = () => ({ lastsMs: 5_000 });
  world.addIssue(1);
  await tick(runtime.project, draining);
  for (let step = 0; step < 40 && world.pulls.length === 0; step += 1) {
    await world.stepWrappers();
    await world.pass(5_000);
    await attend(runtime.project);
    await world.flush();
    await world.deliverAll(runtime);
  }
  const [pull] = world.pulls;
  if (!pull) throw new Error("No pull request was opened");
  return { world, runtime, pull };
}

const written = async (world: World) =>
  (await world.store.outbox.list({})).map(({ kind }) => kind).filter((kind) => kind === "delete-branch");

it("a pull request that a person merged before we saw it in a list is cleaned up after like any other, once", async () => {
  const { world, runtime, pull } = await openedUnseen();
  world.forge.close(pull.number, "merged");
  world.forge.changeIssue(1, () => ({ state: "open" }));
  expect(await world.store.outbox.unsettledPulls("demo")).toEqual([pull.number]);
  await tick(runtime.project, draining);
  await world.deliverAll(runtime);
  expect(await written(world)).toEqual(["delete-branch"]);
  expect(world.forge.branches.has(pull.headRef)).toBe(false);
  expect(world.issues.get(1)?.state).toBe("closed");
  expect(await world.store.outbox.unsettledPulls("demo")).toEqual([]);

  let asked = 0;
  const pullRequest: typeof runtime.project.source.pullRequest = async (number) => {
    asked += 1;
    return runtime.project.source.pullRequest(number);
  };
  await tick({ ...runtime.project, source: { ...runtime.project.source, pullRequest } }, draining);
  expect(asked).toBe(0);
  expect(world.problems).toEqual([]);
});

it("one that is open, or that the forge says nothing of, is asked about again", async () => {
  const { world, runtime, pull } = await openedUnseen();
  const unknown = async () => ({ kind: "unknown", because: "the forge fails" }) as const;
  const openPullRequests = async () => [];
  const source = { ...runtime.project.source, openPullRequests };
  await tick({ ...runtime.project, source }, draining);
  await tick({ ...runtime.project, source: { ...source, pullRequest: unknown } }, draining);
  expect(await world.store.outbox.unsettledPulls("demo")).toEqual([pull.number]);
  expect(await written(world)).toEqual([]);
  world.forge.close(pull.number, "closed");
  await tick(runtime.project, draining);
  expect(await world.store.outbox.unsettledPulls("demo")).toEqual([]);
});
