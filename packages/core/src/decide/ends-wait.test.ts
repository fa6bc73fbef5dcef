import { expect, it } from "vitest";
import { issue, policy, pullRequest } from "../../test/support/snapshots.ts";
import type { Issue, Presence, PullRequest } from "../domain/work-item.ts";
import { endsWait } from "./ends-wait.ts";

const there = (value: Issue | PullRequest) => ({ kind: "present", value }) as const;

it.each<[string, Presence<Issue | PullRequest>, boolean]>([
  ["nobody can say anything of", { kind: "unknown", because: "the forge fails" }, false],
  ["that is gone", { kind: "absent" }, true],
  ["that is closed", there(issue(1, { state: "closed" })), true],
  ["that is open and opted in", there(issue(1, { labels: ["Agent-Ready"] })), false],
  ["that is open and not opted in any more", there(issue(1, { labels: [] })), true],
  ["that is an open pull request", there(pullRequest(2)), false],
  ["that was merged", there(pullRequest(2, { state: "closed", merged: true })), true],
])("the wait for an approval on an item %s ends: %#", (_, item, expected) => {
  expect(endsWait(item, policy())).toBe(expected);
});
