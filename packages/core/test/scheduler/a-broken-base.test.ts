import { expect, it } from "vitest";
import { type Check, lanes } from "../../src/index.ts";
import { policy } from "../support/snapshots.ts";
import { labels, type SimulatedRuntime, World } from "./simulated-world.ts";

const minute = 60_000;

const failed: Check = {
  ...{ name: "build", kind: "check-run", state: "failed", id: 1, runId: null, url: null, summary: "it does not build" },
};
const passed: Check = { ...failed, state: "passed" };

const baseIssues = (world: World) =>
  [...world.issues.values()].filter(({ title }) => title.startsWith("The base branch"));
const reason = async (world: World, subject: string) =>
  (await world.store.decisions.list("demo")).find((one) => one.subject === subject);

function withBase(world: World, baseBroken: "issue" | "ready", id = "r1"): SimulatedRuntime {
  return world.runtime(id, { lanes, pullRequests: { ...policy().pullRequests, baseBroken } });
}

it("checks that fail on the base too make one issue for all that waits, which is closed when they pass", async () => {
  const world = await World.make();
  const [one, two] = [withBase(world, "issue"), withBase(world, "issue", "r2")];
  const head = world.forge.branches.get("main") ?? "";
  world.forge.baseChecks.set(head, [failed]);
  for (const number of [7, 8]) world.forge.addPull(number, { author: "bot", checks: [failed] });
  for (let round = 0; round < 4; round += 1) {
    await world.live(one, minute / 2);
    await world.live(two, minute / 2);
  }
  const made = baseIssues(world);
  expect(made).toMatchObject([{ state: "open", labels: [], title: "The base branch main is broken: build fails" }]);
  expect(made[0]?.body).toContain(head);
  expect(await reason(world, "pr:7")).toMatchObject({
    reason: "base-checks-broken",
    detail: expect.stringContaining(`waits for #${made[0]?.number}`),
  });
  expect(await reason(world, "pr:8")).toMatchObject({ reason: "base-checks-broken" });

  world.forge.moveBase(() => "clean");
  const next = world.forge.branches.get("main") ?? "";
  world.forge.baseChecks.set(next, [{ ...passed, state: "pending" }]);
  await world.live(one, 2 * minute);
  expect(baseIssues(world)).toMatchObject([{ state: "open" }]);
  world.forge.baseChecks.set(next, [passed]);
  await world.live(one, 2 * minute);
  await world.live(two, minute);
  expect(baseIssues(world)).toMatchObject([{ state: "closed", stateReason: "completed" }]);
  expect(world.comments.filter((body) => body.includes("green again"))).toHaveLength(1);
  expect(world.problems).toEqual([]);
});

it("lost replies make no second issue", async () => {
  const world = await World.make();
  const runtime = withBase(world, "issue");
  world.forge.baseChecks.set(world.forge.branches.get("main") ?? "", [failed]);
  world.forge.addPull(7, { author: "bot", checks: [failed] });
  const deliver = world.deliver.bind(world);
  let lost = 0;
  world.deliver = (by) => deliver(by, () => ++lost <= 3);
  await world.live(runtime, 5 * minute);
  expect(lost).toBeGreaterThan(0);
  expect(baseIssues(world)).toHaveLength(1);
  expect(world.problems).toEqual([]);
});

it("a base on which the profile's checks fail has its issue worked by an agent where the profile says so", async () => {
  const world = await World.make();
  const runtime = withBase(world, "ready");
  const head = world.forge.branches.get("main") ?? "";
  world.brokenHeads.add(head);
  world.fate = ({ subject }) => ({ lastsMs: 5_000, mends: subject !== "issue:1" });
  world.addIssue(1);
  await world.live(runtime, 10 * minute);
  const [made] = baseIssues(world);
  expect(made).toMatchObject({ labels: expect.arrayContaining([labels.ready]) });
  expect(await reason(world, "issue:1")).toMatchObject({ reason: expect.stringMatching(/baseline-broken|snoozed/) });
  const mending = world.pulls.filter(({ body }) => body.startsWith(`Closes #${made?.number}`));
  expect(mending).toHaveLength(1);
  expect(world.pulls).toHaveLength(1);

  world.forge.close(mending[0]?.number ?? 0, "merged");
  world.forge.moveBase(() => "clean");
  await world.live(runtime, 30 * minute);
  expect(baseIssues(world)).toMatchObject([{ state: "closed" }]);
  expect(world.pulls).toHaveLength(2);
  expect((await world.store.brokenBases.newest("demo", "main"))?.closedAt).not.toBeNull();
  expect(world.problems).toEqual([]);
});

it("work that does not mend the base pays for it: the base's being broken excuses it no more", async () => {
  const world = await World.make();
  const runtime = withBase(world, "ready");
  world.brokenHeads.add(world.forge.branches.get("main") ?? "");
  world.fate = () => ({ lastsMs: 5_000 });
  world.addIssue(1);
  await world.live(runtime, 60 * minute);
  const [made] = baseIssues(world);
  expect(await world.task(made?.number ?? 0)).toMatchObject({ state: "dead", reason: "verification-failed" });
  expect(await world.task(1)).toMatchObject({ attempts: 0 });
});

it("a base that is broken in another way later gets another issue", async () => {
  const world = await World.make();
  const runtime = world.runtime("r1");
  world.forge.addPull(7, { author: "bot", checks: [failed] });
  for (const state of ["failed", "passed", "failed"] as const) {
    world.forge.moveBase(() => "clean");
    world.forge.baseChecks.set(world.forge.branches.get("main") ?? "", [{ ...failed, state }]);
    await world.live(runtime, 3 * minute);
  }
  expect(baseIssues(world).map(({ state }) => state)).toEqual(["closed", "open"]);
});
