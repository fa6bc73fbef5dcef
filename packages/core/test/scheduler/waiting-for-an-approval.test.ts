import { expect, it } from "vitest";
import { attend, tick } from "../../src/index.ts";
import { smallDelta } from "../support/guards.ts";
import { labels, type SimulatedRuntime, World } from "./simulated-world.ts";

const minute = 60_000;
const draining = { draining: false };

/** Verified work on a workflow, of which people were asked. */
async function asked(): Promise<{ world: World; runtime: SimulatedRuntime }> {
  const world = await World.make();
  const runtime = world.runtime("r1");
  const files = smallDelta.files.map((file) => ({ ...file, path: ".github/workflows/ci.yml" }));
  const worktrees = { ...runtime.project.worktrees, delta: async () => ({ ...smallDelta, files }) };
  const project = { ...runtime.project, worktrees };
  world.fate = () => ({ lastsMs: 5_000 });
  world.addIssue(1);
  for (let passed = 0; passed < 2 * minute; passed += 5_000) {
    if (passed === 0) await tick(project, draining);
    else await attend(project);
    await world.flush();
    await world.stepWrappers();
    await world.pass(5_000);
  }
  expect(await world.task(1)).toMatchObject({ state: "succeeded" });
  return { world, runtime };
}

const pushes = async (world: World) =>
  (await world.store.outbox.list({})).filter(({ kind }) => kind === "push-branch").map(({ state }) => state);

it("an approval that was there before its question could be read lets nothing go", async () => {
  const { world, runtime } = await asked();
  world.label(1, { add: [labels.humanApproved] });
  await tick(runtime.project, draining);
  expect(await pushes(world)).toEqual(["failed"]);
  await world.live(runtime, 3 * minute);
  expect(await pushes(world)).toEqual(["failed"]);
  world.label(1, { remove: [labels.humanApproved] });
  world.label(1, { add: [labels.humanApproved] });
  await world.live(runtime, 3 * minute);
  expect(await pushes(world)).toEqual(["sent"]);
});

it("work that waits goes on waiting while its issue is missing from a list", async () => {
  const { world, runtime } = await asked();
  await world.live(runtime, minute);
  const source = { ...runtime.project.source, openIssues: async () => [] };
  await tick({ ...runtime.project, source }, draining);
  await tick({ ...runtime.project, source }, draining);
  expect(await pushes(world)).toEqual(["failed"]);
  await world.live(runtime, minute);
  world.label(1, { add: [labels.humanApproved] });
  await world.live(runtime, 3 * minute);
  expect(await pushes(world)).toEqual(["sent"]);
});

it.each<[string, (world: World) => void]>([
  ["closed", (world) => world.forge.close(1, "closed")],
  ["not opted in any more", (world) => world.label(1, { remove: [labels.ready] })],
])("work that waits is dropped when its issue is %s", async (_, act) => {
  const { world, runtime } = await asked();
  await world.live(runtime, minute);
  act(world);
  await world.live(runtime, minute);
  expect(await pushes(world)).toEqual(["dropped"]);
  expect(world.issues.get(1)?.labels).not.toContain(labels.humanReview);
});
