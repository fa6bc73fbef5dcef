import { temporaryStore } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import { queryPlans, type RecordedStatement } from "./query-plans.ts";

it("what was spent on items is read through indexes of these items, however many sessions others have", async () => {
  const statements: RecordedStatement[] = [];
  const { store, path } = await temporaryStore({ onStatement: (sql, params) => statements.push({ sql, params }) });
  await store.spend.items("p", ["issue:1", "issue:2"]);
  // One for the sessions there are, one for the sums of those that left; never one an item.
  expect(statements).toHaveLength(2);
  const steps = queryPlans(path, statements).filter((step) => /^(SCAN|SEARCH) /.test(step));
  const scans = new Set(steps.filter((step) => step.startsWith("SCAN")));
  expect([...scans]).toEqual(["SCAN json_each VIRTUAL TABLE INDEX 1:"]);
  const ofSessions = steps.filter((step) => step.startsWith("SEARCH s "));
  expect(ofSessions.length).toBeGreaterThan(0);
  for (const step of ofSessions) expect(step).toMatch(/sessions_by_subject \(profile_id=\? AND subject=\?\)$/);
});
