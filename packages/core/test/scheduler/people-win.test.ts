import { expect, it } from "vitest";
import { lanes, tick } from "../../src/index.ts";
import { labels, World } from "./simulated-world.ts";

const minute = 60_000;
const blocked = {
  kind: "valid",
  outcome: "blocked",
  detail: "no access",
  title: null,
  body: null,
  commitMessage: null,
  failureReason: null,
} as const;

it("turns an opted-in issue into one pull request and leaves nothing behind", async () => {
  const world = await World.make();
  const runtime = world.runtime("r1");
  world.addIssue(1);
  await world.live(runtime, 5 * minute);
  expect(world.pulls).toHaveLength(1);
  expect(world.issues.get(1)?.labels).toEqual([labels.ready]);
  expect(world.folders.size).toBe(0);
  expect(world.problems).toEqual([]);
  expect(runtime.errors).toEqual([]);
});

it("goes on when the hold label that stopped a running session is taken off again", async () => {
  const world = await World.make();
  const runtime = world.runtime("r1");
  world.addIssue(1);
  await world.live(runtime, 30_000);
  expect(world.trees()).toHaveLength(1);
  world.label(1, { add: [labels.hold] });
  await world.live(runtime, 2 * minute);
  expect(world.trees()).toHaveLength(0);
  expect(await world.heldBecause(1)).toBe("held");
  world.label(1, { remove: [labels.hold] });
  await world.live(runtime, 5 * minute);
  expect(world.pulls).toHaveLength(1);
});

it.each([
  ["leaves an issue to a pull request that closes it, of somebody who may and of whom nothing was known", true],
  ["does not leave an issue to a stranger's pull request that says it closes it", false],
])("%s", async (_, may) => {
  const world = await World.make();
  const runtime = world.runtime("r1");
  if (may) world.forge.writers.add("meg");
  world.forge.addPull(500, { author: "meg", headRef: "topic", body: "Closes #1" });
  world.addIssue(1);
  await world.live(runtime, 5 * minute);
  expect(world.launches > 0).toBe(!may);
  expect(world.forge.pulls).toHaveLength(may ? 1 : 2);
  if (may) expect(await world.heldBecause(1)).toBe("linked-pull-request");
});

it("keeps an operator's cancel of a running task, whatever an earlier attempt had failed for", async () => {
  const world = await World.make();
  const runtime = world.runtime("r1");
  world.addIssue(1);
  await world.live(runtime, 30_000);
  const task = await world.task(1);
  await world.store.tasks.cancel(task?.id ?? 0, "cli", "operator");
  await world.live(runtime, 2 * minute);
  expect(await world.task(1)).toMatchObject({ state: "cancelled", reason: "operator" });
  await world.live(runtime, 10 * minute);
  expect(await world.heldBecause(1)).toBe("cancelled");
  expect(world.launches).toBe(1);
});

it("tries a dead letter again when a person takes the blocked label off", async () => {
  const world = await World.make();
  const runtime = world.runtime("r1");
  world.fate = () => ({ lastsMs: 10_000, contract: blocked });
  world.addIssue(1);
  await world.live(runtime, 3 * minute);
  expect(await world.heldBecause(1)).toBe("dead-letter");
  world.fate = () => ({ lastsMs: 10_000 });
  world.label(1, { remove: [labels.blocked] });
  await world.live(runtime, 5 * minute);
  expect(world.pulls).toHaveLength(1);
});

it("launches a dead letter that a person replays as soon as its blocked label is gone, and not before", async () => {
  const world = await World.make();
  const runtime = world.runtime("r1");
  world.fate = () => ({ lastsMs: 10_000, contract: blocked });
  world.addIssue(1);
  await world.live(runtime, 3 * minute);
  world.fate = () => ({ lastsMs: 10_000 });
  const dead = await world.task(1);
  await world.store.tasks.replayDeadLetter(dead?.id ?? 0, "cli");
  await world.live(runtime, 3 * minute);
  expect(await world.heldBecause(1)).toBe("blocked");
  world.label(1, { remove: [labels.blocked] });
  await world.live(runtime, 3 * minute);
  expect(await world.task(1)).toMatchObject({ id: dead?.id, state: "succeeded" });
});

it("decides once per issue, and once only, while a running session is being stopped", async () => {
  const world = await World.make();
  const runtime = world.runtime("r1");
  world.addIssue(1);
  await world.live(runtime, 30_000);
  world.label(1, { add: [labels.hold] });
  // The wrapper hangs: the session stays for a while.
  await tick(runtime.project, { draining: false });
  const before = (await world.store.events.list({})).length;
  for (let n = 0; n < 5; n += 1) await tick(runtime.project, { draining: false });
  expect((await world.store.events.list({})).length - before).toBeLessThanOrEqual(1);
});

it.each([labels.hold, labels.blocked])(
  "never takes off the label %s that a person set on an issue that is worked on",
  async (label) => {
    const world = await World.make();
    const runtime = world.runtime("r1");
    world.fate = () => ({ lastsMs: 2 * minute });
    world.addIssue(1);
    await world.live(runtime, 30_000);
    expect(world.issues.get(1)?.labels).toContain(labels.running);
    world.label(1, { add: [label] });
    await world.live(runtime, 20 * minute);
    expect(world.issues.get(1)?.labels).toEqual([labels.ready, label]);
    expect(world.launches).toBe(1);
    expect(world.pulls).toEqual([]);
  },
);

it("takes no running label off an issue that is worked on because a pull request names it", async () => {
  const world = await World.make();
  const runtime = world.runtime("r1", { lanes });
  world.fate = ({ subject }) => ({ lastsMs: subject === "issue:1" ? 10 * minute : 2 * minute });
  world.addIssue(1);
  await world.live(runtime, 30_000);
  world.forge.addPull(7, { body: "Closes #1", headRef: "ann/x", labels: [labels.handoff] });
  await world.live(runtime, minute);
  expect(world.pulls[0]?.labels).toEqual([labels.handoff, labels.automerge, labels.running]);
  await world.live(runtime, 3 * minute);
  // Its review has come and gone, and the session of the issue goes on.
  expect(world.pulls[0]?.labels).toEqual([labels.handoff, labels.automerge]);
  expect(world.trees().map(({ subject }) => subject)).toEqual(["issue:1"]);
  expect(world.issues.get(1)?.labels).toContain(labels.running);
});
