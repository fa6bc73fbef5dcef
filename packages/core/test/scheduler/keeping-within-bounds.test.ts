import { ManualClock, temporaryStore } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import {
  defaultHostLimits,
  Jobs,
  keepWithinBounds,
  type Log,
  type OpenStore,
  type Release,
  type RunArchive,
} from "../../src/index.ts";
import { RetentionRounds } from "../../src/scheduler/keep-within-bounds.ts";
import { anEnding, aSession } from "../store/store-examples.ts";

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };
const hour = 3_600_000;

it("looks once an hour, and not in the first minutes of a daemon; a clock set back makes it wait no longer", async () => {
  const clock = new ManualClock();
  const { store } = await temporaryStore({ clock });
  const jobs = new Jobs(silent, clock);
  const rounds = new RetentionRounds();
  let looks = 0;
  const bounds = () => {
    looks += 1;
    return { store, archives: [], limits: defaultHostLimits.retention, actor: "r1", log: silent };
  };
  const pass = async (ms: number) => {
    clock.advance(ms);
    rounds.start(clock, jobs, bounds);
    await jobs.settled();
    return looks;
  };
  expect(await pass(0)).toBe(0);
  expect(await pass(hour / 10)).toBe(1);
  expect(await pass(hour / 2)).toBe(1);
  expect(await pass(hour / 2)).toBe(2);
  expect(await pass(-10 * hour)).toBe(3);
});

it("a run that cannot be moved keeps no other from going, and is tried again in the next round", async () => {
  const clock = new ManualClock();
  const { store } = await temporaryStore({ clock });
  for (const id of ["s1", "s2"]) await concludedSession(store, id);
  let isBroken = true;
  const archive: RunArchive = {
    archive: async ({ id }) => {
      if (isBroken && id === "s1") throw new Error("EACCES");
      return `/runs/history/${id}`;
    },
    prune: async () => ({ removed: 0, left: 0, leftBytes: 0, failed: ["EACCES"] }),
  };
  const archives = [{ profileId: "q", archive }];
  const bounds = { store, archives, limits: defaultHostLimits.retention, actor: "r1", log: silent };
  expect(await keepWithinBounds(bounds)).toMatchObject({ archived: 1 });
  expect((await store.sessions.get("s2"))?.runDir).toBe("/runs/history/s2");
  isBroken = false;
  expect(await keepWithinBounds(bounds)).toMatchObject({ archived: 1 });
});

it("moves the runs of ended tasks to the history once, and leaves those of a task that goes on", async () => {
  const clock = new ManualClock();
  const { store } = await temporaryStore({ clock });
  await concludedSession(store, "s1");
  await concludedSession(store, "s2", { kind: "retry", runAt: clock.now() + hour, reason: "x" });
  const moved: string[] = [];
  const archive: RunArchive = {
    archive: async ({ id }) => {
      moved.push(id);
      return `/runs/history/${id}`;
    },
    prune: async () => ({ removed: 0, left: 0, leftBytes: 0, failed: [] }),
  };
  const bounds = {
    store,
    archives: [{ profileId: "q", archive }],
    limits: defaultHostLimits.retention,
    actor: "r1",
    log: silent,
  };
  expect(await keepWithinBounds(bounds)).toMatchObject({ archived: 1 });
  expect(await keepWithinBounds(bounds)).toMatchObject({ archived: 0 });
  expect(moved).toEqual(["s1"]);
  expect((await store.sessions.get("s1"))?.runDir).toBe("/runs/history/s1");
  expect((await store.sessions.get("s2"))?.runDir).toBe("/runs/s2");
});

async function concludedSession(store: OpenStore, id: string, release: Release = { kind: "succeeded" }): Promise<void> {
  await store.tasks.enqueue({ queue: "q", subject: `issue:${id}` }, "t");
  const claim = await store.tasks.claim({ queues: ["q"], owner: "o", leaseMs: 60_000 });
  if (!claim) throw new Error("nothing to claim");
  await store.sessions.intend(claim.lease, aSession(id));
  await store.sessions.end(id, claim.lease.term, anEnding(store.clock.now()));
  const lease = await store.tasks.adopt(claim.lease, "o", 60_000);
  if (lease === "lost") throw new Error("lost");
  const concludes = [{ sessionId: id, outcome: "published", evidence: null }];
  await store.tasks.release(lease, release, { actor: "o", concludes });
}
