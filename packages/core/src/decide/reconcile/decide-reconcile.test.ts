import { describe, expect, it } from "vitest";
import { smallDelta, usualGuards } from "../../../test/support/guards.ts";
import type { Inspection } from "../../domain/delta.ts";
import type { ContractReading, WorkEvidence } from "../../domain/evidence.ts";
import { type Lane, lanes } from "../../domain/lane.ts";
import { type ContractOutcome, contractOutcomes } from "../../domain/lane-contract.ts";
import type { Ending } from "../../domain/session.ts";
import type { Task } from "../../domain/task.ts";
import { decideReconcile, type ReconcileFacts } from "./decide-reconcile.ts";

const now = 1_800_000_000_000;
const sha = "b".repeat(40);
const startSha = "a".repeat(40);
const unknownBase: ReconcileFacts["baseline"] = { verdict: "unknown", verification: null, verifications: 0 };

const ending = (over: Partial<Ending> = {}): Ending => ({
  exitReason: "finished",
  failureReason: null,
  exitCode: 0,
  signal: null,
  startedAt: now - 1000,
  endedAt: now,
  nativeSessionId: null,
  usage: {},
  retryAt: null,
  summary: "done",
  processes: { killed: 0, survivors: 0 },
  ...over,
});
const evidence = (over: Partial<WorkEvidence> = {}): WorkEvidence => ({
  headSha: sha,
  commits: 1,
  hostCommit: false,
  files: [{ path: "src/x.js", status: "M", additions: 1, deletions: 1 }],
  problems: [],
  ...over,
});
const check = (exitCode: number) => ({ name: "test", command: "npm test", exitCode, durationMs: 10, tail: "" });
const passed = { ending: ending(), report: { passed: true, commands: [check(0)] } };
const failed = { ending: ending({ exitReason: "failed" }), report: { passed: false, commands: [check(1)] } };
type Valid = Extract<ContractReading, { kind: "valid" }>;
const implemented: Valid = {
  kind: "valid",
  outcome: "implemented",
  isAlert: false,
  detail: "",
  title: null,
  body: null,
  commitMessage: null,
  failureReason: null,
};

const facts = (over: Partial<ReconcileFacts> & { attempts?: number; cancel?: boolean } = {}): ReconcileFacts => ({
  now,
  task: {
    id: 5,
    lane: "issue-implementation",
    attempts: over.attempts ?? 1,
    maxAttempts: 4,
    cancelRequestedAt: over.cancel ? now : null,
    reason: over.cancel ? "operator" : null,
  } as Task,
  started: true,
  startSha,
  baseline: { verdict: "passed", verification: null, verifications: 0 },
  merge: null,
  ending: ending(),
  contract: implemented,
  unreadable: null,
  inspection: { delta: smallDelta, secrets: [] },
  evidence: evidence(),
  verification: passed,
  verifications: 1,
  policy: { retryLadder: [300_000, 900_000, 1_800_000, 3_600_000], hasVerification: true, guards: usualGuards },
  ...over,
});

const step = (over: Parameters<typeof facts>[0]) => {
  const decided = decideReconcile(facts(over));
  return decided.kind !== "conclude" ? decided.kind : `${decided.outcome} ${decided.release.kind} ${decided.reason}`;
};

const lane = (name: Lane, over: Partial<ReconcileFacts> = {}): Partial<ReconcileFacts> => ({
  task: { ...facts().task, lane: name, payload: { kind: "pull-request", number: 7, round: 2 } },
  startSha,
  ...over,
});
const says = (outcome: ContractOutcome, over: Partial<Valid> = {}): Valid => ({ ...implemented, outcome, ...over });
const empty = evidence({ files: [], headSha: startSha });

