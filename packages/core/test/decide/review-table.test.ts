// The rows of the reference's table of pull request outcomes (half B, 5.4) that concern reviews: from the report to
// what becomes of the task, and to what the next tick does with the pull request.
import { describe, expect, it } from "vitest";
import { decidePullRequest } from "../../src/decide/pull-request/decide-pull-request.ts";
import { stageOfPullRequest } from "../../src/decide/pull-request/pull-request-facts.ts";
import { decideReconcile, type ReconcileFacts } from "../../src/decide/reconcile/decide-reconcile.ts";
import { type ContractReading, parseResultJson, type Release, type Task } from "../../src/index.ts";
import { baseSha, check, facts, files, head, now, tasks } from "../fixtures/pull-request.ts";
import { usualGuards } from "../support/guards.ts";

const critical = { files: files("scripts/x.sh") };
const breaking = { files: files("migrations/1.sql") };

function readingOf(report: object | string): ContractReading {
  const parsed = parseResultJson(typeof report === "string" ? report : JSON.stringify(report), "pr-review");
  if (!parsed.ok) return { kind: "invalid", problems: parsed.problems };
  const { outcome, detail = "", failure_reason = null } = parsed.contract;
  return {
    kind: "valid",
    outcome,
    detail,
    title: null,
    body: null,
    commitMessage: null,
    failureReason: failure_reason,
  };
}

/** A review of round `round` ends with this report. */
function concluded(report: object | string, of: { round?: number; attempts?: number; over?: Partial<ReconcileFacts> }) {
  const task = {
    ...{ id: 1, subject: "pr:7", lane: "pr-review", attempts: of.attempts ?? 1, maxAttempts: 4 },
    ...{ cancelRequestedAt: null, reason: null },
    payload: { kind: "pull-request", number: 7, headSha: head, round: of.round ?? 1 },
  } as unknown as Task;
  const step = decideReconcile({
    now,
    task,
    started: true,
    startSha: head,
    ending: {
      ...{ exitReason: "finished", failureReason: null, exitCode: 0, signal: null, startedAt: now, endedAt: now },
      ...{ nativeSessionId: null, usage: {}, retryAt: null, summary: "", processes: { killed: 0, survivors: 0 } },
    },
    contract: readingOf(report),
    unreadable: null,
    evidence: null,
    inspection: null,
    verification: null,
    verifications: 0,
    baseline: { verdict: "unknown", verification: null, verifications: 0 },
    merge: null,
    policy: { retryLadder: [300_000], hasVerification: true, guards: usualGuards },
    ...of.over,
  });
  if (step.kind !== "conclude") throw new Error(`not concluded: ${step.kind}`);
  return step;
}

const stateOf = {
  succeeded: "succeeded",
  dead: "dead",
  retry: "scheduled",
  snooze: "scheduled",
  cancelled: "cancelled",
};
const taskOf = (release: Release): Partial<Task> => ({
  state: stateOf[release.kind] as Task["state"],
  reason: release.reason ?? null,
  result: release.result ?? null,
  runAt: "runAt" in release ? release.runAt : 0,
});
const next = (release: Release, over: Parameters<typeof facts>[0] = {}, round = 1, blocked = false) => {
  const before = round === 2 ? [["pr-review", `${head}/1`, { reason: "review-approved" }] as const] : [];
  const given = facts({
    ...over,
    ...(blocked ? { pr: { labels: ["agent-blocked"] } } : {}),
    base: { branch: "main", sha: baseSha },
    tasks: tasks(...before, ["pr-review", `${head}/${round}`, taskOf(release)]),
  });
  const verdict = decidePullRequest(given);
  const does =
    verdict.kind === "hold" ? `hold: ${verdict.because}` : verdict.kind === "wanted" ? verdict.wanted.lane : "";
  return { stage: stageOfPullRequest(given)?.stage, does };
};

