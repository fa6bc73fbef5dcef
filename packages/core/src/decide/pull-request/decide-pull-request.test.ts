import { seeded } from "@agent-control-plane/testkit/seeded-random";
import { describe, expect, it } from "vitest";
import {
  baseSha,
  check,
  facts,
  files,
  head,
  headSeenAt,
  keyOf,
  labelled,
  now,
  policy,
  pullRequest,
  review,
  stored,
  tasks,
  timeline,
} from "../../../test/fixtures/pull-request.ts";
import { type HoldReason, holdReasons } from "../../domain/hold-reason.ts";
import type { Task } from "../../domain/task.ts";
import type { PullRequestPayload, ReviewAsk, Wanted } from "../../domain/wanted.ts";
import { decidePullRequest } from "./decide-pull-request.ts";
import { type PullRequestFacts, stageOfPullRequest, taskKeysOfPullRequest } from "./pull-request-facts.ts";

const { labels } = policy;
const wantedOf = (given: PullRequestFacts): Wanted => {
  const verdict = decidePullRequest(given);
  if (verdict.kind !== "wanted") throw new Error(`not wanted: ${JSON.stringify(verdict)}`);
  return verdict.wanted;
};
const holdOf = (given: PullRequestFacts) => {
  const verdict = decidePullRequest(given);
  if (verdict.kind !== "hold") throw new Error(`no hold: ${JSON.stringify(verdict)}`);
  return verdict;
};

const failing = { checks: [check("failed", { summary: "2 tests failed", url: "https://ci.test/1" })] };
const critical = { files: files("scripts/x.sh") };
const breaking = { files: files("migrations/1.sql") };
const approvedReview = (round: 1 | 2, over: Partial<Task> = {}) =>
  ["pr-review", `${head}/${round}`, { reason: "review-approved", ...over }] as const;
const foundNothing = ["pr-fix", head, { reason: "no-change-needed" }] as const;

describe("work that a pull request wants", () => {
  it.each<[string, Parameters<typeof facts>[0], string, string]>([
    ["a single final review where nothing is missing", {}, "pr-review", `${head}/1`],
    ["a first review of critical files", { read: critical }, "pr-review", `${head}/1`],
    [
      "a second review of critical files",
      { read: critical, tasks: tasks(approvedReview(1)) },
      "pr-review",
      `${head}/2`,
    ],
    ["a repair of failed checks", { read: failing }, "pr-fix", head],
    ["a repair of conflicts", { read: { mergeState: "dirty" } }, "pr-merge-repair", `${head}/${baseSha}`],
    [
      "a repair of conflicts with another base",
      { read: { mergeState: "dirty" }, pr: { baseRef: "next" } },
      "pr-merge-repair",
      `${head}/next`,
    ],
    [
      "a repair of what our review found",
      { tasks: tasks(["pr-review", `${head}/1`, { reason: "changes-requested" }]) },
      "pr-fix",
      head,
    ],
    [
      "a repair of what a person asks for",
      { read: { timeline: timeline({ reviews: [review("changes-requested", "ann")] }) } },
      "pr-fix",
      head,
    ],
  ])("%s", (_name, over, lane, revision) => {
    expect(wantedOf(facts(over))).toMatchObject({ subject: "pr:7", lane, dedupeKey: keyOf(lane, revision) });
  });

  it("a forced repair has a key of its own, and no limit", () => {
    const forced = {
      pr: { labels: [labels.manualFixOverride] },
      read: { timeline: timeline({ labelActs: [labelled(labels.manualFixOverride, "ann")] }) },
      tasks: tasks(foundNothing),
      repairRounds: 9,
    };
    expect(wantedOf(facts(forced)).dedupeKey).toBe(keyOf("pr-fix", `${head}/override:10`));
  });

  it("carries what its session has to know", () => {
    const given = facts({
      pr: { labels: ["Priority: High", "e2e", labels.exclusive], title: "T", body: "B" },
      read: { ...failing, ...critical, timeline: timeline({ reviews: [review("changes-requested", "ann")] }) },
      tasks: tasks([
        "pr-review",
        `${head}/1`,
        { reason: "changes-requested", result: { findings: "Close the file." } },
      ]),
      repairRounds: 1,
    });
    expect(wantedOf(given)).toMatchObject({
      priority: 10,
      traits: { heavy: true, exclusive: true, recurring: false },
      stage: "fix",
      dueAt: null,
      createdAt: now - 1_000_000,
      payload: {
        kind: "pull-request",
        number: 7,
        title: "T",
        body: "B",
        headRef: "agent/demo/issue-1-x",
        headSha: head,
        baseRef: "main",
        stage: "fix",
        risk: "critical-infra; 1 files, 1 lines",
        missing: expect.arrayContaining(["review-feedback-present", "check-failed: build"]),
        failures: [{ name: "build", url: "https://ci.test/1", summary: "2 tests failed", jobId: 1 }],
        ciRepairs: [{ headSha: head, checks: ["build"] }],
        findings: [
          { author: "ann", body: "changes-requested by ann" },
          { author: "agent-bot", body: "Close the file." },
        ],
        round: 2,
      },
    });
  });

  it("stays wanted while its task is live, so that it is not cancelled under way", () => {
    for (const state of ["scheduled", "queued", "running"] as const) {
      const given = facts({
        read: failing,
        tasks: tasks(["pr-fix", head, { state }]),
        repairRounds: 9,
        publishing: true,
      });
      expect(wantedOf(given).dedupeKey).toBe(keyOf("pr-fix", head));
    }
  });

  it("comes back after a cancel of ours, and after a dead letter whose blocked label a person took off", () => {
    expect(
      wantedOf(facts({ tasks: tasks(approvedReview(1, { state: "cancelled", reason: "superseded" })) })).lane,
    ).toBe("pr-review");
    expect(wantedOf(facts({ tasks: tasks(approvedReview(1, { state: "cancelled", reason: "held" })) })).lane).toBe(
      "pr-review",
    );
    const dead = tasks(["pr-fix", head, { state: "dead", reason: "timeout", updatedAt: now - 60_001 }]);
    expect(wantedOf(facts({ read: failing, tasks: dead })).lane).toBe("pr-fix");
  });
});