describe("each lane's sessions end in its own ways", () => {
  it.each<[Lane, string, Partial<ReconcileFacts>, string]>([
    ["blocked-recovery", "publishes like an implementation", {}, "published succeeded published"],
    ["scheduled-check", "reports", { contract: says("reported") }, "reported succeeded reported"],
    [
      "scheduled-check",
      "reports an alert",
      { contract: says("reported", { isAlert: true }) },
      "reported succeeded reported-alert",
    ],
    [
      "scheduled-check",
      "reports without a verification, and whatever lies in its tree",
      { contract: says("reported"), verification: null, evidence: evidence({ problems: ["nested repository"] }) },
      "reported succeeded reported",
    ],
    [
      "scheduled-check",
      "is retried and visible when it crashed",
      { ending: ending({ exitReason: "lost" }), contract: { kind: "missing" } },
      "try-again retry session-lost",
    ],
    [
      "scheduled-check",
      "is retried when it says nothing",
      { contract: { kind: "missing" } },
      "try-again retry missing-result-contract",
    ],
    [
      "scheduled-check",
      "is retried when it speaks of something else",
      { contract: { kind: "invalid", problems: ["outcome"] } },
      "try-again retry invalid-result-contract",
    ],
    ["pr-review", "approves", { contract: says("approved") }, "reviewed succeeded review-approved"],
    [
      "pr-review",
      "asks for changes",
      { contract: says("changes-requested", { detail: "a race" }) },
      "reviewed succeeded changes-requested",
    ],
    [
      "pr-review",
      "ignores what it changed",
      { contract: says("approved"), evidence: evidence(), verification: failed },
      "reviewed succeeded review-approved",
    ],
    [
      "pr-review",
      "is no approval when it says nothing",
      { contract: { kind: "missing" } },
      "try-again retry missing-result-contract",
    ],
    ["pr-review", "may be impossible", { contract: says("blocked") }, "needs-human dead pr-worker-blocked"],
    ["pr-fix", "pushes what was verified", { contract: says("updated-branch") }, "published succeeded published"],
    ["pr-fix", "verifies first", { contract: says("updated-branch"), verification: null }, "verify"],
    [
      "pr-fix",
      "pushes nothing that failed, and blames no base for it",
      { contract: says("updated-branch"), verification: failed, baseline: unknownBase },
      "try-again retry verification-failed",
    ],
    [
      "pr-fix",
      "never pushes without checks",
      { policy: { ...facts().policy, hasVerification: false } },
      "needs-human dead no-verification-configured",
    ],
    [
      "pr-fix",
      "ends well with nothing to change",
      { contract: says("no-change-needed"), evidence: empty },
      "nothing-to-do succeeded no-change-needed",
    ],
    [
      "pr-fix",
      "does not believe an update without a change",
      { contract: says("updated-branch"), evidence: empty },
      "try-again retry no-publishable-delta",
    ],
    [
      "pr-fix",
      "lets the agent stop it",
      { contract: says("blocked", { detail: "no access" }) },
      "needs-human dead pr-worker-blocked",
    ],
    [
      "pr-fix",
      "refuses a rewritten history",
      { evidence: evidence({ problems: ["the history it started from was rewritten"] }) },
      "try-again retry unpublishable-tree",
    ],
    [
      "pr-merge-repair",
      "pushes a merge that holds its base",
      { contract: says("updated-branch"), merge: "holds-base" },
      "published succeeded published",
    ],
    [
      "pr-merge-repair",
      "pushes a merge that changed no file",
      { contract: says("updated-branch"), merge: "holds-base", evidence: evidence({ files: [] }) },
      "published succeeded published",
    ],
    [
      "pr-merge-repair",
      "refuses a result without its base",
      { contract: says("updated-branch"), merge: "conflicts" },
      "try-again retry remaining-merge-conflicts-after-updated-branch",
    ],
    [
      "pr-merge-repair",
      "refuses a result of which nobody knows whether it holds its base",
      { contract: says("updated-branch"), merge: null },
      "try-again retry remaining-merge-conflicts-after-updated-branch",
    ],
    [
      "pr-merge-repair",
      "refuses a result that was not merged, even where it would merge",
      { contract: says("updated-branch"), merge: "merges-cleanly" },
      "try-again retry remaining-merge-conflicts-after-updated-branch",
    ],
    [
      "pr-merge-repair",
      "does not believe that nothing is needed while it conflicts",
      { contract: says("no-change-needed"), merge: "conflicts", evidence: empty },
      "try-again retry remaining-merge-conflicts-after-no-change-needed",
    ],
    [
      "pr-merge-repair",
      "believes it when it merges",
      { contract: says("no-change-needed"), merge: "merges-cleanly", evidence: empty },
      "nothing-to-do succeeded no-change-needed",
    ],
  ])("%s %s", (name, _, over, expected) => {
    expect(step(lane(name, over))).toBe(expected);
  });

  it.each(lanes)("%s obeys a cancel, gives back what never started, and retries a crash", (name) => {
    const task = { ...facts().task, lane: name };
    expect(step({ task: { ...task, cancelRequestedAt: now, reason: "held" } })).toBe("cancelled cancelled held");
    expect(step({ task, started: false, ending: ending({ exitReason: "lost" }) })).toBe(
      "not-started snooze not-started",
    );
    expect(step({ task, ending: ending({ exitReason: "killed" }) })).toBe("try-again retry worker-killed");
    expect(step({ task, unreadable: "EIO" })).toBe("try-again retry work-unreadable");
    expect(step({ task: { ...task, attempts: 4 }, ending: ending({ exitReason: "killed" }) })).toBe(
      "needs-human dead worker-killed",
    );
  });

  it("a review's verdict names the head it is for, its round, and what it found", () => {
    const release = (contract: Valid) => {
      const decided = decideReconcile(facts(lane("pr-review", { contract })));
      return decided.kind === "conclude" ? decided.release : null;
    };
    expect(release(says("approved"))).toMatchObject({ result: { headSha: startSha, round: 2 } });
    expect(release(says("changes-requested", { detail: "a race" }))).toMatchObject({
      result: { headSha: startSha, round: 2, findings: "a race" },
    });
  });
});

