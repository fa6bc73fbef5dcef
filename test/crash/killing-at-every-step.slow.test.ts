import { afterEach, expect, it } from "vitest";
import { killHard, startDaemon } from "./support/daemon.ts";
import { holdWrites } from "./support/held-writes.ts";
import { allPoints, killAtPoint } from "./support/points.ts";
import { type CrashProject, makeCrashProject } from "./support/project.ts";
import { attemptsLost, expectProvenEnd, untilSettled } from "./support/proven-end.ts";

let project: CrashProject | undefined;
afterEach(async () => project?.product.close());

it("killed after each step, and after it was done but not recorded, the daemon goes on as if nothing had been", async () => {
  project = await makeCrashProject({ issues: 0, work: "sleep 0.3" });
  const { product } = project;
  // Widens the moment between a write and the note that it was made.
  await product.forge().addFault({ path: /labels|comments|pulls$|receive-pack/, times: 100_000 }, { delayMs: 60 });
  const missed: string[] = [];
  for (const point of allPoints()) {
    let hit = false;
    for (let attempt = 0; attempt < 4 && !hit; attempt += 1) {
      await project.addIssue();
      const daemon = await startDaemon(product);
      const writes = attempt % 2 === 0 ? null : holdWrites(project.storeFile);
      hit = await killAtPoint(project, daemon, point, 8_000, writes);
      writes?.release();
      await killHard(daemon);
    }
    if (!hit) missed.push(point.name);
  }
  await startDaemon(product);
  await untilSettled(project, 120_000);
  await product.json("runtime", "stop", "--profile-id", "web");
  expect(missed).toEqual([]);
  await expectProvenEnd(project);
  expect([...project.worked()].sort()).toEqual([...project.issues].sort());
  expect(await attemptsLost(project)).toBe(0);
}, 900_000);