describe("a hold of a pull request has exactly one reason", () => {
  const label = (name: string, read: Parameters<typeof timeline>[0] = {}) => ({
    pr: { labels: [name], headRef: "ann/x" },
    read: { timeline: timeline(read) },
  });
  const cases: readonly [name: string, because: HoldReason, over: Parameters<typeof facts>[0]][] = [
    ["the hold label, before all else", "held", { pr: { labels: [labels.hold], state: "closed", headRepo: "eve/r" } }],
    ["merged", "not-open", { pr: { state: "closed", merged: true, headRepo: "eve/r" } }],
    ["a fork", "fork", { pr: { headRepo: "eve/r" } }],
    ["a person's branch", "not-managed", { pr: { headRef: "ann/x" } }],
    [
      "handed over by somebody who may not",
      "handoff-untrusted",
      label(labels.handoff, { labelActs: [labelled(labels.handoff, "eve")] }),
    ],
    [
      "handed over by somebody unknown",
      "details-unread",
      label(labels.handoff, { labelActs: [labelled(labels.handoff, "zoe")] }),
    ],
    ["a draft", "draft", { pr: { draft: true } }],
    ["not read", "details-unread", { candidate: { pullRequest: pullRequest(), reading: null } }],
    ["read before it changed", "details-unread", { pr: { updatedAt: now + 1 } }],
    [
      "its mergeability was read against an older base",
      "merge-state-unknown",
      { base: { branch: "main", sha: "e".repeat(40) } },
    ],
    ["another head was read", "details-unread", { read: { headSha: "c".repeat(40) } }],
    [
      "forced by somebody unknown",
      "details-unread",
      {
        pr: { labels: [labels.manualFixOverride] },
        read: { timeline: timeline({ labelActs: [labelled(labels.manualFixOverride, "zoe")] }) },
      },
    ],
    [
      "changes asked for by somebody unknown",
      "details-unread",
      { read: { timeline: timeline({ reviews: [review("changes-requested", "zoe")] }) } },
    ],
    ["the blocked label, read or not", "blocked", { pr: { labels: [labels.blocked], updatedAt: now + 1 } }],
    ["the blocked label", "blocked", { pr: { labels: [labels.blocked] } }],
    [
      "the blocked label beside a dead letter",
      "dead-letter",
      { pr: { labels: [labels.blocked] }, read: failing, tasks: tasks(["pr-fix", head, { state: "dead" }]) },
    ],
    [
      "a dead letter just made",
      "dead-letter",
      { read: failing, tasks: tasks(["pr-fix", head, { state: "dead", updatedAt: now }]) },
    ],
    [
      "a write that failed for good",
      "publish-failed",
      { read: failing, tasks: tasks(["pr-fix", head, {}]), failedWrites: new Map([[1, 5]]) },
    ],
    ["its result is on the way", "publishing", { read: failing, tasks: tasks(["pr-fix", head, {}]), publishing: true }],
    ["the result of another lane is on the way", "publishing", { read: { mergeState: "dirty" }, publishing: true }],
    ["this head was repaired already", "already-worked", { read: failing, tasks: tasks(["pr-fix", head, {}]) }],
    [
      "a person cancelled it",
      "cancelled",
      { read: failing, tasks: tasks(["pr-fix", head, { state: "cancelled", reason: "ann: no" }]) },
    ],
    ["checks run", "checks-pending", { read: { checks: [check("pending")] } }],
    ["no check has come", "checks-pending", { read: { checks: [] } }],
    ["the forge has not said whether it merges", "merge-state-unknown", { read: { mergeState: "unknown" } }],
    ["system-breaking files", "human-review", { read: breaking }],
    ["files not all known", "human-review", { read: { files: null } }],
    ["people were asked to review", "reviewers-requested", { pr: { requestedReviewers: ["tim"] } }],
    [
      "people whom we asked, and another one has approved it",
      "ready-to-merge",
      {
        pr: { requestedReviewers: ["Tim"], labels: ["agent-human-approved"] },
        read: { timeline: timeline({ labelActs: [labelled("agent-human-approved", "ann")] }) },
        policy: { ...policy, reviews: { ...policy.reviews, people: ["tim"] } },
        tasks: tasks(approvedReview(1)),
      },
    ],
    ["the final review passed", "ready-to-merge", { tasks: tasks(approvedReview(1)) }],
    [
      "both reviews of critical files passed",
      "ready-to-merge",
      { read: critical, tasks: tasks(approvedReview(1), approvedReview(2)) },
    ],
    ["repaired as often as allowed", "fix-limit", { read: failing, repairRounds: 3 }],
    ["conflicts repaired as often as allowed", "fix-limit", { read: { mergeState: "dirty" }, repairRounds: 3 }],
    [
      "a rerun was asked for a moment ago",
      "ci-refresh",
      { read: failing, tasks: tasks(foundNothing), ciRefreshes: { used: 2, lastAt: now } },
    ],
  ];

  it.each(cases)("%s: %s", (_name, because, over) => {
    expect(holdOf(facts(over)).because).toBe(because);
  });

  it("says why an approval does not count", () => {
    const late = { order: 11, kind: "commit" as const, sha: head };
    const given = facts({
      pr: { labels: [labels.humanApproved] },
      read: { ...breaking, timeline: timeline({ labelActs: [labelled(labels.humanApproved, "ann")], pushes: [late] }) },
    });
    expect(holdOf(given)).toMatchObject({
      because: "human-review",
      detail: "system-breaking-risk-scope, approval: pushed to after agent-human-approved was set",
    });
  });

  it("says what has a head worked again that was worked already", () => {
    const given = facts({ read: failing, tasks: tasks(["pr-fix", head, { reason: "published" }]) });
    expect(holdOf(given).detail).toBe(
      "task 1: published; a push, or label agent-manual-fix-override, has it worked again",
    );
  });

  it("names the lane that it would be in", () => {
    expect(holdOf(facts({ read: failing, repairRounds: 3 })).lane).toBe("pr-fix");
  });
});

