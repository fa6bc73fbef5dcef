import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { until } from "../support/product.ts";
import { killHard, startDaemon } from "./support/daemon.ts";
import { type CrashProject, makeCrashProject } from "./support/project.ts";
import { untilSettled } from "./support/proven-end.ts";

let project: CrashProject | undefined;
afterEach(async () => project?.product.close());

it("publishes work whose folder is deleted while its checks run and the daemon is killed, without another agent", async () => {
  project = await makeCrashProject({
    issues: 1,
    work: "sleep 0.1",
    configure: { "verification.commands": [{ name: "slow", command: "sleep 4" }] },
  });
  const { product, store, worktreeRoot } = project;
  const daemon = await startDaemon(product);
  await until("checks that run", async () => {
    return (await store.sessions.list({ states: ["running"] })).some(({ kind }) => kind === "verify");
  });
  const [agent] = (await store.sessions.list({})).filter(({ kind }) => kind === "agent");
  expect(await killHard(daemon)).toBe(true);
  rmSync(join(worktreeRoot, agent?.id ?? "none"), { recursive: true });
  await startDaemon(product);
  await untilSettled(project, 60_000);
  expect(project.worked()).toEqual([1]);
  expect(await project.forge.pulls()).toHaveLength(1);
  expect((await store.sessions.list({})).filter(({ kind }) => kind === "agent")).toHaveLength(1);
}, 120_000);
