import { ManualClock, temporaryStore } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import type { Project } from "../../src/index.ts";
import { keepSample } from "../../src/scheduler/keep-sample.ts";
import { minute, now, snapshot, task, wanted } from "../support/snapshots.ts";

const projectOn = (store: Project["store"], said: string[] = []) =>
  ({
    ...{ profileId: "demo", store, known: {}, allowanceLeft: () => 4_321 },
    log: { warn: (message: string) => void said.push(message) },
  }) as unknown as Project;

const at = (moment: number) =>
  snapshot({
    now: moment,
    tasks: [
      task(wanted(1), { state: "running" }),
      task(wanted(2), { createdAt: moment - 9 * minute, runAt: moment - 3 * minute }),
      task(wanted(3), { state: "scheduled", runAt: moment + 60 * minute }),
    ],
    spend: {
      ...{ items: new Map(), told: new Set() },
      day: { spent: { tokens: 1_000, usd: 1.5 }, until: moment + 60 * minute },
    },
  });

it("keeps one sample in five minutes, whoever ticks and however often", async () => {
  const { store } = await temporaryStore({ clock: new ManualClock() });
  const first = now - (now % (5 * minute));
  const project = projectOn(store);
  for (const after of [0, 1, 4]) await keepSample(project, at(first + after * minute));
  await keepSample(projectOn(store), at(first + 4 * minute));
  await keepSample(project, at(first + 5 * minute));
  expect(await store.samples.list({ profileId: null, since: 0 })).toEqual(
    [first, first + 5 * minute].map((moment) => ({
      ...{ at: moment, profileId: "demo", running: 1, waiting: 2, pending: 0, oldestWaitS: 180 },
      ...{ tokens: 1_000, usd: 1.5, allowanceLeft: 4_321 },
    })),
  );
});

it("asks the store for nothing in between", async () => {
  const statements: string[] = [];
  const { store } = await temporaryStore({ onStatement: (sql) => void statements.push(sql) });
  const project = projectOn(store);
  await keepSample(project, at(now));
  expect(statements.length).toBeGreaterThan(0);
  statements.length = 0;
  await keepSample(project, at(now + 1));
  expect(statements).toEqual([]);
});

it("a store that cannot take it is said, and keeps no tick from ending well", async () => {
  const { store } = await temporaryStore();
  const said: string[] = [];
  const full = { ...store, samples: { ...store.samples, add: () => Promise.reject(new Error("disk full")) } };
  await keepSample(projectOn(full, said), at(now));
  expect(said).toEqual(["sample not kept"]);
});