it.each(["a person's words", "cancelled", null])("a person's cancel holds, with the reason %s", (reason) => {
  expect(holdOf(facts({ tasks: tasks(approvedReview(1, { state: "cancelled", reason })) })).because).toBe("cancelled");
});

describe("a review that comes to no end", () => {
  const stuck = [
    "pr-review",
    `${head}/1`,
    { reason: "review-not-converging", result: { findings: "[f1] It leaks" } },
  ] as const;
  const approving = { timeline: timeline({ reviews: [review("approved", "ann")] }) };

  it("waits for a person, and is neither repaired nor made again", () => {
    const hold = holdOf(facts({ tasks: tasks(stuck) }));
    expect(hold).toMatchObject({ because: "human-review", detail: "review-not-converging" });
  });

  it("is settled by a person's approval of that head, which stands for it", () => {
    expect(holdOf(facts({ tasks: tasks(stuck), read: approving })).because).toBe("ready-to-merge");
  });

  it("still asks for the second review of critical files after that", () => {
    const given = facts({ tasks: tasks(stuck), read: { ...critical, ...approving } });
    expect(wantedOf(given)).toMatchObject({ lane: "pr-review", payload: { round: 2 } });
  });

  it("is repaired once more when a person forces that, and the repair is told what is open", () => {
    const forced = {
      pr: { labels: [labels.manualFixOverride] },
      read: { timeline: timeline({ labelActs: [labelled(labels.manualFixOverride, "ann")] }) },
    };
    expect(wantedOf(facts({ ...forced, tasks: tasks(stuck) }))).toMatchObject({
      lane: "pr-fix",
      payload: { findings: [{ author: "agent-bot", body: "[f1] It leaks" }] },
    });
  });
});

