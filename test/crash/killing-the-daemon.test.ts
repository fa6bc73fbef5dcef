import { setTimeout as wait } from "node:timers/promises";
import { seeded } from "@agent-control-plane/testkit/seeded-random";
import { afterEach, expect, it } from "vitest";
import { killHard, killWhileStarting, startDaemon } from "./support/daemon.ts";
import { type CrashProject, makeCrashProject } from "./support/project.ts";
import { attemptsLost, expectProvenEnd, untilSettled } from "./support/proven-end.ts";

let project: CrashProject | undefined;
afterEach(async () => project?.product.close());

const kills = 20;

it.each([7])(
  "ends every issue with one pull request when the daemon is killed at %i's twenty moments",
  async (seed) => {
    project = await makeCrashProject({ issues: 10, work: "sleep 1.5" });
    const { product, store } = project;
    const random = seeded(seed);
    const hit = { running: 0, starting: 0, undelivered: 0 };
    for (let kill = 0; kill < kills; kill += 1) {
      if (random() < 0.3) {
        await killWhileStarting(product, 100 + random() * 700);
        hit.starting += 1;
        continue;
      }
      const daemon = await startDaemon(product);
      await wait(random() * 900);
      // Writes are under way for a moment only: every other kill lies in wait for one.
      if (kill % 2 === 0) await aWriteUnderWay(project, 600);
      const open = await store.sessions.list({ states: ["intended", "running", "ended"] });
      const undelivered = await store.outbox.list({ states: ["pending"] });
      expect(await killHard(daemon)).toBe(true);
      if (open.length > 0) hit.running += 1;
      if (undelivered.length > 0) hit.undelivered += 1;
    }
    await startDaemon(product);
    await untilSettled(project, 60_000);
    await product.json("runtime", "stop", "--profile-id", "web");

    // The kills were where it hurts: otherwise the rest proves nothing. (That each kind of write is hit at its worst
    // moment is not left to luck: see killing-at-every-step.)
    expect(hit.running + hit.undelivered).toBeGreaterThan(3);
    expect(hit.starting).toBeGreaterThan(0);
    await expectProvenEnd(project);
    expect([...project.worked()].sort()).toEqual([...project.issues].sort());
    expect(await attemptsLost(project)).toBe(0);
  },
  180_000,
);

async function aWriteUnderWay({ store }: CrashProject, waitMs: number): Promise<void> {
  const deadline = Date.now() + waitMs;
  while (Date.now() < deadline && (await store.outbox.list({ states: ["pending"] })).length === 0) await wait(3);
}
