import { describe, expect, test } from "vitest";
import { issue, now, pullRequest, sha, timeline } from "../../test/support/snapshots.ts";
import type { IssueReading, MergeState, PullRequestReading, StoredReading } from "../domain/reading.ts";
import type { Issue, PullRequest } from "../domain/work-item.ts";
import { decideReadings, type ReadingFacts } from "./decide-readings.ts";

const base = sha(0);

const readIssue = (of: Issue, over: Partial<StoredReading<IssueReading>> = {}): StoredReading<IssueReading> => ({
  itemUpdatedAt: of.updatedAt,
  isSettled: true,
  readAt: now,
  headSeenAt: null,
  reading: { timeline: timeline(), edit: null, blockers: [] },
  ...over,
});

const readPull = (
  of: PullRequest,
  { mergeState = "clean" as MergeState, pending = false, baseSha = base, headSha = of.headSha } = {},
): StoredReading<PullRequestReading> => ({
  itemUpdatedAt: of.updatedAt,
  isSettled: true,
  readAt: now,
  headSeenAt: of.updatedAt,
  baseSha,
  reading: {
    headSha,
    mergeState,
    files: [],
    checks: [
      {
        name: "ci",
        kind: "check-run",
        state: pending ? "pending" : "passed",
        id: 1,
        runId: null,
        url: null,
        summary: "",
      },
    ],
    timeline: timeline(),
  },
});

function decide(over: Partial<ReadingFacts>) {
  const facts: ReadingFacts = {
    issues: [],
    pullRequests: [],
    issueReadings: new Map(),
    pullRequestReadings: new Map(),
    live: new Set(),
    baseSha: base,
    turn: 0,
    budget: 60,
    ...over,
  };
  return decideReadings(facts).map((each) => `${each.subject} ${each.kind === "issue" ? "issue" : each.part}`);
}

const known = (pulls: readonly PullRequest[], over: Parameters<typeof readPull>[1] = {}) =>
  new Map(pulls.map((each) => [`pr:${each.number}`, readPull(each, over)]));

describe("what is read of issues", () => {
  const one = issue(1);
  test.each<[string, StoredReading<IssueReading> | undefined, readonly string[]]>([
    ["one that was never read", undefined, ["issue:1 issue"]],
    ["nothing of one that did not change", readIssue(one), []],
    ["one that changed since", readIssue(one, { itemUpdatedAt: one.updatedAt - 1_000 }), ["issue:1 issue"]],
    ["one that was read in the second of its change", readIssue(one, { isSettled: false }), ["issue:1 issue"]],
  ])("%s", (_, stored, expected) => {
    const issueReadings = new Map(stored ? [["issue:1", stored]] : []);
    expect(decide({ issues: [one], issueReadings })).toEqual(expected);
  });

  test("a flood of them is read over several ticks, those with work under way first", () => {
    const issues = Array.from({ length: 500 }, (_, index) => issue(index + 1));
    const read = decide({ issues, live: new Set(["issue:400"]) });
    expect(read).toHaveLength(20);
    expect(read[0]).toBe("issue:400 issue");
  });

  test("the first one is read however small the budget", () => {
    expect(decide({ issues: [one], budget: 1 })).toHaveLength(1);
  });
});

describe("what is read of pull requests", () => {
  const one = pullRequest(7);
  test.each<[string, Parameters<typeof readPull>[1], readonly string[]]>([
    ["the checks of one whose checks are pending", { pending: true }, ["pr:7 checks"]],
    [
      "its mergeability first, while the forge computes it: never both in one tick",
      { pending: true, mergeState: "unknown" },
      ["pr:7 merge-state"],
    ],
    ["its mergeability when the base has moved", { baseSha: sha(9) }, ["pr:7 merge-state"]],
    ["everything of a new head", { headSha: sha(9) }, ["pr:7 all"]],
  ])("%s", (_, over, expected) => {
    expect(decide({ pullRequests: [one], pullRequestReadings: known([one], over) })).toEqual(expected);
  });

  test("of many that are quiet, one a tick in turn: somebody may have had its checks run again", () => {
    const pulls = Array.from({ length: 50 }, (_, index) => pullRequest(index + 1));
    const seen = new Set<string>();
    for (let turn = 0; turn < 50; turn += 1) {
      const read = decide({ pullRequests: pulls, pullRequestReadings: known(pulls), turn });
      expect(read).toHaveLength(1);
      seen.add(read[0] ?? "");
    }
    expect(seen.size).toBe(50);
  });
});