describe("checks that fail on the work", () => {
  const gated = (baseline: Partial<ReconcileFacts["baseline"]>, over: Partial<ReconcileFacts> = {}) =>
    decideReconcile(facts({ verification: failed, baseline: { ...unknownBase, ...baseline }, startSha, ...over }));

  it("are run on the base they started from, once, when nobody knows how they do there", () => {
    expect(gated({})).toEqual({ kind: "verify-base", sha: startSha });
  });

  it("cost no attempt when they fail there, too, and the work waits", () => {
    expect(gated({ verification: failed }, { task: { ...facts().task, attempts: 4 } })).toMatchObject({
      outcome: "try-again",
      reason: "baseline-broken",
      release: { kind: "snooze", runAt: now + 300_000, reason: "baseline-broken" },
      baseline: { passed: false, summary: "test ended with 1" },
    });
  });

  it("wait without asking again when the base is known to be broken", () => {
    expect(gated({ verdict: "broken" })).toMatchObject({ release: { kind: "snooze" }, baseline: null });
  });

  it.each([
    ["pass there", { verification: passed }, { passed: true }],
    ["are known to pass there", { verdict: "passed" }, null],
    ["take for ever there", { verification: { ending: ending({ exitReason: "timed-out" }), report: null } }, null],
    [
      "were interrupted there too often",
      { verification: { ending: ending({ exitReason: "lost" }), report: null }, verifications: 3 },
      null,
    ],
  ] as const)("count as a failed attempt when they %s", (_, baseline, saved) => {
    expect(gated(baseline)).toMatchObject({
      release: { kind: "retry", reason: "verification-failed" },
      baseline: saved,
    });
  });

  it("are asked again of the base after an interruption", () => {
    const verification = { ending: ending({ exitReason: "stopped" }), report: { passed: false, commands: [check(0)] } };
    expect(gated({ verification, verifications: 1 })).toEqual({ kind: "verify-base", sha: startSha });
  });
});