describe("a review that SUCCEEDED", () => {
  it("invalid contract: is tried again after a wait, and goes to a person after its attempts", () => {
    const invalid = { outcome: "approved", action: "host-push-pr-branch" };
    const step = concluded(invalid, {});
    expect(step).toMatchObject({ reason: "invalid-result-contract", release: { kind: "retry", runAt: now + 300_000 } });
    // The same task waits: nothing new is made for this head.
    expect(next(step.release)).toEqual({ stage: "automerge", does: "pr-review" });
    const last = concluded(invalid, { attempts: 4 });
    expect(last).toMatchObject({ outcome: "needs-human", release: { kind: "dead" } });
    expect(next(last.release, {}, 1, true)).toEqual({ stage: "blocked", does: "hold: dead-letter" });
  });

  it.each(["host-advance-double-check-2", "host-approve-and-merge", "host-await-human-review", undefined])(
    "approved, advance: the second review follows, whatever the agent asks for (%s)",
    (action) => {
      const step = concluded({ outcome: "approved", action }, {});
      expect(step).toMatchObject({ outcome: "reviewed", reason: "review-approved", release: { kind: "succeeded" } });
      expect(next(step.release, { read: critical })).toEqual({ stage: "double-check-2", does: "pr-review" });
    },
  );

  it.each(["host-advance-double-check-2", "host-approve-and-merge", "host-await-human-review"])(
    "approved, human: a person is waited for where the rules want one, and nowhere else (%s)",
    (action) => {
      const { release } = concluded({ outcome: "approved", action }, {});
      expect(next(release, { read: breaking })).toEqual({ stage: "human-review", does: "hold: human-review" });
      expect(next(release)).toEqual({ stage: "automerge", does: "hold: ready-to-merge" });
    },
  );

  it("approved, merge, eligible: nothing is missing for a merge, after as many reviews as are wanted", () => {
    const first = concluded({ outcome: "approved", action: "host-approve-and-merge" }, {});
    expect(next(first.release)).toEqual({ stage: "automerge", does: "hold: ready-to-merge" });
    const second = concluded({ outcome: "approved", action: "host-approve-and-merge" }, { round: 2 });
    expect(next(second.release, { read: critical }, 2)).toEqual({ stage: "automerge", does: "hold: ready-to-merge" });
  });

  it.each<[string, Parameters<typeof facts>[0], string, string]>([
    ["a check failed meanwhile", { read: { checks: [check("failed", { summary: "no" })] } }, "fix", "pr-fix"],
    ["a check runs", { read: { checks: [check("pending")] } }, "pending", "hold: checks-pending"],
    ["it conflicts", { read: { mergeState: "dirty" } }, "merge-repair", "pr-merge-repair"],
    ["its files are not all known", { read: { files: null } }, "human-review", "hold: human-review"],
  ])(
    "approved, merge, not eligible: it is concluded all the same, and what is in the way decides: %s",
    (_name, over, stage, does) => {
      const step = concluded({ outcome: "approved", action: "host-approve-and-merge" }, {});
      expect(step.release.kind).toBe("succeeded");
      expect(next(step.release, over)).toEqual({ stage, does });
    },
  );

  it("blocked: by what it found asks for changes, and a repair follows", () => {
    const step = concluded({ outcome: "blocked", action: "requested-changes-or-blocked", detail: "a race" }, {});
    expect(step).toMatchObject({ outcome: "reviewed", reason: "changes-requested" });
    expect(next(step.release)).toEqual({ stage: "fix", does: "pr-fix" });
  });

  it("blocked: one that could not be made goes to a person, and does not begin again by itself", () => {
    const report = { outcome: "blocked", detail: "no network", failure_reason: "worker-environment-blocked" };
    const step = concluded(report, {});
    expect(step).toMatchObject({
      outcome: "needs-human",
      reason: "worker-environment-blocked",
      release: { kind: "dead" },
    });
    expect(next(step.release, {}, 1, true)).toEqual({ stage: "blocked", does: "hold: dead-letter" });
  });

  it("blocked, runtime reason: the provider's limit costs no attempt, and the provider waits", () => {
    const ending = { exitReason: "failed", failureReason: "provider-quota-limit", summary: "limit" } as never;
    const step = concluded({ outcome: "blocked", detail: "quota" }, { over: { ending } });
    expect(step.release.kind).toBe("snooze");
    expect(step.limit).not.toBeNull();
  });

  it.each(["approved", "changes-requested"])(
    "%s: once it is concluded the same head is not reviewed again",
    (outcome) => {
      const { release } = concluded({ outcome, detail: "d" }, {});
      expect(next(release).does).not.toBe("pr-review");
    },
  );
});

it("FAILED: is tried again after a wait that grows", () => {
  const ending = { exitReason: "failed", failureReason: null, summary: "exit 1", retryAt: null } as never;
  const step = concluded({ outcome: "approved" }, { over: { ending } });
  expect(step).toMatchObject({ reason: "worker-exit-failed", release: { kind: "retry" } });
});