describe("what a reviewer is told", () => {
  const open = { id: "f1", severity: "blocking", path: null, line: null, title: "T", detail: "" } as const;
  const ledgers = { first: { headSha: "9".repeat(40), open: [open], closed: [], stuckRounds: 1 }, second: null };
  const payloadOf = (given: PullRequestFacts) => wantedOf(given).payload as PullRequestPayload;

  it("is what is open of its own earlier reviews, of whatever head", () => {
    expect(payloadOf(facts({ ledgers })).review).toEqual({ wanted: 1, isOwn: true, ledgers });
  });

  it("is nothing of what another review said of this head", () => {
    const { findings, missing, round } = payloadOf(
      facts({ read: critical, tasks: tasks(approvedReview(1, { result: { findings: "secret" } })) }),
    );
    expect({ findings, missing, round }).toEqual({ findings: [], missing: [], round: 2 });
  });

  it.each<[string, Parameters<typeof facts>[0], Partial<ReviewAsk>]>([
    ["one review, of a person's pull request", { pr: { author: "ann" } }, { wanted: 1, isOwn: false }],
    ["two reviews of critical files", { read: critical }, { wanted: 2, isOwn: true }],
    ["its own, in whatever case", { pr: { author: "Agent-Bot" } }, { isOwn: true }],
    ["whose it is, when we do not know who we are", { selfLogin: null, pr: { author: "ann" } }, { isOwn: true }],
  ])("is how it counts: %s", (_name, over, review) => {
    expect(payloadOf(facts(over)).review).toMatchObject(review);
  });
});

