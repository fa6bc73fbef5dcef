import { expect, it } from "vitest";
import { normaliseIssue, normalisePermission, normalisePullRequest } from "./normalise.ts";

const issue = {
  number: 3,
  title: "Broken",
  body: null,
  html_url: "https://forge/o/r/issues/3",
  state: "open",
  user: null,
  labels: ["plain", { name: "agent-ready" }, { name: null }],
  created_at: "2024-01-01T00:00:00Z",
  updated_at: "2024-01-02T00:00:00Z",
};

it("an issue without body and author is still an issue", () => {
  expect(normaliseIssue(issue)).toEqual({
    number: 3,
    title: "Broken",
    body: "",
    url: "https://forge/o/r/issues/3",
    state: "open",
    author: "ghost",
    labels: ["plain", "agent-ready"],
    stateReason: null,
    blockedBy: { open: 0, total: 0 },
    subIssues: { completed: 0, total: 0 },
    createdAt: Date.UTC(2024, 0, 1),
    updatedAt: Date.UTC(2024, 0, 2),
  });
});

it("a pull request whose head repository was deleted has none", () => {
  const pull = { ...issue, state: "closed", merged_at: "2024-01-03T00:00:00Z" };
  const ends = { head: { ref: "b", sha: "1".repeat(40), repo: null }, base: { ref: "main" } };
  expect(normalisePullRequest({ ...pull, ...ends })).toMatchObject({ merged: true, draft: false, headRepo: null });
});

it.each([
  [{ permission: "write", role_name: "maintain" }, "maintain"],
  [{ permission: "write", role_name: "our-custom-role" }, "write"],
  [{ permission: "read" }, "read"],
  [{ permission: "something-new" }, "none"],
])("permission %j is worth %s", (raw, level) => {
  expect(normalisePermission(raw)).toBe(level);
});

it.each([
  ["completed", "completed"],
  ["not_planned", "not-planned"],
  ["duplicate", "duplicate"],
  ["reopened", "reopened"],
  ["abandoned", null],
  [null, null],
])("the reason %s for an issue's state is %s", (raw, reason) => {
  expect(normaliseIssue({ ...issue, state_reason: raw }).stateReason).toBe(reason);
});

it("an issue counts those it waits for and those it is made of", () => {
  const raw = {
    ...issue,
    issue_dependencies_summary: { blocked_by: 1, total_blocked_by: 3, blocking: 9, total_blocking: 9 },
    sub_issues_summary: { total: 5, completed: 2, percent_completed: 40 },
  };
  expect(normaliseIssue(raw)).toMatchObject({
    blockedBy: { open: 1, total: 3 },
    subIssues: { completed: 2, total: 5 },
  });
});

it("a pull request names the people and teams that are asked to review it", () => {
  const asked = { requested_reviewers: [{ login: "ann" }], requested_teams: [{ slug: "core" }] };
  const ends = { head: { ref: "b", sha: "1".repeat(40), repo: null }, base: { ref: "main" } };
  const pull = normalisePullRequest({ ...issue, ...ends, ...asked });
  expect(pull.requestedReviewers).toEqual(["ann", "team/core"]);
  expect(pull).not.toHaveProperty("blockedBy");
});
