import { isAlive } from "@agent-control-plane/runners";
import { afterEach, expect, it } from "vitest";
import { until } from "../support/product.ts";
import { failuresOf, killHard, runDaemonBeside } from "./support/daemon.ts";
import { type CrashProject, makeCrashProject } from "./support/project.ts";
import { attemptsLost, expectProvenEnd, untilSettled } from "./support/proven-end.ts";

let project: CrashProject | undefined;
afterEach(async () => project?.product.close());

it("work each issue once, share the work, and one goes on alone when the other is killed", async () => {
  project = await makeCrashProject({ issues: 10, work: "sleep 0.6" });
  const { product, store } = project;
  const first = runDaemonBeside(product);
  const second = runDaemonBeside(product);
  // Without this, one of them might have slept through it all.
  await until("both have claimed, some issues are done, and an agent is at work", async () => {
    const done = (await store.tasks.list({ queue: "web" })).filter((task) => task.state === "succeeded").length;
    const atWork = await store.sessions.list({ states: ["running"] });
    return new Set(await claimers(project)).size === 2 && done >= 3 && atWork.length > 0;
  });
  expect(await killHard(first.mark)).toBe(true);
  expect(isAlive(second.mark)).toBe(true);
  await untilSettled(project, 60_000);
  expect((await product.acp("runtime", "start", "--profile-id", "web")).stdout).toContain("already running");
  await product.json("runtime", "stop", "--profile-id", "web");

  await expectProvenEnd(project);
  expect([...project.worked()].sort()).toEqual([...project.issues].sort());
  expect(await attemptsLost(project)).toBe(0);
  expect(failuresOf(product)).toEqual([]);
  expect(project.refs().filter((ref) => ref.startsWith("refs/acp/rescue/"))).toEqual([]);
}, 120_000);

async function claimers(of: CrashProject | undefined): Promise<readonly string[]> {
  const events = (await of?.store.events.list({ limit: 10_000 })) ?? [];
  return events.filter((event) => event.kind === "task.claimed").map((event) => event.actor);
}
