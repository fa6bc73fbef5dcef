import { ManualClock, temporaryStore } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import { queryPlans, type RecordedStatement } from "./query-plans.ts";

it("the load of a queue is what runs in slots and what is due; other tasks do not count", async () => {
  const clock = new ManualClock();
  const { store } = await temporaryStore({ clock });
  const later = clock.now() + 1000;
  for (const [queue, runAt] of [
    ["a", 0],
    ["a", 0],
    ["a", 0],
    ["a", later],
    ["b", later],
    ["c", 0],
    ["d", 0],
  ] as const) {
    await store.tasks.enqueue({ queue, runAt }, "test");
  }
  const request = { queues: [], owner: "o", leaseMs: 1000 };
  await store.tasks.claim({ ...request, taskId: 1, slots: ["host", "profile:a"] });
  // Without slots: work of a program that does not share the host's.
  await store.tasks.claim({ ...request, taskId: 2 });
  await store.tasks.claim({ ...request, taskId: 6, slots: ["host"] });
  await store.tasks.cancel(7, "test", "done with");
  expect(await store.tasks.load()).toEqual([
    { queue: "a", running: 1, due: 1 },
    { queue: "c", running: 1, due: 0 },
  ]);
  clock.advance(1000);
  expect(await store.tasks.load()).toEqual([
    { queue: "a", running: 1, due: 2 },
    { queue: "b", running: 0, due: 1 },
    { queue: "c", running: 1, due: 0 },
  ]);
});

it("load and slots are counted through indexes of what is live, so that ended tasks cost nothing", async () => {
  const statements: RecordedStatement[] = [];
  const { store, path } = await temporaryStore({ onStatement: (sql, params) => statements.push({ sql, params }) });
  await store.tasks.load();
  await store.tasks.slotsHeld();
  expect(statements).toHaveLength(2);
  const plans = queryPlans(path, statements).filter((step) => /^(SCAN|SEARCH) /.test(step));
  expect(plans.filter((step) => !/tasks_next_to_claim|tasks_due|held_slots|live/.test(step))).toEqual([
    "SEARCH tasks USING INTEGER PRIMARY KEY (rowid=?)",
  ]);
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
    return (await store.decisions.waitingForHost()).map(({ count, since }) => [count, since - start]);
  };
  expect(await tell("host-full", "host-full")).toEqual([[2, 1_000]]);
  expect(await tell("fair-share", "host-full")).toEqual([[2, 1_000]]);
  expect(await tell("launch", "host-full")).toEqual([[1, 3_000]]);
  expect(await tell("running", "fair-share")).toEqual([[1, 3_000]]);
  expect(await tell("running", "depends-on")).toEqual([]);
  expect(await tell("running", "host-full")).toEqual([[1, 6_000]]);
});
