// However little the daemon looks: the first tick after a person's act is the one that stops the run.
import { expect, it } from "vitest";
import { lanes, tick } from "../../src/index.ts";
import { labels, type SimulatedRuntime, World } from "./simulated-world.ts";

const minute = 60_000;
type Act = (world: World, number: number) => void;

/** The first tick after the act, and none after it. */
async function reasonAfterOneTick(world: World, { project }: SimulatedRuntime, subject: string, act: () => void) {
  const running = async () => (await world.store.tasks.list({ subject, states: ["running"] }))[0];
  const before = await running();
  // It goes on tick after tick as long as nobody acts.
  await tick(project, { draining: false });
  expect(await running()).toMatchObject({ id: before?.id, cancelRequestedAt: null });
  act();
  await tick(project, { draining: false });
  const after = await world.store.tasks.get(before?.id ?? 0);
  expect(after?.cancelRequestedAt ?? after?.finishedAt).not.toBeNull();
  return after?.reason;
}

it.each<[string, Act, string]>([
  ["sets the hold label", (world, number) => world.label(number, { add: [labels.hold] }), "held"],
  ["sets the blocked label", (world, number) => world.label(number, { add: [labels.blocked] }), "blocked"],
  ["takes the ready label off", (world, number) => world.label(number, { remove: [labels.ready] }), "not-wanted"],
  ["closes it", ({ forge }, number) => forge.close(number, "closed"), "not-wanted"],
  ["edits it, who may", ({ forge }, number) => forge.changeIssue(number, () => ({ body: "More." })), "edited"],
  [
    "edits it, whom nobody trusts",
    ({ forge }, number) => forge.changeIssue(number, () => ({ body: "Else." }), "eve"),
    "opt-in-voided",
  ],
  ["answers in a comment", ({ forge }, number) => forge.comment(number, "In English, please."), "edited"],
  [
    "opens a pull request that closes it, of whom nothing was known",
    ({ forge }, number) => forge.addPull(500, { author: "meg", headRef: "topic", body: `Closes #${number}` }),
    "linked-pull-request",
  ],
])("a run is asked to stop by the first tick after somebody %s", async (_, act, reason) => {
  const world = await World.make();
  world.forge.writers.add("meg");
  const runtime = world.runtime("r1");
  world.fate = () => ({ lastsMs: 60 * minute });
  world.addIssue(1);
  await world.live(runtime, minute);
  expect(await reasonAfterOneTick(world, runtime, "issue:1", () => act(world, 1))).toBe(reason);
});

it.each<[string, Act, string]>([
  ["sets the hold label", ({ forge }, number) => forge.label(number, { add: [labels.hold] }), "held"],
  ["sets the blocked label", ({ forge }, number) => forge.label(number, { add: [labels.blocked] }), "blocked"],
  [
    "takes the hand-off label off",
    ({ forge }, number) => forge.label(number, { remove: [labels.handoff] }),
    "not-managed",
  ],
  ["turns it into a draft", ({ forge }, number) => forge.changePull(number, { draft: true }), "draft"],
  ["pushes to it", ({ forge }, number) => forge.push(number, "d".repeat(40)), "superseded"],
  ["closes it", ({ forge }, number) => forge.close(number, "closed"), "not-wanted"],
  ["merges it", ({ forge }, number) => forge.close(number, "merged"), "not-wanted"],
])("a repair of a pull request is asked to stop by the first tick after somebody %s", async (_, act, reason) => {
  const world = await World.make();
  const runtime = world.runtime("r1", { lanes });
  world.fate = () => ({ lastsMs: 60 * minute });
  const failed = {
    name: "test",
    kind: "check-run",
    state: "failed",
    id: 1,
    runId: null,
    url: null,
    summary: "",
  } as const;
  world.forge.addPull(500, { headRef: "topic", labels: [labels.handoff], author: "ann", checks: [failed] });
  await world.live(runtime, minute);
  expect(await reasonAfterOneTick(world, runtime, "pr:500", () => act(world, 500))).toBe(reason);
});
