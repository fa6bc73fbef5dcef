// The reference's table of how sessions on issues end (half B, 5.1), row by row, and what we do of it. `differs` says
// where we do something else on purpose, and why.
import { describe, expect, it } from "vitest";
import { usualGuards } from "../../../test/support/guards.ts";
import {
  concluded,
  endingOf,
  evidenceOf,
  factsOf,
  failed,
  invalid,
  missing,
  now,
  passed,
  says,
  startSha,
  taskOf,
  unchanged,
} from "../../../test/support/reconciling.ts";
import type { Lane } from "../../domain/lane.ts";
import { decideReconcile, type ReconcileFacts } from "./decide-reconcile.ts";

interface Row {
  readonly name: string;
  readonly lane?: Lane;
  readonly facts: Partial<ReconcileFacts>;
  readonly ends: string;
  readonly rows: readonly string[];
  readonly retryMs?: number;
  readonly says?: string;
  readonly differs?: string;
}

const free = "-agent-running";
const toPeople = ["comment", "+agent-blocked", free];
const published = ["push-branch", "open-pull-request", "comment", free];

const parts = [
  { title: "Sum rows", body: "One by one" },
  { title: "Sum columns", body: "" },
];

const table: readonly Row[] = [
  {
    name: "SUCCEEDED, invalid pair; log shows a stall",
    facts: { contract: invalid, ending: endingOf({ exitReason: "stalled", summary: "silent for 600 s" }) },
    ends: "try-again retry no-agent-progress-before-stall-threshold",
    rows: [free],
    retryMs: 300_000,
    differs: "the ending that our wrapper recorded says that it stalled; no log is searched for words",
  },
  {
    name: "SUCCEEDED, invalid pair; log shows an environment signature",
    facts: {
      contract: invalid,
      ending: endingOf({ exitReason: "failed", failureReason: "network-connection", summary: "no route" }),
    },
    ends: "try-again retry network-connection",
    rows: [free],
    retryMs: 300_000,
    differs: "the reason is the backend's structured one; it is tried again in place of a blocker comment at once",
  },
  {
    name: "SUCCEEDED, invalid pair",
    facts: { contract: invalid },
    ends: "try-again retry invalid-result-contract",
    rows: [free],
    retryMs: 300_000,
    says: "outcome: unknown",
    differs:
      "a verified change in the tree does not save it: a contract that cannot be read may have said that it is blocked",
  },
  {
    name: "SUCCEEDED, invalid pair, for the last time",
    facts: { contract: invalid, task: taskOf("issue-implementation", { attempts: 4 }) },
    ends: "needs-human dead invalid-result-contract",
    rows: toPeople,
    says: "attempt 4 of 4",
    differs: "attempts have an end, and a person hears of it",
  },
  {
    name: "SUCCEEDED, no contract at all",
    facts: { contract: missing },
    ends: "published succeeded published",
    rows: published,
    differs: "the contract can only ask for less: what the host has verified is published without it",
  },
  {
    name: "SUCCEEDED, blocked, first comment line `Superseded by focused follow-up issues:`",
    facts: { contract: says("blocked", { detail: "too large", followUps: parts, isSuperseded: true }) },
    ends: "nothing-to-do succeeded superseded-by-follow-ups",
    rows: ["create-issue", "create-issue", "comment", "close-issue", free],
    says: "too large",
    differs: "the contract says so in fields of its own, the host makes the issues, and closes this one after them",
  },
  {
    name: "SUCCEEDED, blocked, superseded, in words only",
    facts: { contract: says("blocked", { detail: "Superseded by focused follow-up issues:\n- #4" }) },
    ends: "needs-human dead issue-worker-blocked",
    rows: toPeople,
    differs: "words close nothing",
  },
  {
    name: "SUCCEEDED, blocked, with follow-ups, and something is left of it",
    facts: { contract: says("blocked", { detail: "half of it is unclear", followUps: parts }) },
    ends: "needs-human dead issue-worker-blocked",
    rows: ["create-issue", "create-issue", "comment", ...toPeople],
    says: "- Sum rows",
  },
  {
    name: "SUCCEEDED, blocked, superseded, where the profile makes no follow-ups",
    facts: {
      contract: says("blocked", { detail: "too large", followUps: parts, isSuperseded: true }),
      policy: { ...factsOf("issue-implementation").policy, mayFollowUp: false },
    },
    ends: "needs-human dead issue-worker-blocked",
    rows: toPeople,
    says: "Proposed follow-up issues:",
  },
  {
    name: "FAILED, with follow-ups",
    facts: {
      contract: says("blocked", { followUps: parts, isSuperseded: true }),
      ending: endingOf({ exitReason: "failed" }),
      task: taskOf("issue-implementation", { attempts: 4 }),
    },
    ends: "needs-human dead worker-exit-failed",
    rows: toPeople,
    differs: "nothing is made of the words of a session that failed",
  },
  {
    name: "SUCCEEDED, blocked",
    facts: { contract: says("blocked", { detail: "no access" }) },
    ends: "needs-human dead issue-worker-blocked",
    rows: toPeople,
    says: "no access",
    differs: "the reason is the contract's own, never inferred from the words of a comment",
  },
  {
    name: "SUCCEEDED, blocked, with a reason",
    facts: { contract: says("blocked", { failureReason: "external-network-access-blocked", detail: "no registry" }) },
    ends: "needs-human dead external-network-access-blocked",
    rows: toPeople,
    says: "no registry",
  },
  {
    name: "SUCCEEDED, blocked, no delta and no words",
    facts: { contract: says("blocked"), evidence: unchanged },
    ends: "needs-human dead issue-worker-blocked",
    rows: toPeople,
    says: "gives no detail",
    differs: "no text is made up for the agent: that it gave none is said",
  },
  {
    name: "SUCCEEDED, reported",
    lane: "scheduled-check",
    facts: { contract: says("reported", { detail: "all well" }) },
    ends: "reported succeeded reported",
    rows: ["comment", "-smoke-not-ok", "+smoke-ok", free],
    says: "all well",
  },
  {
    name: "SUCCEEDED, reported, alert",
    lane: "scheduled-check",
    facts: { contract: says("reported", { isAlert: true, detail: "down" }) },
    ends: "reported succeeded reported-alert",
    rows: ["comment", "-smoke-ok", "+smoke-not-ok", free],
  },
  {
    name: "SUCCEEDED, implemented, publish ok",
    facts: { contract: says("implemented") },
    ends: "published succeeded published",
    rows: published,
  },
  {
    name: "SUCCEEDED, implemented, not verified yet",
    facts: { contract: says("implemented"), verification: null, verifications: 0 },
    ends: "verify",
    rows: [],
    differs: "the host verifies by itself; notes of the agent about passed commands count for nothing",
  },
  {
    name: "SUCCEEDED, implemented, no commits",
    facts: { contract: says("implemented"), evidence: unchanged },
    ends: "try-again retry no-publishable-delta",
    rows: [free],
    retryMs: 300_000,
    differs: "tried again first; a person hears of it after the last attempt",
  },
  {
    name: "SUCCEEDED, implemented, no commits but changed files",
    facts: { contract: says("implemented"), evidence: evidenceOf({ commits: 0, hostCommit: true }) },
    ends: "published succeeded published",
    rows: published,
    differs: "the host commits what was left uncommitted, and verifies that commit",
  },
  {
    name: "SUCCEEDED, implemented, verification guard",
    facts: { contract: says("implemented"), verification: failed },
    ends: "try-again retry verification-failed",
    rows: [free],
    retryMs: 300_000,
    says: "test ended with 1",
  },
  {
    name: "SUCCEEDED, implemented, verification guard, for the last time",
    facts: {
      contract: says("implemented"),
      verification: failed,
      task: taskOf("issue-implementation", { attempts: 4 }),
    },
    ends: "needs-human dead verification-failed",
    rows: toPeople,
  },
  {
    name: "SUCCEEDED, implemented, verification guard, the base fails too",
    facts: {
      contract: says("implemented"),
      verification: failed,
      baseline: { verdict: "broken", verification: null, verifications: 0 },
    },
    ends: "try-again snooze baseline-broken",
    rows: [free],
    retryMs: 300_000,
    differs: "checks that fail without the work cost it no attempt",
  },
  {
    name: "SUCCEEDED, implemented, verification guard, recovery passes",
    facts: {
      contract: says("implemented"),
      verification: { ending: endingOf({ exitReason: "lost" }), report: null },
      verifications: 1,
    },
    ends: "verify",
    rows: [],
    differs: "what is recovered from is an interruption of our own checks; a failure of them stands",
  },
  {
    name: "SUCCEEDED, implemented, verification takes for ever",
    facts: {
      contract: says("implemented"),
      verification: { ending: endingOf({ exitReason: "timed-out", summary: "over its time" }), report: null },
    },
    ends: "try-again retry verification-timed-out",
    rows: [free],
    retryMs: 300_000,
  },
  {
    name: "SUCCEEDED, implemented, verification is always interrupted",
    facts: {
      contract: says("implemented"),
      verification: { ending: endingOf({ exitReason: "lost" }), report: null },
      verifications: 3,
    },
    ends: "try-again retry verification-interrupted",
    rows: [free],
    retryMs: 300_000,
  },
  {
    name: "SUCCEEDED, implemented, the profile has no checks",
    facts: {
      contract: says("implemented"),
      policy: { retryLadder: [300_000], hasVerification: false, guards: usualGuards },
    },
    ends: "needs-human dead no-verification-configured",
    rows: toPeople,
    differs: "nothing unverified is published, and no commands are guessed from the task's text",
  },
  {
    name: "SUCCEEDED, implemented, a tree that cannot be published",
    facts: { contract: says("implemented"), evidence: evidenceOf({ problems: ["nested: nested-repository"] }) },
    ends: "try-again retry unpublishable-tree",
    rows: [free],
    retryMs: 300_000,
    says: "nested-repository",
  },
  {
    name: "SUCCEEDED, implemented, the worktree is gone and was never collected",
    facts: { contract: says("implemented"), evidence: null, verification: null },
    ends: "try-again retry worktree-missing",
    rows: [free],
    retryMs: 300_000,
  },
  {
    name: "SUCCEEDED, the work cannot be looked at",
    facts: { contract: says("implemented"), evidence: null, unreadable: "EIO: i/o error" },
    ends: "try-again retry work-unreadable",
    rows: [free],
    retryMs: 300_000,
    says: "EIO",
  },
  {
    name: "SUCCEEDED, there was nothing to change",
    facts: { contract: says("no-change-needed", { detail: "it starts at 1" }), evidence: unchanged },
    ends: "needs-human dead no-change-needed",
    rows: toPeople,
    differs: "an agent may say so; a person decides whether that closes the issue",
  },
  {
    name: "SUCCEEDED, there was nothing to change, and yet the tree has changes",
    facts: { contract: says("no-change-needed"), verification: null, verifications: 0 },
    ends: "verify",
    rows: [],
    differs: "the tree has the last word",
  },
  {
    name: "FAILED, contract says blocked",
    facts: {
      contract: says("blocked", { failureReason: "worker-environment-blocked", detail: "no socket" }),
      ending: endingOf({ exitReason: "failed", exitCode: 1, summary: "exit 1" }),
    },
    ends: "try-again retry worker-exit-failed",
    rows: [free],
    retryMs: 300_000,
    says: "exit 1; before that it said that it is blocked (worker-environment-blocked: no socket)",
    differs: "how it ended decides; what the agent said is kept for people",
  },
  {
    name: "FAILED, reason provider-quota-limit",
    facts: {
      contract: missing,
      ending: endingOf({ exitReason: "failed", failureReason: "provider-quota-limit", retryAt: now + 4_000_000 }),
    },
    ends: "try-again snooze provider-quota-limit",
    rows: [free],
    retryMs: 0,
    differs: "every session of that backend waits, none pays with an attempt, and no comment is made for each",
  },
  {
    name: "FAILED, provider-quota-limit, without a time",
    facts: { ending: endingOf({ exitReason: "failed", failureReason: "usage-limit" }) },
    ends: "try-again snooze usage-limit",
    rows: [free],
    retryMs: 0,
  },
  {
    name: "FAILED, other",
    facts: { ending: endingOf({ exitReason: "failed", exitCode: 1 }) },
    ends: "try-again retry worker-exit-failed",
    rows: [free],
    retryMs: 300_000,
  },
  {
    name: "FAILED, other, although it says implemented and left a verified change",
    facts: { contract: says("implemented"), ending: endingOf({ exitReason: "killed" }) },
    ends: "try-again retry worker-killed",
    rows: [free],
    retryMs: 300_000,
  },
  {
    name: "FAILED, for the last time",
    facts: { ending: endingOf({ exitReason: "failed" }), task: taskOf("issue-implementation", { attempts: 4 }) },
    ends: "needs-human dead worker-exit-failed",
    rows: toPeople,
  },
  {
    name: "FAILED, a scheduled check",
    lane: "scheduled-check",
    facts: { ending: endingOf({ exitReason: "failed" }) },
    ends: "try-again retry worker-exit-failed",
    rows: [free],
    retryMs: 300_000,
    differs: "a scheduled check is tried again like any work, and its end is heard of",
  },
  {
    name: "UNKNOWN",
    facts: { ending: endingOf({ exitReason: "lost", summary: "its wrapper vanished" }), evidence: null },
    ends: "try-again retry session-lost",
    rows: [free],
    retryMs: 300_000,
    differs: "a run of which nobody knows how it ended is a lost session, tried again; it is not forgotten",
  },
  {
    name: "never started",
    facts: { started: false, evidence: null, ending: endingOf({ exitReason: "lost" }) },
    ends: "not-started snooze not-started",
    rows: [free],
    retryMs: 0,
  },
  {
    name: "stopped with the runtime",
    facts: { ending: endingOf({ exitReason: "stopped" }) },
    ends: "not-started snooze not-started",
    rows: [free],
    retryMs: 0,
  },
  {
    name: "a person stopped it",
    facts: { task: taskOf("issue-implementation", { cancelRequestedAt: now, reason: "held" }) },
    ends: "cancelled cancelled held",
    rows: ["comment", free],
  },
];

