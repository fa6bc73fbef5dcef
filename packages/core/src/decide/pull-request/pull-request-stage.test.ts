import { seeded } from "@agent-control-plane/testkit/seeded-random";
import { describe, expect, it } from "vitest";
import type { PullRequestRules } from "../../domain/policy.ts";
import type { Check, MergeState } from "../../domain/reading.ts";
import { decideStage, type StageDecision, type StageFacts, stageTable } from "./pull-request-stage.ts";

const rules: PullRequestRules = {
  risk: {
    systemBreaking: [],
    criticalInfra: [],
    criticalApp: [],
    docsOnly: [],
    generated: [],
    tests: [],
    maxFiles: 1,
    maxLines: 1,
  },
  criticalReviews: 2,
  mayLackChecks: false,
  infraFailures: ["spending limit", "job was not started"],
  maxFixRounds: 3,
  maxCiRefreshes: 2,
  maxCiRepairs: 2,
  baseBroken: "issue",
};

const check = (state: string, over: Partial<Check> = {}): Check => ({
  name: "build",
  kind: "check-run",
  state: state as Check["state"],
  id: 1,
  runId: 11,
  url: null,
  summary: "",
  ...over,
});

/** Nothing stands in its way. */
const facts = (over: Partial<StageFacts> = {}): StageFacts => ({
  isManaged: true,
  isFork: false,
  isDraft: false,
  isBlocked: false,
  isForced: false,
  requestedReviewers: 0,
  mergeState: "clean",
  checks: [check("passed")],
  risk: { tier: "high", systemBreaking: false, tooBroad: null },
  isApproved: false,
  reviewsPassed: 0,
  ourChangesRequested: false,
  feedback: "none",
  repairFoundNothing: false,
  headSha: "head",
  brokenOnBase: [],
  isRefreshing: false,
  ciRefreshesUsed: 1,
  ciRepairs: [],
  ...over,
});
const critical: StageFacts["risk"] = { tier: "critical-infra", systemBreaking: false, tooBroad: null };
const breaking: StageFacts["risk"] = { ...critical, systemBreaking: true };
const unknownRisk: StageFacts["risk"] = { tier: "unknown", systemBreaking: false, tooBroad: null };
const broad: StageFacts["risk"] = { tier: "high", systemBreaking: false, tooBroad: "20 files" };
const failing = [check("failed", { summary: "2 tests failed" })];
const unpaid = [check("failed", { summary: "The job was not started." })];

const repairOf = (headSha: string) => ({ headSha, checks: ["build"] });

type Case = readonly [name: string, row: string, stage: StageDecision["stage"], over: Partial<StageFacts>];