describe("an ended session", () => {
  it.each([
    ["publishes what was verified", {}, "published succeeded published"],
    ["asks for verification first", { verification: null, verifications: 0 }, "verify"],
    [
      "asks again when verification was interrupted",
      { verification: { ending: ending({ exitReason: "lost" }), report: null } },
      "verify",
    ],
    [
      "asks again when verification was stopped between its checks",
      { verification: { ending: ending({ exitReason: "stopped" }), report: { passed: false, commands: [check(0)] } } },
      "verify",
    ],
    [
      "gives up a verification that is always interrupted",
      { verification: { ending: ending({ exitReason: "lost" }), report: null }, verifications: 3 },
      "try-again retry verification-interrupted",
    ],
    ["tries again when a check failed", { verification: failed }, "try-again retry verification-failed"],
    [
      "never publishes without checks",
      { policy: { ...facts().policy, hasVerification: false } },
      "needs-human dead no-verification-configured",
    ],
    [
      "goes by the tree when the contract is missing",
      { contract: { kind: "missing" } },
      "published succeeded published",
    ],
    [
      "does not trust a claim of success with an empty tree",
      { evidence: evidence({ files: [] }) },
      "try-again retry no-publishable-delta",
    ],
    [
      "lets the agent stop it",
      { contract: { ...implemented, outcome: "blocked", detail: "no access" } },
      "needs-human dead issue-worker-blocked",
    ],
    [
      "takes the reason of an agent that is blocked",
      { contract: { ...implemented, outcome: "blocked", failureReason: "worker-environment-blocked" } },
      "needs-human dead worker-environment-blocked",
    ],
    [
      "takes no reason of an agent that is not blocked",
      { contract: { ...implemented, failureReason: "worker-environment-blocked" } },
      "published succeeded published",
    ],
    [
      "refuses a broken contract",
      { contract: { kind: "invalid", problems: ["outcome: unknown"] } },
      "try-again retry invalid-result-contract",
    ],
    [
      "refuses a tree it cannot publish",
      { evidence: evidence({ problems: ["nested repository"] }) },
      "try-again retry unpublishable-tree",
    ],
    [
      "tries again after a stall",
      { ending: ending({ exitReason: "stalled" }) },
      "try-again retry no-agent-progress-before-stall-threshold",
    ],
    ["tries again after a loss", { ending: ending({ exitReason: "lost" }) }, "try-again retry session-lost"],
    [
      "names the backend's own reason",
      { ending: ending({ exitReason: "failed", failureReason: "provider-error" }) },
      "try-again retry provider-error",
    ],
    [
      "does not charge a model that its provider has not",
      { ending: ending({ exitReason: "failed", failureReason: "model-unavailable" }) },
      "try-again snooze model-unavailable",
    ],
    [
      "does not charge a stop of the runtime",
      { ending: ending({ exitReason: "stopped" }) },
      "not-started snooze not-started",
    ],
    [
      "does not charge what never started",
      { started: false, evidence: null, ending: ending({ exitReason: "lost" }) },
      "not-started snooze not-started",
    ],
    ["hands a used-up task to a person", { attempts: 4, verification: failed }, "needs-human dead verification-failed"],
    ["obeys a person's cancel, even over a verified result", { cancel: true }, "cancelled cancelled operator"],
  ] as const)("%s", (_, over, expected) => {
    expect(step(over as Parameters<typeof facts>[0])).toBe(expected);
  });

  it("waits longer with each failed attempt", () => {
    const runAt = (attempts: number) => {
      const decided = decideReconcile(facts({ attempts, ending: ending({ exitReason: "failed" }) }));
      return decided.kind === "conclude" && decided.release.kind === "retry" ? decided.release.runAt - now : null;
    };
    expect([1, 2, 3].map(runAt)).toEqual([300_000, 900_000, 1_800_000]);
  });

  it("a conversation that the backend does not know costs nothing the first time", () => {
    const refused = ending({ exitReason: "failed", failureReason: "resume-refused" });
    expect(decideReconcile(facts({ ending: refused }))).toMatchObject({
      outcome: "try-again",
      release: { kind: "snooze", runAt: now, reason: "resume-refused" },
    });
    const again = facts({ ending: refused });
    expect(decideReconcile({ ...again, task: { ...again.task, reason: "resume-refused" } })).toMatchObject({
      release: { kind: "retry", reason: "resume-refused" },
    });
  });

  it("turns a provider's limit into a shared pause that costs no attempt, and leaves it to the limit when it goes on", () => {
    const decided = decideReconcile(
      facts({
        attempts: 4,
        ending: ending({ exitReason: "failed", failureReason: "provider-quota-limit", retryAt: now + 4_200_000 }),
      }),
    );
    expect(decided).toMatchObject({
      outcome: "try-again",
      release: { kind: "snooze", runAt: now },
      limit: { reason: "provider-quota-limit", resetAt: now + 4_200_000, isAccountWide: false, source: "structured" },
    });
  });

  it.each([
    ["in the past", now - 1, now + 60_000],
    ["in a hundred years", now + 3e12, now + 8 * 24 * 3_600_000],
  ])("does not believe a provider whose limit ends %s", (_, retryAt, until) => {
    const decided = decideReconcile(
      facts({ ending: ending({ exitReason: "failed", failureReason: "usage-limit", retryAt }) }),
    );
    expect(decided).toMatchObject({ release: { kind: "snooze" }, limit: { resetAt: until, isAccountWide: true } });
  });

  it("pauses after a failure of the host instead of hammering it", () => {
    const decided = decideReconcile(
      facts({ started: false, ending: ending({ exitReason: "lost", failureReason: "launch-failed" }) }),
    );
    expect(decided).toMatchObject({ release: { kind: "snooze", runAt: now + 60_000, reason: "launch-failed" } });
  });

  it("publishes in no case but a passed verification of a change, in a lane that may change files", () => {
    const endings = ["finished", "failed", "stalled", "timed-out", "stopped", "killed", "lost"] as const;
    const contracts: readonly ContractReading[] = [
      ...contractOutcomes.map((outcome) => says(outcome)),
      { kind: "missing" },
      { kind: "invalid", problems: [] },
    ];
    const interrupted = { ending: ending({ exitReason: "stopped" }), report: null };
    let published = 0;
    for (const name of lanes)
      for (const exitReason of endings)
        for (const contract of contracts)
          for (const verification of [null, passed, failed, interrupted])
            for (const merge of ["holds-base", "merges-cleanly", "conflicts", null] as const)
              for (const files of [[], evidence().files]) {
                const found = evidence({ files, headSha: files.length === 0 ? startSha : sha });
                const over = { ending: ending({ exitReason }), contract, verification, merge, evidence: found };
                if (!step(lane(name, over)).startsWith("published")) continue;
                published += 1;
                expect([exitReason, verification, files.length]).toEqual(["finished", passed, 1]);
                expect(contract.kind === "valid" && contract.outcome === "blocked").toBe(false);
                expect(["scheduled-check", "pr-review"]).not.toContain(name);
                if (name === "pr-merge-repair") expect(merge).toBe("holds-base");
              }
    expect(published).toBeGreaterThan(0);
  });
});

