import { describe, expect, test } from "vitest";
import { issue, now, policy, pullRequest, sha, timeline } from "../../test/support/snapshots.ts";
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
  { mergeState = "clean" as MergeState, pending = false, baseSha = base, headSha = of.headSha, isOld = false } = {},
): StoredReading<PullRequestReading> => ({
  itemUpdatedAt: of.updatedAt,
  isSettled: true,
  readAt: now,
  headSeenAt: of.updatedAt,
  baseSha,
  ...(isOld ? { isMergeStateOld: true } : {}),
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
    now,
    policy: policy({ priorities: { urgent: 100, someday: -100 } }),
    issues: [],
    pullRequests: [],
    issueReadings: new Map(),
    pullRequestReadings: new Map(),
    live: new Set(),
    refused: new Map(),
    baseSha: base,
    turn: 0,
    looksAtQuiet: true,
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
    expect(read).toHaveLength(30);
    expect(read[0]).toBe("issue:400 issue");
  });

  test("what would start next is read first: by priority, then the oldest, and what a label holds at the end", () => {
    const issues = [
      issue(1, { labels: ["agent-ready", "agent-hold", "urgent"] }),
      issue(2, { labels: ["agent-ready", "someday"] }),
      issue(3, { createdAt: now - 1 }),
      issue(4, { createdAt: now - 2 }),
      issue(5, { labels: ["agent-ready", "Urgent"] }),
    ];
    expect(decide({ issues })).toEqual([5, 4, 3, 2, 1].map((number) => `issue:${number} issue`));
    expect(decide({ issues, budget: 4 })).toEqual(["issue:5 issue", "issue:4 issue"]);
  });

  test("one that waits for others costs a request more", () => {
    const issues = [1, 2].map((number) => issue(number, { blockedBy: { open: 1, total: 1 } }));
    expect(decide({ issues, budget: 5 })).toEqual(["issue:1 issue"]);
  });

  test("one the forge refuses rests until it changes or is asked about, and keeps no other from being read", () => {
    const refused = new Map([["issue:1", { itemUpdatedAt: one.updatedAt, at: now - 599_999 }]]);
    const issues = [one, issue(2)];
    expect(decide({ issues, refused, budget: 1 })).toEqual(["issue:2 issue"]);
    expect(decide({ issues, refused, live: new Set(["issue:1"]) })).toHaveLength(2);
    expect(decide({ issues: [{ ...one, updatedAt: now }], refused })).toHaveLength(1);
    expect(decide({ issues: [one], refused, now: now + 1 })).toHaveLength(1);
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
    ["its mergeability anew when its checks have finished", { isOld: true }, ["pr:7 merge-state-anew"]],
    ["its checks until they have", { isOld: true, pending: true }, ["pr:7 checks"]],
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
    expect(decide({ pullRequests: pulls, pullRequestReadings: known(pulls), looksAtQuiet: false })).toEqual([]);
  });

  test("of more that wait for their checks than the budget allows, each in its turn", () => {
    const pulls = Array.from({ length: 25 }, (_, index) => pullRequest(index + 1));
    const pending = known(pulls, { pending: true });
    const facts = { pullRequests: pulls, pullRequestReadings: pending, budget: 10 };
    const read = [0, 1, 2].map((turn) => decide({ ...facts, turn }));
    expect(read.map(({ length }) => length)).toEqual([10, 10, 10]);
    expect(new Set(read.flat()).size).toBe(25);
  });

  test("issues and pull requests take turns: a flood of one keeps the other from nothing", () => {
    const pullRequests = Array.from({ length: 50 }, (_, index) => pullRequest(index + 1));
    const issues = Array.from({ length: 50 }, (_, index) => issue(index + 101));
    const read = decide({ pullRequests, issues, budget: 21 });
    expect(read).toEqual(["pr:1 all", "issue:101 issue", "pr:2 all", "issue:102 issue", "pr:3 all", "issue:103 issue"]);
  });
});