const cases: readonly Case[] = [
  ["a fork, whatever else holds", "fork", "ignore", { isFork: true, isBlocked: true, mergeState: "dirty" }],
  ["not managed", "not-managed", "ignore", { isManaged: false, mergeState: "dirty" }],
  ["a draft", "draft", "ignore", { isDraft: true, mergeState: "dirty" }],
  ["1 label agent-blocked", "1-blocked", "blocked", { isBlocked: true, mergeState: "dirty" }],
  ["2 merge state dirty", "2-dirty", "merge-repair", { mergeState: "dirty", isForced: true }],
  ["3 manual override label", "3-override", "fix", { isForced: true, checks: [check("pending")] }],
  ["4 pending checks", "4-pending-checks", "pending", { checks: [check("pending"), ...failing], risk: broad }],
  ["5 scope too broad", "5-scope-too-broad", "fix", { risk: broad, ourChangesRequested: true }],
  ["6 our review comes to no end", "6-review-stuck", "human-review", { reviewIsStuck: true, feedback: "requested" }],
  ["6 outstanding blocker of ours", "6-our-blocker", "fix", { ourChangesRequested: true, feedback: "requested" }],
  ["7 review comments and no no-op summary", "7-feedback", "fix", { feedback: "requested", risk: breaking }],
  ["8 needs human approval, not approved, clean", "8-needs-person", "human-review", { risk: breaking }],
  ["9 needs double check, clean: the first", "9-double-check", "double-check-1", { risk: critical }],
  ["9 needs double check, clean: the second", "9-double-check", "double-check-2", { risk: critical, reviewsPassed: 1 }],
  ["10 no-op summary and failing checks", "10-ci-refresh", "ci-refresh", { checks: failing, repairFoundNothing: true }],
  // Ours asks for a rerun first: the reference's row waits for a repair that found nothing.
  ["ours: the first failure of a head", "10-ci-refresh", "ci-refresh", { checks: failing, ciRefreshesUsed: 0 }],
  [
    "ours: failing on the base too",
    "10-base-broken",
    "pending",
    { checks: failing, ciRefreshesUsed: 0, brokenOnBase: ["build"], mergeState: "behind" },
  ],
  [
    "ours: repairs did not help",
    "10-ci-parked",
    "human-review",
    { checks: failing, ciRepairs: [repairOf("one"), repairOf("two")], risk: breaking },
  ],
  ["11 no missing reasons", "11-nothing-missing", "automerge", {}],
  ["12 not clean", "12-repairable", "fix", { mergeState: "behind" }],
  ["12 failures", "12-repairable", "fix", { checks: failing, mergeState: "unstable", risk: breaking }],
  [
    "13 checks ok and human approval need",
    "13-needs-person-anyway",
    "human-review",
    { mergeState: "blocked", risk: breaking },
  ],
  [
    "14 checks ok and double check need",
    "14-double-check-anyway",
    "double-check-2",
    { mergeState: "blocked", risk: critical, reviewsPassed: 1 },
  ],
  ["15 otherwise", "15-reviewers-requested", "ignore", { requestedReviewers: 1 }],
  [
    "ours: who gave feedback is not known",
    "7-feedback-unchecked",
    "pending",
    { feedback: "unchecked", risk: breaking },
  ],
  ["ours: checks have not begun", "7-no-checks", "pending", { checks: [], risk: critical }],
  ["ours: merge state unknown", "12-merge-state-unknown", "pending", { mergeState: "unknown" }],
  ["ours: unstable without a failure", "12-merge-state-unknown", "pending", { mergeState: "unstable" }],
  [
    "ours: a repair had no answer to feedback",
    "12-feedback-unanswered",
    "human-review",
    { feedback: "requested", repairFoundNothing: true },
  ],
  ["ours: protected, and not reviewed by us", "14-protected-unreviewed", "double-check-1", { mergeState: "blocked" }],
  ["ours: protected, and reviewed", "14-protected", "human-review", { mergeState: "blocked", reviewsPassed: 1 }],
];

describe("the lane table of pull requests", () => {
  it.each(cases)("%s", (_name, row, stage, over) => {
    expect(decideStage(facts(over), rules)).toMatchObject({ row, stage });
  });

  it("has a case for each of its rows but the one that nothing reaches", () => {
    const named = new Set(cases.map(([, row]) => row));
    expect(stageTable.map(({ row }) => row).filter((row) => !named.has(row))).toEqual(["nothing-to-do"]);
  });
});

describe("what is missing for a merge", () => {
  it.each([
    ["draft", { isDraft: true }],
    ["fork", { isFork: true }],
    ["not-managed", { isManaged: false }],
    ["blocked", { isBlocked: true }],
    ["requested-reviewers-present", { requestedReviewers: 2 }],
    ["agent-status-blocker-present", { ourChangesRequested: true }],
    ["scope-too-broad", { risk: broad }],
    ["manual-fix-override", { isForced: true }],
    ["review-feedback-present", { feedback: "requested" }],
    ["review-feedback-unchecked", { feedback: "unchecked" }],
    ["risk-unknown", { risk: unknownRisk }],
    ["system-breaking-risk-scope", { risk: breaking }],
    ["double-check-1-pending", { risk: critical }],
    ["double-check-2-pending", { risk: critical, reviewsPassed: 1 }],
    ["no-checks-reported", { checks: [] }],
    ["check-pending: build", { checks: [check("pending")] }],
    ["check-failed: build", { checks: failing }],
    ["merge-state-behind", { mergeState: "behind" }],
    ["merge-state-unknown", { mergeState: "unknown" }],
  ] as const)("%s", (code, over) => {
    expect(decideStage(facts(over), rules)).toMatchObject({ missing: [code], isMergeable: false });
  });

  it("is nothing when all is well, and only then is it mergeable", () => {
    expect(decideStage(facts(), rules)).toMatchObject({ missing: [], isMergeable: true, stage: "automerge" });
  });
});