describe("instead of the reference's defects", () => {
  it("an approval of this head leads on to the last review and is not asked for again", () => {
    const given = {
      pr: { labels: [labels.humanApproved] },
      read: { ...breaking, timeline: timeline({ labelActs: [labelled(labels.humanApproved, "ann")] }) },
    };
    expect(wantedOf(facts(given))).toMatchObject({ lane: "pr-review", stage: "automerge" });
    expect(holdOf(facts({ ...given, tasks: tasks(approvedReview(1)) })).because).toBe("ready-to-merge");
  });

  it("a review is of one head: after a push it is due again", () => {
    const pushed = "d".repeat(40);
    const given = { pr: { headSha: pushed }, read: { ...critical, headSha: pushed } };
    const reviewed = tasks(approvedReview(1), approvedReview(2));
    expect(wantedOf(facts({ ...given, tasks: reviewed })).dedupeKey).toBe(keyOf("pr-review", `${pushed}/1`));
  });

  it("one stage's review does not stand for the other's", () => {
    expect(wantedOf(facts({ read: critical, tasks: tasks(approvedReview(1)) })).payload).toMatchObject({ round: 2 });
  });

  it.each([[null], ["approved"], ["pr-worker-blocked"], ["host-approve-and-merge"]])(
    "a review that ended with %s is no pass",
    (reason) => {
      expect(holdOf(facts({ tasks: tasks(approvedReview(1, { reason })) })).because).toBe("already-worked");
    },
  );

  it("a blocked repair does not begin again and again", () => {
    const dead = { tasks: tasks(["pr-fix", head, { state: "dead", reason: "issue-worker-blocked" }]), read: failing };
    expect(holdOf(facts({ ...dead, pr: { labels: [labels.blocked] } })).because).toBe("dead-letter");
    expect(holdOf(facts({ ...dead, repairRounds: 3 })).because).toBe("fix-limit");
  });

  it("conflicts are not repaired anew for ever as the base moves", () => {
    const given = {
      read: { mergeState: "dirty" as const },
      base: { branch: "main", sha: "e".repeat(40) },
      readOn: "e".repeat(40),
    };
    expect(wantedOf(facts({ ...given, repairRounds: 2 })).lane).toBe("pr-merge-repair");
    expect(holdOf(facts({ ...given, repairRounds: 3 })).because).toBe("fix-limit");
  });

  it("exclusive work at a stage where nothing starts is a hold like any", () => {
    const exclusive = { labels: [labels.exclusive] };
    expect(holdOf(facts({ pr: exclusive, read: { checks: [check("pending")] } })).because).toBe("checks-pending");
    expect(holdOf(facts({ pr: { labels: [labels.exclusive, labels.blocked] } })).because).toBe("blocked");
    expect(wantedOf(facts({ pr: exclusive })).traits.exclusive).toBe(true);
  });

  it("a repair that was forced and found nothing is not forced again by the label that is left", () => {
    const given = facts({
      pr: { labels: [labels.manualFixOverride] },
      read: { ...failing, timeline: timeline({ labelActs: [labelled(labels.manualFixOverride, "ann")] }) },
      tasks: tasks(["pr-fix", `${head}/override:10`, { reason: "no-change-needed" }]),
    });
    expect(stageOfPullRequest(given)?.stage).toBe("ci-refresh");
  });
});

it("looks at no other tasks than those whose keys it names beforehand", () => {
  const given = facts({
    pr: { labels: [labels.manualFixOverride] },
    read: { ...failing, timeline: timeline({ labelActs: [labelled(labels.manualFixOverride, "ann")] }) },
  });
  const asked = new Set<string>();
  const spy = Object.assign(new Map<string, Task>(), { get: (key: string) => void asked.add(key) });
  for (const mergeState of ["clean", "dirty"] as const) {
    const { pullRequest: pr, reading } = given.candidate;
    const { candidate } = facts({ pr, read: { ...reading?.reading, mergeState } });
    decidePullRequest({ ...given, candidate, tasks: spy });
  }
  const keys = [
    `pr-review/${head}/1`,
    `pr-review/${head}/2`,
    `pr-fix/${head}`,
    `pr-fix/${head}/override:10`,
    `pr-merge-repair/${head}/${baseSha}`,
  ];
  expect([...taskKeysOfPullRequest(given)].sort()).toEqual(keys.map((key) => `demo/pr:7/${key}`).sort());
  expect([...asked].sort()).toEqual([...taskKeysOfPullRequest(given)].sort());
});