describe("work is looked through before any check is run on it", () => {
  const inspected = (over: Partial<Inspection["delta"]>, secrets: Inspection["secrets"] = []): Inspection => ({
    delta: { ...smallDelta, ...over },
    secrets,
  });
  const first = smallDelta.files[0] as Inspection["delta"]["files"][number];
  const unchecked = { verification: null, verifications: 0 };
  const secret = inspected({}, [{ path: "src/x.js", line: 3, kind: "a key" }]);
  const workflow = inspected({ files: [{ ...first, path: ".github/workflows/ci.yml" }] });
  const blank = inspected({ files: [{ ...first, added: [{ line: 1, text: "old " }] }] });
  const dropped = (merged: string[], conflicting: string[]) =>
    ({ inspection: inspected({ files: [], droppedOfBase: { merged, conflicting } }) }) as const;
  const strayed = (found: WorkEvidence["strayed"]) => ({
    evidence: evidence({ ...(found ? { strayed: found } : {}) }),
  });
  it.each<[string, Partial<ReconcileFacts>, string]>([
    ["a secret", { ...unchecked, inspection: secret }, "needs-human dead secret-in-diff"],
    ["too much", { ...unchecked, inspection: inspected({ isCut: true }) }, "needs-human dead scope-guard-blocked"],
    ["blank space", { ...unchecked, inspection: blank }, "try-again retry no-publishable-delta"],
    ["what nobody looked at", { ...unchecked, inspection: null }, "try-again retry work-unreadable"],
    ["a protected path is checked first", { ...unchecked, inspection: workflow }, "verify"],
    ["a protected path then waits", { inspection: workflow }, "published succeeded protected-paths"],
    [
      "a merge without the base's side",
      { ...unchecked, ...dropped(["a.txt"], ["b.txt"]) },
      "try-again retry base-changes-dropped",
    ],
    [
      "a conflict solved without the base's side waits",
      dropped([], ["b.txt"]),
      "published succeeded base-changes-dropped",
    ],
    ["an older head", strayed({ kind: "older" }), "try-again retry old-commits"],
    ["another history", strayed({ kind: "rewritten" }), "try-again retry history-rewritten"],
    ["another branch", strayed({ kind: "other-branch", ref: "refs/heads/x" }), "try-again retry wrong-branch"],
    [
      "nothing but files of agent tools",
      { evidence: evidence({ files: [], leftOut: [".claude/x"] }) },
      "try-again retry agent-artefacts-only",
    ],
    [
      "a report of another item",
      { contract: { kind: "invalid", problems: ["issue: 7"], reason: "contract-of-another-item" } },
      "try-again retry contract-of-another-item",
    ],
  ])("%s", (_, over, expected) => {
    expect(step(over)).toBe(expected);
    if (over.contract === undefined) expect(step(lane("pr-fix", over))).toBe(expected);
  });

  it("what a person has to approve is named in the task's result", () => {
    expect(decideReconcile(facts({ inspection: workflow }))).toMatchObject({
      release: { kind: "succeeded", result: { headSha: sha, approval: [".github/workflows/ci.yml"] } },
      findings: [{ code: "protected-paths", verdict: "approve" }],
    });
  });
});
