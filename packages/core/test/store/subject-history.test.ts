import { ManualClock, temporaryStore } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import type { NewTask, OpenStore } from "../../src/index.ts";
import { queryPlans, type RecordedStatement } from "./query-plans.ts";
import { anEnding, aSession } from "./store-examples.ts";

/** One task from enqueueing to its end, with a session that is begun, was never started, or is not there. */
async function oneRound(store: OpenStore, task: NewTask, session: "started" | "not-started" | "none"): Promise<number> {
  await store.tasks.enqueue(task, "test");
  const claim = await store.tasks.claim({ queues: [task.queue], owner: "o", leaseMs: 1000 });
  if (!claim) throw new Error("nothing claimed");
  const { lease } = claim;
  const id = `s${lease.taskId}`;
  if (session === "none") {
    await store.tasks.release(lease, { kind: "cancelled", reason: "r" }, { actor: "o" });
    return lease.taskId;
  }
  await store.sessions.intend(lease, aSession(id));
  if (session === "started") await store.sessions.start(id, lease.term, { pid: 1, startedMark: "x" });
  await store.sessions.end(id, lease.term, anEnding(store.clock.now()));
  const adopted = await store.tasks.adopt(lease, "o", 1000);
  if (adopted === "lost") throw new Error("not adopted");
  const concludes = [{ sessionId: id, outcome: "published", evidence: null }];
  await store.tasks.release(adopted, { kind: "dead", reason: "r" }, { actor: "o", concludes });
  return lease.taskId;
}

const fix = { queue: "p", subject: "pr:1", lane: "pr-fix" };
const review = { queue: "p", subject: "pr:1", lane: "pr-review" };

it("says of each subject and lane the newest ended task, whether a session worked for it or not", async () => {
  const { store } = await temporaryStore({ clock: new ManualClock() });
  await oneRound(store, fix, "started");
  await oneRound(store, fix, "started");
  const newestFix = await oneRound(store, fix, "not-started");
  const newestReview = await oneRound(store, review, "none");
  await oneRound(store, { ...fix, subject: "pr:2" }, "started");
  await oneRound(store, { ...fix, queue: "other" }, "started");
  await store.tasks.enqueue(fix, "test");

  expect(await store.tasks.history("p", ["pr:1", "pr:1", "pr:9"])).toEqual([
    { subject: "pr:1", lane: "pr-fix", newest: await store.tasks.get(newestFix) },
    { subject: "pr:1", lane: "pr-review", newest: await store.tasks.get(newestReview) },
  ]);
  expect(await store.tasks.history("p", ["pr:1", "pr:2"])).toHaveLength(3);
  expect(await store.tasks.history("p", [])).toEqual([]);
});

it("knows nothing of free tasks, which have no subject", async () => {
  const { store } = await temporaryStore();
  await oneRound(store, { queue: "p" }, "none");
  expect(await store.tasks.history("p", [""])).toEqual([]);
});

it("reads the ended tasks of the asked subjects through an index, and no others", async () => {
  const statements: RecordedStatement[] = [];
  const { store, path } = await temporaryStore({ onStatement: (sql, params) => statements.push({ sql, params }) });
  await store.tasks.history("p", ["pr:1"]);
  expect(statements).toHaveLength(1);
  const plans = queryPlans(path, statements);
  expect(plans.join("\n")).toContain("tasks_ended_by_subject (queue=? AND subject=?)");
  // The list of subjects and what was found for them are no tables.
  expect(plans.filter((step) => /^SCAN (?!json_each|past)/.test(step))).toEqual([]);
});