describe("failed checks of a pull request", () => {
  const both = { checks: [check("failed"), check("failed", { name: "lint", id: 2 })] };
  const broken = (...failing: string[]) => ({ branch: "main", sha: baseSha, failing });
  const before = [{ headSha: "earlier", checks: ["lint"] }];

  it("wait for the base when each of them fails there, and only for the base they go to", () => {
    expect(holdOf(facts({ read: both, base: broken("build", "lint") })).because).toBe("base-checks-broken");
    const elsewhere = facts({ read: both, base: broken("build", "lint"), pr: { baseRef: "release" } });
    expect(wantedOf(elsewhere).lane).toBe("pr-fix");
  });

  it("are repaired as far as they are its own, and that is what the repair is charged for", () => {
    const { payload } = wantedOf(facts({ read: both, base: broken("build"), ciRepairs: before }));
    expect(payload).toMatchObject({
      failures: [{ name: "build", isOfBase: true }, { name: "lint" }],
      ciRepairs: [...before, { headSha: head, checks: ["lint"] }],
    });
  });

  it("are carried on by a repair of conflicts, which is not charged for them", () => {
    const { payload } = wantedOf(facts({ read: { ...both, mergeState: "dirty" }, ciRepairs: before }));
    expect(payload).toMatchObject({ ciRepairs: before });
  });

  it("are a person's after repairs that did not help, and a person may force one more", () => {
    const repairs = ["one", "two"].map((headSha) => ({ headSha, checks: ["build"] }));
    expect(holdOf(facts({ read: failing, ciRepairs: repairs }))).toMatchObject({
      because: "ci-parked",
      detail: expect.stringContaining("check-failed: build"),
    });
    const forced = {
      pr: { labels: [labels.manualFixOverride] },
      read: { ...failing, timeline: timeline({ labelActs: [labelled(labels.manualFixOverride, "ann")] }) },
    };
    expect(wantedOf(facts({ ...forced, ciRepairs: repairs })).lane).toBe("pr-fix");
  });

  it("of a run that came of the rerun are not taken for those of before", () => {
    const asked = { used: 1, lastAt: now, failed: [1] };
    expect(holdOf(facts({ read: failing, ciRefreshes: asked })).because).toBe("ci-refresh");
    const anew = { checks: [check("failed", { id: 2 })] };
    expect(wantedOf(facts({ read: anew, ciRefreshes: asked })).lane).toBe("pr-fix");
  });
});

describe("failed checks that a repair found no fault behind", () => {
  const refresh = (over: Parameters<typeof facts>[0] = {}) =>
    facts({ read: failing, tasks: tasks(foundNothing), ciRefreshes: { used: 0, lastAt: null }, ...over });

  it("are run again by the host, each run once", () => {
    const twice = {
      checks: [...failing.checks, check("failed", { name: "b" }), check("failed", { name: "c", runId: 12 })],
    };
    expect(decidePullRequest(refresh({ read: twice }))).toEqual({
      kind: "rerun-checks",
      headSha: head,
      runIds: [11, 12],
      round: 1,
    });
  });

  it("and again, once they were read anew and failed again, as often as allowed", () => {
    const earlier = now - 300_001;
    expect(decidePullRequest(refresh({ ciRefreshes: { used: 1, lastAt: earlier } }))).toMatchObject({ round: 2 });
    expect(holdOf(refresh({ ciRefreshes: { used: 2, lastAt: earlier } })).because).toBe("ci-parked");
  });

  it("are left alone while the forge may still show the failures of before", () => {
    expect(holdOf(refresh({ ciRefreshes: { used: 1, lastAt: now - 300_000 } })).because).toBe("ci-refresh");
  });

  it("are not run again while the profile is paused", () => {
    expect(holdOf(refresh({ isPaused: true })).because).toBe("paused");
  });

  it("wait for what is on its way to the forge", () => {
    expect(holdOf(refresh({ publishing: true })).because).toBe("publishing");
  });
});

