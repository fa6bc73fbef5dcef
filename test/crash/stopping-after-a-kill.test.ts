import { afterEach, expect, it } from "vitest";
import { until } from "../support/product.ts";
import { killHard, startDaemon } from "./support/daemon.ts";
import { type CrashProject, makeCrashProject } from "./support/project.ts";
import { attemptsLost, expectProvenEnd, untilSettled } from "./support/proven-end.ts";

let project: CrashProject | undefined;
afterEach(async () => project?.product.close());

it("stop ends the sessions that a killed daemon left, and the next start loses no try over it", async () => {
  project = await makeCrashProject({
    issues: 2,
    // The first try of each issue would go on for ever; asked to end, it goes.
    work: `if test "$(grep -c "^$ACP_ISSUE_NUMBER$" "$STARTED")" -lt 2; then sleep 1000; fi`,
  });
  const { product, store, forge } = project;
  const daemon = await startDaemon(product);
  const running = await until("both agents at work", async () => {
    const sessions = await store.sessions.list({ states: ["running"] });
    return project?.worked().length === 2 && sessions.length === 2 && sessions;
  });
  expect(await killHard(daemon)).toBe(true);

  const stopped = await product.json<{ reaped: string[] }>("runtime", "stop", "--profile-id", "web");
  expect(stopped).toMatchObject({ status: "stopped", daemons: [], survivors: 0 });
  expect([...stopped.reaped].sort()).toEqual(running.map((session) => session.id).sort());
  for (const { id } of running) expect((await store.sessions.get(id))?.ending?.exitReason).toBe("stopped");
  expect(await forge.pulls()).toEqual([]);

  await startDaemon(product);
  await untilSettled(project, 60_000);
  await product.json("runtime", "stop", "--profile-id", "web");
  await expectProvenEnd(project);
  expect(await attemptsLost(project)).toBe(0);
}, 120_000);
