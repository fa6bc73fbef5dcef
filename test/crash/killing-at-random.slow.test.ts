import { setTimeout as wait } from "node:timers/promises";
import type { Session } from "@agent-control-plane/core";
import { findMarked } from "@agent-control-plane/runners";
import { seeded } from "@agent-control-plane/testkit/seeded-random";
import { afterEach, expect, it } from "vitest";
import { killHard, killWhileStarting, startDaemon } from "./support/daemon.ts";
import { type CrashProject, makeCrashProject } from "./support/project.ts";
import { attemptsLost, expectProvenEnd, untilSettled } from "./support/proven-end.ts";

let project: CrashProject | undefined;
afterEach(async () => project?.product.close());

const seeds = (process.env.ACP_CRASH_SEEDS ?? "").split(",").filter(Boolean).map(Number);
const defaultSeeds = Array.from({ length: 20 }, (_, index) => index + 1);

it.each(seeds.length > 0 ? seeds : defaultSeeds)(
  "seed %i: daemons, wrappers and agents are killed",
  async (seed) => {
    const random = seeded(seed);
    project = await makeCrashProject({
      issues: 10,
      work: "sleep 0.8",
      configure: { "execution.retry.cooldowns": [0.2], "execution.retry.max_attempts": 100 },
    });
    const { product, store } = project;
    const killed = { daemons: 0, wrappers: 0, agents: 0 };
    for (let kill = 0; kill < 20; kill += 1) {
      const daemon = await startDaemon(product);
      await wait(random() * 1_200);
      const choice = random();
      const [session] = shuffled(choice < 0.5 ? await someRunning(store) : [], random);
      if (session && choice < 0.25 && (await killWrapper(session))) killed.wrappers += 1;
      if (session && choice >= 0.25 && choice < 0.5 && (await killAgent(session, random))) killed.agents += 1;
      if (choice > 0.2 && (await killHard(daemon))) killed.daemons += 1;
      if (random() < 0.2) await killWhileStarting(product, 50 + random() * 700);
    }
    await startDaemon(product);
    await untilSettled(project, 120_000);
    await product.json("runtime", "stop", "--profile-id", "web");

    expect(killed.daemons).toBeGreaterThan(5);
    expect(killed.wrappers + killed.agents).toBeGreaterThan(0);
    await expectProvenEnd(project);
    // What a kill cost: at most one try for each wrapper and agent that was killed, none for a daemon.
    expect(await attemptsLost(project)).toBeLessThanOrEqual(killed.wrappers + killed.agents);
  },
  300_000,
);

/** On a slow machine a daemon may need longer than the pause to start its first session: the kill waits for one to meet. */
async function someRunning(store: CrashProject["store"]): Promise<readonly Session[]> {
  for (let look = 0; look < 30; look += 1) {
    const running = await store.sessions.list({ states: ["running"] });
    if (running.length > 0) return running;
    await wait(100);
  }
  return [];
}

const killWrapper = async ({ wrapper }: Session): Promise<boolean> => wrapper !== null && killHard(wrapper);

/** Any one process of the session but its wrapper. */
async function killAgent(session: Session, random: () => number): Promise<boolean> {
  const [one] = shuffled(findMarked(session.id), random);
  return one !== undefined && killHard(one);
}

function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