describe("instead of the reference's defects", () => {
  it("an unread file list needs a person and is never mergeable, approved or not", () => {
    for (const isApproved of [false, true]) {
      const decision = decideStage(facts({ risk: unknownRisk, isApproved, reviewsPassed: 2 }), rules);
      expect(decision).toMatchObject({ stage: "human-review", isMergeable: false });
    }
  });

  it.each(["neutral", "skipped"])("a %s check is no failure", (state) => {
    expect(decideStage(facts({ checks: [check(state)] }), rules).isMergeable).toBe(true);
  });

  it("a check in a state we do not know is not finished", () => {
    expect(decideStage(facts({ checks: [check("stale")] }), rules)).toMatchObject({ stage: "pending" });
  });

  it("no check at all is not known, unless the profile says that there need be none", () => {
    expect(decideStage(facts({ checks: [] }), rules)).toMatchObject({ stage: "pending", because: "checks-pending" });
    expect(decideStage(facts({ checks: [] }), { ...rules, mayLackChecks: true }).isMergeable).toBe(true);
  });

  it("a person's approval of this head is the end of the wait for a person", () => {
    expect(decideStage(facts({ risk: breaking, isApproved: true }), rules)).toMatchObject({ stage: "automerge" });
  });

  it("a person who approved this head has accepted its scope", () => {
    expect(decideStage(facts({ risk: broad, isApproved: true }), rules)).toMatchObject({ stage: "automerge" });
  });

  it("a branch protection that waits for a person is no repair", () => {
    expect(decideStage(facts({ mergeState: "blocked", reviewsPassed: 1 }), rules).stage).toBe("human-review");
  });

  it("one review is enough where the profile asks for one", () => {
    const one = { ...rules, criticalReviews: 1 } as const;
    expect(decideStage(facts({ risk: critical }), one).stage).toBe("double-check-1");
    expect(decideStage(facts({ risk: critical, reviewsPassed: 1 }), one).stage).toBe("automerge");
  });

  it("failed checks are not rerun for ever", () => {
    const over = { checks: failing, repairFoundNothing: true, ciRefreshesUsed: 2 };
    expect(decideStage(facts(over), rules)).toMatchObject({ stage: "human-review", because: "ci-parked" });
  });

  it("nothing is rerun that has no run to ask for", () => {
    const checks = [check("failed", { runId: null })];
    expect(decideStage(facts({ checks, ciRefreshesUsed: 0 }), rules).stage).toBe("fix");
    expect(decideStage(facts({ checks, repairFoundNothing: true }), rules).stage).toBe("human-review");
  });
});

describe("failures of the infrastructure alone", () => {
  it("do not count, and unstable is clean then", () => {
    const decision = decideStage(facts({ checks: unpaid, mergeState: "unstable" }), rules);
    expect(decision).toMatchObject({ stage: "automerge", isBypassed: true, missing: [] });
  });

  it("still need a person for system-breaking files", () => {
    expect(decideStage(facts({ checks: unpaid, risk: breaking }), rules).stage).toBe("human-review");
  });

  it("do not make an unknown merge state a known one", () => {
    expect(decideStage(facts({ checks: unpaid, mergeState: "unknown" }), rules).isMergeable).toBe(false);
  });

  it.each([
    ["a real failure beside them", [...unpaid, ...failing]],
    ["a failure that says nothing of itself", [check("failed")]],
  ])("are not bypassed with %s", (_name, checks) => {
    expect(decideStage(facts({ checks }), rules)).toMatchObject({ stage: "fix", isBypassed: false });
  });

  it("are not bypassed when they say nothing, whatever the patterns match", () => {
    const checks = [check("failed", { summary: " " })];
    expect(decideStage(facts({ checks }), { ...rules, infraFailures: [".*"] }).isBypassed).toBe(false);
  });

  it("are not excused by a pattern that is none", () => {
    expect(decideStage(facts({ checks: unpaid }), { ...rules, infraFailures: ["("] }).stage).toBe("fix");
  });
});

describe("the commit status of our review", () => {
  const ours = (state: string) =>
    check(state, { kind: "status", name: "agent-control-plane/review", id: null, runId: null });

  it.each(["pending", "failed", "passed"])("is no check and no review while it says %s, whoever set it", (state) => {
    for (const over of [{}, { ourChangesRequested: true }, { risk: critical }, { reviewsPassed: 1 }]) {
      const without = facts(over);
      const given = { ...without, checks: [...without.checks, ours(state)] };
      expect(decideStage(given, rules)).toEqual(decideStage(without, rules));
    }
  });

  it("does not stand for the checks that have to be there", () => {
    expect(decideStage(facts({ checks: [ours("passed")] }), rules).stage).toBe("pending");
  });

  it("leaves the forge calling it unstable, which keeps nothing back when all checks passed", () => {
    const given = facts({ mergeState: "unstable", checks: [check("passed"), ours("failed")] });
    expect(decideStage(given, rules).isMergeable).toBe(true);
    expect(decideStage(facts({ mergeState: "unstable" }), rules).isMergeable).toBe(false);
  });
});

