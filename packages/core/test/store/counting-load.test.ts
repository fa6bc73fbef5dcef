import { ManualClock, temporaryStore } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import type { Store } from "../../src/index.ts";
import { queryPlans, type RecordedStatement } from "./query-plans.ts";

it("what holds slots is counted by slot; tasks without are a program's own", async () => {
  const { store } = await temporaryStore();
  for (const queue of ["a", "a", "a", "c"]) await store.tasks.enqueue({ queue }, "test");
  const request = { queues: [], owner: "o", leaseMs: 1000 };
  await store.tasks.claim({ ...request, taskId: 1, slots: ["host", "profile:a"] });
  // Without slots: work of a program that does not share the host's.
  await store.tasks.claim({ ...request, taskId: 2 });
  await store.tasks.claim({ ...request, taskId: 4, slots: ["host", "profile:c"] });
  expect(Object.fromEntries(await store.tasks.slotsHeld())).toEqual({ host: 2, "profile:a": 1, "profile:c": 1 });
});

it("slots are counted through an index of what is held, so that ended tasks cost nothing", async () => {
  const statements: RecordedStatement[] = [];
  const { store, path } = await temporaryStore({ onStatement: (sql, params) => statements.push({ sql, params }) });
  await store.tasks.slotsHeld();
  expect(statements).toHaveLength(1);
  const plans = queryPlans(path, statements).filter((step) => /^(SCAN|SEARCH) /.test(step));
  expect(plans.filter((step) => !/held_slots/.test(step))).toEqual([]);
});

it("a claim with slots asks for their limits through an index too, in two more statements", async () => {
  const statements: RecordedStatement[] = [];
  const { store, path } = await temporaryStore({ onStatement: (sql, params) => statements.push({ sql, params }) });
  await store.tasks.enqueue({ queue: "q", subject: "issue:1" }, "test");
  statements.length = 0;
  const within = [
    { slot: "host", max: 2 },
    { slot: "profile:q", max: 1 },
  ];
  await store.tasks.claim({ queues: ["q"], owner: "o", leaseMs: 1000, slots: ["host", "profile:q"], within });
  expect(statements).toHaveLength(7 + 2);
  const plans = queryPlans(path, statements);
  expect(plans.join("\n")).toContain("held_slots_by_slot (slot=?)");
  expect(plans.join("\n")).toContain("tasks_running_by_subject (queue=? AND subject=?)");
  // What is scanned are the claim's own lists.
  expect(plans.filter((step) => /^SCAN (?!asked|json_each)|TEMP B-TREE/.test(step))).toEqual([]);
});

it("a profile waits for a place on the host until it is given one, whichever of the two reasons it is told", async () => {
  const clock = new ManualClock();
  const { store } = await temporaryStore({ clock });
  const start = clock.now();
  await serve(store, ["a"], start + 1);
  const tell = async (...reasons: readonly string[]) => {
    clock.advance(1_000);
    const decisions = reasons.map((reason, index) => ({
      ...{
        profileId: "a",
        subject: `issue:${index}`,
        lane: "issue-implementation",
        reason,
        detail: reason,
        place: null,
      },
      ...{ verdict: reason === "launch" ? ("launch" as const) : ("hold" as const), decidedAt: clock.now() },
    }));
    await store.decisions.replace("a", decisions, "test");
    return (await store.decisions.waitingForHost(start)).map(({ count, since }) => [count, since - start]);
  };
  expect(await tell("host-full", "host-full")).toEqual([[2, 1_000]]);
  expect(await tell("fair-share", "host-full")).toEqual([[2, 1_000]]);
  expect(await tell("launch", "host-full")).toEqual([[1, 3_000]]);
  expect(await tell("running", "fair-share")).toEqual([[1, 3_000]]);
  expect(await tell("running", "depends-on")).toEqual([]);
  expect(await tell("running", "host-full")).toEqual([[1, 6_000]]);
});

it("only what a runtime works for that reported lately waits for the host; it is counted through an index", async () => {
  const statements: RecordedStatement[] = [];
  const { store, path } = await temporaryStore({ onStatement: (sql, params) => statements.push({ sql, params }) });
  for (const profileId of ["a", "b", "c"]) {
    const hold = { lane: "l", verdict: "hold", reason: "host-full", detail: "", place: 1, decidedAt: 5 } as const;
    await store.decisions.replace(profileId, [{ profileId, subject: "issue:1", ...hold }], "test");
  }
  await serve(store, ["a", "c"], 100);
  await serve(store, ["b"], 50);
  statements.length = 0;
  const found = await store.decisions.waitingForHost(50);
  expect(found.map(({ profileId }) => profileId)).toEqual(["a", "c"]);
  expect((await store.decisions.waitingForHost(49)).map(({ profileId }) => profileId)).toEqual(["a", "b", "c"]);
  const plans = queryPlans(path, statements.slice(0, 1)).join("\n");
  expect(plans).toContain("decisions_waiting_for_host (profile_id=?)");
});

const serve = (store: Store, profileIds: readonly string[], heartbeatAt: number) =>
  store.runtimes.put({
    ...{ id: profileIds.join(), process: { pid: 1, startedMark: "x" }, host: "h", version: "0" },
    ...{ profileIds, startedAt: 0, heartbeatAt, state: "ready", lastTick: null },
  });