describe("a session on an issue", () => {
  it.each(table)("$name", async (row) => {
    const lane = row.lane ?? "issue-implementation";
    const found = await concluded(factsOf(lane, { ...(row.facts.task ? {} : { task: taskOf(lane) }), ...row.facts }));
    expect({ ends: found.ends, rows: found.rows, retryMs: found.retryMs }).toEqual({
      ends: row.ends,
      rows: row.rows,
      retryMs: row.retryMs ?? null,
    });
    if (row.says) expect(found.summary).toContain(row.says);
  });

  it.each(table.filter(({ ends }) => ends.startsWith("needs-human")))(
    "is given to people with its reason and what brings it back: $name",
    async (row) => {
      const found = await concluded(factsOf("issue-implementation", row.facts));
      const toPeople = found.bodies.find(({ idempotencyKey }) => idempotencyKey.endsWith("/needs-human"));
      const body = String((toPeople?.body as { body?: string } | undefined)?.body);
      expect(body).toContain(row.ends.endsWith("no-change-needed") ? "# Nothing to change" : row.ends.split(" ")[2]);
      expect(body).toContain("take the label `agent-blocked` off");
    },
  );

  it("keeps where it started from beside every dead letter, so that the same start is not tried again", () => {
    for (const { facts, ends } of table.filter((row) => row.ends.startsWith("needs-human"))) {
      const step = decideReconcile(factsOf("issue-implementation", facts));
      expect(step, ends).toMatchObject({ release: { kind: "dead", result: { startSha } } });
    }
  });

  it("of a recovery ends like one of an implementation", async () => {
    for (const { facts, ends, lane } of table.filter((row) => !row.lane && !row.facts.task)) {
      const task = taskOf("blocked-recovery");
      expect((await concluded(factsOf(lane ?? "blocked-recovery", { ...facts, task }))).ends).toBe(ends);
    }
  });
});

it("nothing is marked reconciled without a conclusion: whatever is found, there is a next step or a reason", async () => {
  const lanes = [
    ...(["issue-implementation", "blocked-recovery", "scheduled-check"] as const),
    ...(["pr-review", "pr-fix", "pr-merge-repair"] as const),
  ];
  const endings = ["finished", "failed", "stalled", "timed-out", "stopped", "killed", "lost"] as const;
  const contracts = [missing, invalid, says("implemented"), says("blocked"), says("approved"), says("reported")];
  const evidences = [null, unchanged, evidenceOf(), evidenceOf({ problems: ["x"] })];
  for (const lane of lanes)
    for (const exitReason of endings)
      for (const contract of contracts)
        for (const evidence of evidences)
          for (const verification of [null, passed, failed])
            for (const started of [true, false]) {
              const over = { ending: endingOf({ exitReason }), contract, evidence, verification, started };
              const found = await concluded(factsOf(lane, over));
              if (found.ends === "verify" || found.ends === "verify-base") continue;
              const [outcome, release, reason] = found.ends.split(" ");
              expect(reason, JSON.stringify(over)).toMatch(/^[a-z0-9-]+$/);
              expect(found.rows, `${outcome} ${release}`).toContain(free);
            }
});