describe("over random pull requests", () => {
  const random = seeded(11);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const some = <T>(from: readonly T[]): T[] => from.filter(() => random() < 0.07);
  const people = ["ann", "tim", "eve", "zoe", "agent-bot"];
  const anyTask = (): Partial<Task> => {
    if (random() < 0.4) return { reason: "no-change-needed" };
    return anyOtherTask();
  };
  const anyOtherTask = (): Partial<Task> => ({
    state: pick(["succeeded", "succeeded", "dead", "cancelled", "queued", "running"]),
    reason: pick(["review-approved", "review-approved", "no-change-needed", "changes-requested", "superseded", null]),
    updatedAt: pick([0, now]),
  });
  const anyFacts = (): PullRequestFacts => {
    const set = some(Object.values(labels));
    return facts({
      ...candidateOf(set),
      tasks: tasks(
        ...[`${head}/1`, `${head}/2`].filter(() => random() < 0.4).map((key) => ["pr-review", key, anyTask()] as const),
        ...[head, `${head}/override:10`].filter(() => random() < 0.6).map((key) => ["pr-fix", key, anyTask()] as const),
      ),
      repairRounds: pick([0, 1, 3]),
      publishing: random() < 0.1,
      ciRefreshes: pick([
        { used: 0, lastAt: null },
        { used: 2, lastAt: now },
      ]),
    });
  };
  const candidateOf = (set: readonly string[]) => {
    const given = pullRequest({
      labels: set,
      state: pick(["open", "open", "open", "closed"]),
      updatedAt: pick([now, now, now, now + 1]),
      draft: random() < 0.1,
      headRepo: pick(["o/r", "o/r", "O/R", "eve/r", null]),
      headRef: pick(["agent/demo/issue-1-x", "ann/x"]),
      requestedReviewers: some(["tim"]),
    });
    const read = {
      headSha: pick([head, head, head, "c".repeat(40)]),
      mergeState: pick(["clean", "clean", "clean", "dirty", "blocked", "behind", "unstable", "unknown"] as const),
      files: pick([files("docs/a.md"), files("src/a.ts"), files("scripts/a"), files("migrations/1"), null, []]),
      checks: pick([
        [],
        [check("passed")],
        [check("failed")],
        [check("pending")],
        [check("failed", { summary: "job was not started" })],
      ]),
      timeline: timeline({
        labelActs: set.map((label) => labelled(label, pick(people), { at: headSeenAt + pick([-1, 0, 1]) })),
        reviews: some([review("approved", pick(people)), review("changes-requested", pick(people), { order: 6 })]),
        pushes: [{ order: pick([0, 11]), kind: "commit", sha: head }],
      }),
    };
    return {
      candidate: {
        pullRequest: given,
        reading: random() < 0.1 ? null : stored(read, { headSeenAt: pick([headSeenAt, null]) }),
      },
    };
  };
  const all = Array.from({ length: 1_500 }, anyFacts);
  const verdicts = all.map((each) => [each, decidePullRequest(each)] as const);
  const active = verdicts.filter(([, { kind }]) => kind !== "hold");

  it("each is wanted, rerun or held, with one reason of the list", () => {
    for (const [, verdict] of verdicts) {
      if (verdict.kind === "hold") expect(Object.keys(holdReasons)).toContain(verdict.because);
    }
    expect(new Set(verdicts.map(([, { kind }]) => kind))).toEqual(new Set(["wanted", "hold", "rerun-checks"]));
  });

  it("nothing is ever started for a fork, a closed one, a draft, or one that a person holds", () => {
    for (const [{ candidate }] of active) {
      const { headRepo, state, draft, labels: set } = candidate.pullRequest;
      expect([headRepo?.toLowerCase(), state, draft, set.includes(labels.hold)]).toEqual(["o/r", "open", false, false]);
    }
  });

  it("nothing is ever started on what was not read as it is now", () => {
    for (const [{ candidate }] of active) {
      expect(candidate.reading?.reading.headSha).toBe(head);
      expect(candidate.reading?.itemUpdatedAt).toBe(candidate.pullRequest.updatedAt);
    }
  });

  it("nothing unknown ever reads as mergeable", () => {
    const stages = all.map((each) => [each, stageOfPullRequest(each)] as const);
    for (const [{ candidate }, decision] of stages) {
      if (!decision?.isMergeable) continue;
      const reading = candidate.reading?.reading;
      expect(reading?.files?.length).toBeGreaterThan(0);
      expect(reading?.checks.length).toBeGreaterThan(0);
      expect(reading?.mergeState).toMatch(/^(clean|unstable)$/);
    }
    expect(stages.some(([, decision]) => decision?.isMergeable)).toBe(true);
  });

  it("the same facts give the same verdict", () => {
    for (const [given, verdict] of verdicts) expect(decidePullRequest(given)).toEqual(verdict);
  });
});
