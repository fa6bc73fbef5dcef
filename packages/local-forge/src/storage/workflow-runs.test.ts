import { expect, test } from "vitest";
import type { CheckRun } from "./check-runs.ts";
import { stateOfChecks } from "./workflow-runs.ts";

function checks(...states: string[]) {
  return states.map((state) => {
    const pending = state === "queued" || state === "in_progress";
    return { status: pending ? state : "completed", conclusion: pending ? null : state } as CheckRun;
  });
}

test.each([
  [[], "queued", null],
  [["queued"], "queued", null],
  [["success", "queued"], "in_progress", null],
  [["failure", "in_progress"], "in_progress", null],
  [["success", "skipped", "neutral"], "completed", "success"],
  [["skipped", "neutral"], "completed", "neutral"],
  [["skipped"], "completed", "skipped"],
  [["success", "cancelled", "failure"], "completed", "failure"],
  [["success", "timed_out"], "completed", "timed_out"],
])("checks %j make a run %s, concluded %s", (states, status, conclusion) => {
  expect(stateOfChecks(checks(...states))).toEqual({ status, conclusion });
});
