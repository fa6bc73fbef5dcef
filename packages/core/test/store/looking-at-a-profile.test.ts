import { temporaryStore } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import { liveTaskStates } from "../../src/index.ts";
import { queryPlans, type RecordedStatement } from "./query-plans.ts";

it("what status and the dashboard ask of one profile costs no look through a table that grows", async () => {
  const statements: RecordedStatement[] = [];
  const { store, path } = await temporaryStore({ onStatement: (sql, params) => void statements.push({ sql, params }) });
  const profileId = "web";
  await store.sessions.list({ profileId, states: ["intended", "running", "ended"] });
  await store.sessions.list({ profileId, states: ["concluded"], limit: 30 });
  await store.sessions.list({ profileId, subject: "issue:7", limit: 100 });
  await store.sessions.lastSpeakers(profileId, 200);
  await store.tasks.list({ queue: profileId, states: liveTaskStates });
  await store.tasks.deadLetters({ queue: profileId });
  await store.tasks.titles([1, 2]);
  await store.outbox.counts(profileId);
  for (const state of ["pending", "failed", "sent"] as const)
    await store.outbox.list({ profileId, states: [state], limit: 20 });
  await store.outbox.sentSince(profileId, 5);
  await store.spend.between(profileId, 0, 9);
  await store.spend.raises(profileId, "day");
  await store.events.list({ afterSeq: 5, limit: 1_000 });
  await store.events.latest(500, { profileId, subject: "issue:7" });
  await store.samples.list({ profileId, since: 5 });
  await store.samples.list({ profileId: null, since: 5 });
  const plans = queryPlans(path, statements);
  expect(plans.length).toBeGreaterThanOrEqual(statements.length);
  const throughAll = /^SCAN (tasks|sessions|events|outbox|spend|samples)\b(?!.*USING.*INDEX)/;
  expect(plans.filter((plan) => throughAll.test(plan))).toEqual([]);
  // Those of a task are in no index together: the live ones and the dead ones are asked for one after the other.
  statements.length = 0;
  await store.tasks.list({ queue: profileId, states: ["queued", "dead"] });
  expect(queryPlans(path, statements).some((plan) => throughAll.test(plan))).toBe(true);
});
