import { describe, expect, it } from "vitest";
import {
  type LabelEvent,
  lastLabelActor,
  normaliseIssue,
  normalisePermission,
  normalisePullRequest,
} from "./normalise.ts";

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

describe("who put a label on", () => {
  const event = (kind: string, label: string, actor: string): LabelEvent => ({ id: "1", kind, label, actor });
  it.each<[string, LabelEvent[], string | null]>([
    ["nobody", [], null],
    [
      "the last one",
      [event("labeled", "go", "ann"), event("unlabeled", "go", "bob"), event("labeled", "go", "eve")],
      "eve",
    ],
    ["nobody once it is off", [event("labeled", "go", "ann"), event("unlabeled", "go", "bob")], null],
    ["not one of another label", [event("labeled", "go", "ann"), event("unlabeled", "stop", "bob")], "ann"],
    ["without regard to case", [event("labeled", "Go", "ann")], "ann"],
  ])("is %s", (_, events, actor) => {
    expect(lastLabelActor(events, "go")).toBe(actor);
  });
});
