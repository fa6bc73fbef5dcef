import { ManualClock, storeProblems } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import { queryPlans, type RecordedStatement } from "../query-plans.ts";
import { anEnding } from "../store-examples.ts";
import { aFlow, aGraph, aPlan, aTask, done, failed, submit, wordsFor } from "./flow-examples.ts";

it("the first by priority and place begins, of those whose group has room", async () => {
  const gpu = { group: "gpu", priority: 5 };
  const { store, begun, begin, conclude } = await aFlow([
    aTask("a"),
    aTask("b", gpu),
    aTask("c", gpu),
    aTask("d", { priority: 1 }),
  ]);
  const first = await begun();
  expect(first.task.id).toBe("b");
  expect(first.session).toMatchObject({
    profileId: "flow:f1",
    subject: "b",
    lane: "flow-task",
    backend: "shell",
    state: "intended",
    runDir: "/flows/f1/tasks/b/1",
  });
  expect(Object.fromEntries(await store.tasks.slotsHeld())).toEqual({ "flow:f1": 1, "group:gpu": 1 });
  expect((await begun()).task.id).toBe("d");
  expect((await begun()).task.id).toBe("a");
  expect(await begin()).toBeNull();
  await conclude(first, done);
  expect((await begun()).task.id).toBe("c");
  expect(await storeProblems(store)).toEqual([]);
});

it("what the caller has no room for is passed over, by worker or by place", async () => {
  const { begin } = await aFlow([
    aTask("a", { worker: "claude", priority: 9 }),
    aTask("b", { worker: "codex", priority: 5 }),
    aTask("c"),
  ]);
  const takes = (task: { spec: { worker: string } }) => ({
    slots: [`account:${task.spec.worker}`],
    within: task.spec.worker === "codex" ? [{ slot: "account:codex", max: 0 }] : [],
    session: { account: task.spec.worker, model: "m" },
  });
  const begun = await begin({ exceptWorkers: ["claude"], takes });
  expect(begun?.task.id).toBe("c");
  expect(begun?.session).toMatchObject({ account: "shell", model: "m" });
  expect(await begin({ within: [{ slot: "flow:f1", max: 1 }] })).toBeNull();
});

it("of two stores that want the last place of a flow's parallelism, one gets it", async () => {
  const { store, open, begun } = await aFlow(aGraph("a b c"), { parallelism: 2 });
  await begun();
  const second = wordsFor(await open());
  const both = await Promise.all([wordsFor(store).begin(), second.begin({ owner: "r2" })]);
  expect(both.filter((each) => each !== null)).toHaveLength(1);
  expect(await storeProblems(store)).toEqual([]);
});

it("of two stores that want the last place of a group, one gets it, also for different flows", async () => {
  const inGroup = ["a", "b"].map((id) => aTask(id, { group: "g" }));
  const { store, open, begun } = await aFlow(inGroup, { concurrency: { g: 2 } });
  await submit(store, aPlan(inGroup, { concurrency: { g: 2 } }), "f2");
  await begun();
  const second = wordsFor(await open(), "f2");
  const both = await Promise.all([wordsFor(store).begin(), second.begin({ owner: "r2" })]);
  expect(both.filter((each) => each !== null)).toHaveLength(1);
  expect((await store.tasks.slotsHeld()).get("group:g")).toBe(2);
});

it("a holder that lost its lease concludes nothing; who adopted it does, once", async () => {
  const clock = new ManualClock();
  const { store, begun, conclude, states } = await aFlow(aGraph("a"), {}, { clock });
  const first = await begun();
  clock.advance(120_000);
  // A session is open: stale recovery leaves the task to who can look at its process.
  expect(await store.tasks.recoverStale({ actor: "r2", missingHeartbeatMs: 1000 })).toMatchObject({
    requeued: [],
    dead: [],
  });
  const lease = await store.tasks.adopt(first.lease, "r2", 60_000);
  if (lease === "lost") throw new Error("not adopted");
  expect(await conclude(first, failed)).toBe("lost");
  expect(await states()).toBe("a:running");
  expect(await conclude({ ...first, lease }, done)).toMatchObject({
    task: { state: "succeeded" },
    flow: { state: "succeeded" },
  });
  expect(await conclude({ ...first, lease }, failed)).toBe("lost");
  expect(await store.sessions.get(first.session.id)).toMatchObject({ state: "concluded", outcome: "done" });
  expect(await storeProblems(store)).toEqual([]);
});

it("a session that its wrapper ended is concluded by who adopts the lease it handed over", async () => {
  const { store, begun, flow } = await aFlow(aGraph("a"));
  const { lease, session } = await begun();
  await store.sessions.end(session.id, lease.term, anEnding(store.clock.now()));
  const adopted = await store.tasks.adopt(lease, "r2", 60_000);
  if (adopted === "lost") throw new Error("not adopted");
  expect(await store.flows.conclude(adopted, session.id, done, null)).not.toBe("lost");
  expect((await flow()).state).toBe("succeeded");
  expect(await storeProblems(store)).toEqual([]);
});

it("submitting takes the same number of statements for any flow; so do beginning and concluding", async () => {
  const counted = async (size: number) => {
    const statements: RecordedStatement[] = [];
    const wide = Array.from({ length: size }, (_, index) =>
      aTask(`t${index}`, { dependsOn: index < 10 ? [] : [`t${index % 10}`] }),
    );
    const tasks = [...wide, aTask("last", { dependsOn: wide.map(({ id }) => id) })];
    const { begun, conclude, path } = await aFlow(
      tasks,
      {},
      { onStatement: (sql, params) => statements.push({ sql, params }) },
    );
    const submitted = statements.findIndex(({ sql }) => sql.includes("insert into flows"));
    const submitting = statements.slice(submitted).length;
    statements.length = 0;
    const first = await begun();
    const beginning = statements.splice(0);
    await conclude(first, { ...done });
    return { submitting, beginning, concluding: statements.splice(0), path };
  };
  const small = await counted(100);
  const large = await counted(5000);
  const sizes = ({ submitting, beginning, concluding }: typeof small) => [
    submitting,
    beginning.length,
    concluding.length,
  ];
  expect(sizes(large)).toEqual(sizes(small));
  const plans = queryPlans(
    large.path,
    [...large.beginning, ...large.concluding].filter(({ params }) => params),
  );
  // What is scanned are an operation's own lists; no statement goes through a flow's tasks one by one.
  const own = /SCAN (asked|kinds|value|w|s|n|CONSTANT ROW|SUBQUERY|json_each|\(subquery)/;
  const through = /flow_(tasks|needs) .*INDEX (sqlite_autoindex|flow_tasks_by_|flow_needs_by_)\S+ \(flow_id=\?\)$/;
  expect(plans.filter((step) => (step.startsWith("SCAN ") && !own.test(step)) || through.test(step))).toEqual([]);
});
