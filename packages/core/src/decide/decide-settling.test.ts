import { describe, expect, it } from "vitest";
import { issue, policy, pullRequest, sha } from "../../test/support/snapshots.ts";
import type { MergeRules } from "../domain/policy.ts";
import type { Issue, PullRequest } from "../domain/work-item.ts";
import { decideSettling } from "./decide-settling.ts";
import type { LinkedIssue } from "./settle/linked-issues.ts";

const merged = (over: Partial<PullRequest> = {}): PullRequest =>
  pullRequest(7, { state: "closed", merged: true, headRef: "agent/demo/issue-1-s1", ...over });
const linked = (over: Partial<Issue> = {}, also: Partial<LinkedIssue> = {}): LinkedIssue => ({
  issue: issue(1, over),
  isClosedByIt: true,
  wasWorked: true,
  ...also,
});

const kinds = (
  item: PullRequest,
  around: { readonly linked?: readonly LinkedIssue[]; readonly openPullRequests?: readonly PullRequest[] } = {},
  merge: Partial<MergeRules> = {},
): readonly string[] => {
  const rules = policy();
  const settling = decideSettling(
    { ...rules, merge: { ...rules.merge, ...merge } },
    "pr:7",
    { kind: "present", value: item },
    { linked: [], openPullRequests: [], baseBranch: "main", ...around },
  );
  return settling.kind === "settled" ? settling.rows.map(({ kind }) => kind) : [settling.kind];
};

describe("after a merge", () => {
  it("the branch goes at the head that was merged, and the issue is closed", () => {
    expect(kinds(merged(), { linked: [linked()] })).toEqual(["delete-branch", "close-issue"]);
    const { profileId } = policy();
    expect(
      decideSettling(
        policy(),
        "pr:7",
        { kind: "present", value: merged() },
        { linked: [], openPullRequests: [], baseBranch: "main" },
      ),
    ).toMatchObject({ rows: [{ profileId, body: { branch: "agent/demo/issue-1-s1", sha: sha(7) } }] });
  });

  it.each<[string, Parameters<typeof kinds>]>([
    ["it was not merged", [merged({ merged: false })]],
    ["it is a person's branch", [merged({ headRef: "feature" })]],
    ["it is another profile's branch", [merged({ headRef: "agent/other/issue-1-s1" })]],
    ["it lies in a fork", [merged({ headRepo: "eve/r" })]],
    ["its repository was deleted", [merged({ headRepo: null })]],
    ["the profile keeps branches", [merged(), {}, { deleteBranch: false }]],
    [
      "another pull request is open from it",
      [merged(), { openPullRequests: [pullRequest(8, { headRef: "agent/demo/issue-1-s1" })] }],
    ],
    [
      "another pull request is open onto it",
      [merged(), { openPullRequests: [pullRequest(8, { baseRef: "agent/demo/issue-1-s1" })] }],
    ],
  ])("no branch is deleted when %s", (_, given) => {
    expect(kinds(...given)).not.toContain("delete-branch");
  });

  it.each<[string, Parameters<typeof kinds>]>([
    ["it was not merged", [merged({ merged: false }), { linked: [linked()] }]],
    ["it was merged into another branch", [merged({ baseRef: "next" }), { linked: [linked()] }]],
    ["it is closed already", [merged(), { linked: [linked({ state: "closed" })] }]],
    [
      "nobody opted it in and we never worked it",
      [merged(), { linked: [linked({ labels: [] }, { wasWorked: false })] }],
    ],
    ["the pull request does not say so any more", [merged(), { linked: [linked({}, { isClosedByIt: false })] }]],
    ["the profile leaves that to people", [merged(), { linked: [linked()] }, { closeLinkedIssues: false }]],
    ["it is kept open", [merged(), { linked: [linked({ labels: ["agent-keep-open"] })] }]],
  ])("no issue is closed when %s", (_, given) => {
    expect(kinds(...given)).not.toContain("close-issue");
  });

  it("an issue that is kept open has its task list ticked and is told", () => {
    const kept = linked(
      { labels: ["agent-ready", "agent-keep-open"], body: "- [ ] this, in #7" },
      { isClosedByIt: false },
    );
    expect(kinds(merged(), { linked: [kept] })).toEqual(["delete-branch", "update-issue", "comment"]);
    expect(kinds(merged(), { linked: [{ ...kept, issue: { ...kept.issue, body: "" } }] })).toEqual([
      "delete-branch",
      "comment",
    ]);
  });

  it("the same merge asks for the same writes", () => {
    const keys = () => {
      const around = { linked: [linked()], openPullRequests: [], baseBranch: "main" };
      const settling = decideSettling(
        policy(),
        "pr:7",
        { kind: "present", value: merged({ updatedAt: Math.random() }) },
        around,
      );
      return settling.kind === "settled" ? settling.rows.map(({ idempotencyKey }) => idempotencyKey) : [];
    };
    expect(keys()).toEqual(keys());
    expect(new Set(keys()).size).toBe(2);
  });
});
