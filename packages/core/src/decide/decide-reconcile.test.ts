import { describe, expect, it } from "vitest";
import type { WorkEvidence } from "../domain/evidence.ts";
import type { Ending } from "../domain/session.ts";
import type { Task } from "../domain/task.ts";
import { decideReconcile, type ReconcileFacts } from "./decide-reconcile.ts";

const now = 1_800_000_000_000;
const sha = "b".repeat(40);

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
const implemented = {
  kind: "valid",
  outcome: "implemented",
  detail: "",
  title: null,
  body: null,
  commitMessage: null,
  failureReason: null,
} as const;

const facts = (over: Partial<ReconcileFacts> & { attempts?: number; cancel?: boolean } = {}): ReconcileFacts => ({
  now,
  task: {
    id: 5,
    attempts: over.attempts ?? 1,
    maxAttempts: 4,
    cancelRequestedAt: over.cancel ? now : null,
    reason: over.cancel ? "operator" : null,
  } as Task,
  started: true,
  ending: ending(),
  contract: implemented,
  unreadable: null,
  evidence: evidence(),
  verification: passed,
  verifications: 1,
  policy: { retryLadder: [300_000, 900_000, 1_800_000, 3_600_000], hasVerification: true },
  ...over,
});

const step = (over: Parameters<typeof facts>[0]) => {
  const decided = decideReconcile(facts(over));
  return decided.kind === "verify" ? "verify" : `${decided.outcome} ${decided.release.kind} ${decided.reason}`;
};

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
      { ending: ending({ exitReason: "failed", failureReason: "model-unavailable" }) },
      "try-again retry model-unavailable",
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

  it("turns a provider's limit into a shared cooldown that costs no attempt", () => {
    const decided = decideReconcile(
      facts({
        attempts: 4,
        ending: ending({ exitReason: "failed", failureReason: "provider-quota-limit", retryAt: now + 4_200_000 }),
      }),
    );
    expect(decided).toMatchObject({
      outcome: "try-again",
      release: { kind: "snooze", runAt: now + 4_200_000 },
      providerCooldownUntil: now + 4_200_000,
    });
  });

  it.each([
    ["in the past", now - 1, now + 60_000],
    ["in a hundred years", now + 3e12, now + 8 * 24 * 3_600_000],
  ])("does not believe a provider whose limit ends %s", (_, retryAt, until) => {
    const decided = decideReconcile(
      facts({ ending: ending({ exitReason: "failed", failureReason: "usage-limit", retryAt }) }),
    );
    expect(decided).toMatchObject({ release: { kind: "snooze", runAt: until }, providerCooldownUntil: until });
  });

  it("pauses after a failure of the host instead of hammering it", () => {
    const decided = decideReconcile(
      facts({ started: false, ending: ending({ exitReason: "lost", failureReason: "launch-failed" }) }),
    );
    expect(decided).toMatchObject({ release: { kind: "snooze", runAt: now + 60_000, reason: "launch-failed" } });
  });

  it("publishes in no case but a passed verification of a change", () => {
    const endings = ["finished", "failed", "stalled", "timed-out", "stopped", "killed", "lost"] as const;
    const contracts = [
      implemented,
      { ...implemented, outcome: "blocked" },
      { kind: "missing" },
      { kind: "invalid", problems: [] },
    ] as const;
    for (const exitReason of endings)
      for (const contract of contracts)
        for (const verification of [null, passed, failed, { ending: ending({ exitReason: "stopped" }), report: null }])
          for (const files of [[], evidence().files]) {
            const over = { ending: ending({ exitReason }), contract, verification, evidence: evidence({ files }) };
            if (step(over as Parameters<typeof facts>[0]).startsWith("published")) {
              expect([
                exitReason,
                verification,
                files.length,
                contract.kind === "valid" && contract.outcome === "blocked",
              ]).toEqual(["finished", passed, 1, false]);
            }
          }
  });
});
