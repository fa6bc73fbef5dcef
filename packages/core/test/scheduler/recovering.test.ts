import { ManualClock, storeProblems, temporaryStore } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import type { Log, ProcessMark, SessionRunner } from "../../src/index.ts";
import { Jobs, type Project } from "../../src/scheduler/index.ts";
import { recover } from "../../src/scheduler/recover.ts";
import { anEnding, aSession } from "../store/store-examples.ts";

const leaseMs = 60_000;
const wrapper: ProcessMark = { pid: 7, startedMark: "m" };

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** Profile `q` on a store where tasks 1 (of `q`) and 2 (of another profile) were claimed by a runtime that died. */
async function afterADeath(runner: Partial<SessionRunner> = {}) {
  const clock = new ManualClock();
  const { store } = await temporaryStore({ clock });
  await store.tasks.enqueue({ queue: "q", subject: "issue:1", lane: "issue-implementation" }, "test");
  await store.tasks.enqueue({ queue: "other", subject: "issue:1" }, "test");
  const claim = await store.tasks.claim({ queues: ["q"], owner: "dead", leaseMs });
  await store.tasks.claim({ queues: ["other"], owner: "dead", leaseMs });
  if (!claim) throw new Error("nothing claimed");
  const nobody = { isAlive: () => false, wrapperOf: () => null, ending: () => null };
  const project = {
    profileId: "q",
    runtimeId: "next",
    publish: {
      profileId: "q",
      labels: { running: "agent-running", blocked: "agent-blocked" },
      pullRequestLabels: [],
      draft: false,
    },
    leaseMs,
    store,
    clock,
    log: silent,
    jobs: new Jobs(silent, clock),
    runner: { ...nobody, reap: async () => ({ killed: 0, survivors: 0 }), ...runner },
  } as unknown as Project;
  return { store, clock, project, lease: claim.lease };
}

it("gives a claim without a session back when its lease has expired, at no attempt, and takes the label off", async () => {
  const { store, clock, project } = await afterADeath();
  clock.advance(leaseMs - 1);
  await recover(project);
  expect(await store.tasks.get(1)).toMatchObject({ state: "running", attempts: 1 });
  clock.advance(1);
  await recover(project);
  expect(await store.tasks.get(1)).toMatchObject({ state: "queued", attempts: 0, reason: "not-started" });
  expect(await store.outbox.list({})).toMatchObject([{ kind: "remove-labels" }]);
  expect(await storeProblems(store)).toEqual([]);
});

it("leaves another profile's claims to that profile, which would give their attempts back", async () => {
  const { store, clock, project } = await afterADeath();
  clock.advance(2 * leaseMs);
  await recover(project);
  expect(await store.tasks.get(2)).toMatchObject({ state: "running", attempts: 1 });
});

it("ends a session that never came up as soon as nobody can be starting it any more", async () => {
  const { store, clock, project, lease } = await afterADeath();
  await store.sessions.intend(lease, aSession("s", { profileId: "q" }));
  await recover(project);
  expect(await store.sessions.get("s")).toMatchObject({ state: "intended" });
  clock.advance(leaseMs);
  await recover(project);
  expect(await store.sessions.get("s")).toMatchObject({
    state: "ended",
    startedAt: null,
    ending: { exitReason: "lost" },
  });
});

it("lets a wrapper be that comes up just before its row would be ended", async () => {
  const after = await afterADeath({
    wrapperOf: () => {
      // The row was read as intended; the wrapper starts now, before it is ended.
      started = after.store.sessions.start("s", after.lease.term, wrapper);
      return null;
    },
  });
  let started: Promise<unknown> = Promise.resolve();
  await after.store.sessions.intend(after.lease, aSession("s", { profileId: "q" }));
  after.clock.advance(leaseMs);
  await recover(after.project);
  expect(await started).toBe("applied");
  expect(await after.store.sessions.get("s")).toMatchObject({ state: "running", ending: null });
});

it("shuts the door on a wrapper that comes up after its session was given up: it starts nothing", async () => {
  const { store, clock, project, lease } = await afterADeath();
  await store.sessions.intend(lease, aSession("s", { profileId: "q" }));
  clock.advance(leaseMs);
  await recover(project);
  expect(await store.sessions.start("s", lease.term, wrapper)).toBe("lost");
});

it("takes the ending that a vanished wrapper wrote for its word", async () => {
  const { store, clock, project, lease } = await afterADeath({ ending: () => anEnding(5, { exitReason: "finished" }) });
  await store.sessions.intend(lease, aSession("s", { profileId: "q" }));
  await store.sessions.start("s", lease.term, wrapper);
  await recover(project);
  expect(await store.sessions.get("s")).toMatchObject({ state: "ended", ending: { exitReason: "finished" } });
  expect((await store.tasks.lease(1))?.expiresAt).toBe(clock.now());
});