describe("over random facts", () => {
  const random = seeded(7);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const others = seeded(8);
  const pickToo = <T>(from: readonly T[]): T => from[Math.floor(others() * from.length)] as T;
  const chance = (): boolean => random() < 0.25;
  const checkStates = ["passed", "passed", "neutral", "skipped", "failed", "pending", "odd"];
  const mergeStates: readonly MergeState[] = [
    "clean",
    "clean",
    "clean",
    "dirty",
    "blocked",
    "behind",
    "unstable",
    "draft",
    "unknown",
  ];
  const anyFacts = (): StageFacts => ({
    isManaged: !chance(),
    isFork: chance(),
    isDraft: chance(),
    isBlocked: chance(),
    isForced: chance(),
    requestedReviewers: pick([0, 0, 0, 2]),
    mergeState: pick(mergeStates),
    checks: Array.from({ length: pick([0, 1, 1, 2]) }, () =>
      check(pick(checkStates), { summary: pick(["", "spending limit", "bad"]), runId: pick([null, 3]) }),
    ),
    risk: pick([critical, breaking, unknownRisk, broad, facts().risk, { ...critical, tooBroad: "x" }]),
    isApproved: chance(),
    reviewsPassed: pick([0, 1, 2]),
    ourChangesRequested: chance(),
    reviewIsStuck: chance(),
    feedback: pick(["none", "none", "none", "requested", "unchecked"]),
    repairFoundNothing: chance(),
    headSha: "head",
    brokenOnBase: pickToo([[], [], [], ["build"]]),
    isRefreshing: pickToo([false, false, false, true]),
    ciRefreshesUsed: pick([0, 1, 2, 3]),
    ciRepairs: pickToo([[], [], [repairOf("one"), repairOf("two")]]),
  });
  /** Each makes any facts worse, or leaves them as bad as they are. */
  const worse: Readonly<Record<string, (facts: StageFacts) => StageFacts>> = {
    fork: (it) => ({ ...it, isFork: true }),
    unmanaged: (it) => ({ ...it, isManaged: false }),
    draft: (it) => ({ ...it, isDraft: true }),
    blocked: (it) => ({ ...it, isBlocked: true }),
    forced: (it) => ({ ...it, isForced: true }),
    "a failed check": (it) => ({ ...it, checks: [...it.checks, ...failing] }),
    "a pending check": (it) => ({ ...it, checks: [...it.checks, check("pending")] }),
    "no checks": (it) => ({ ...it, checks: [] }),
    feedback: (it) => ({ ...it, feedback: "requested" }),
    "unchecked feedback": (it) => ({ ...it, feedback: "unchecked" }),
    "a review without an end": (it) => ({ ...it, reviewIsStuck: true }),
    "our changes": (it) => ({ ...it, ourChangesRequested: true }),
    "unread files": (it) => ({ ...it, risk: unknownRisk }),
    reviewers: (it) => ({ ...it, requestedReviewers: 1 }),
    ...Object.fromEntries(
      mergeStates
        .filter((state) => state !== "clean" && state !== "unstable")
        .map((state) => [state, (it: StageFacts) => ({ ...it, mergeState: state })]),
    ),
  };
  const states = Array.from({ length: 500 }, anyFacts);

  it("anything unknown, failed or in the way never makes it mergeable", () => {
    for (const state of [...states, facts()]) {
      for (const [name, make] of Object.entries(worse)) {
        expect(decideStage(make(state), rules).isMergeable, `${name} on ${JSON.stringify(state)}`).toBe(false);
      }
    }
  });

  it("it is mergeable exactly at the stage automerge, and exactly with nothing missing", () => {
    const decisions = states.map((state) => decideStage(state, rules));
    for (const { stage, isMergeable, missing } of decisions) {
      expect([stage === "automerge", missing.length === 0]).toEqual([isMergeable, isMergeable]);
    }
    expect(decisions.some(({ isMergeable }) => isMergeable)).toBe(true);
  });

  it("an approval or one more review passed never takes the mergeable away", () => {
    for (const state of states) {
      if (!decideStage(state, rules).isMergeable) continue;
      const better = { ...state, isApproved: true, reviewsPassed: 2 };
      expect(decideStage(better, rules).isMergeable, JSON.stringify(state)).toBe(true);
    }
  });
});
