// The reference's table of how sessions on pull requests end (half B, 5.4), row by row, and what we do of it. `differs`
// says where we do something else on purpose, and why; `elsewhere` names where a row is decided that no session ends in.
import { describe, expect, it } from "vitest";
import {
  concluded,
  endingOf,
  evidenceOf,
  factsOf,
  failed,
  invalid,
  now,
  says,
  startSha,
  taskOf,
  unchanged,
} from "../../../test/support/reconciling.ts";
import type { Lane } from "../../domain/lane.ts";
import type { OutboxBodies } from "../../domain/outbox.ts";
import type { ReconcileFacts } from "./decide-reconcile.ts";

interface Row {
  readonly name: string;
  readonly lane?: Lane;
  readonly facts: Partial<ReconcileFacts>;
  readonly ends: string;
  /** Not looked at where another part's tests say them. */
  readonly rows?: readonly string[];
  readonly retryMs?: number;
  readonly says?: string;
  readonly differs?: string;
}

const free = "-agent-running";
const toPeople = ["comment", "+agent-blocked", free];
const pushed = ["push-branch", "comment", free];
const merge = "pr-merge-repair" as const;
const review = "pr-review" as const;
const used = (lane: Lane) => taskOf(lane, { attempts: 4 });

const table: readonly Row[] = [
  {
    name: "SUCCEEDED, invalid contract",
    facts: { contract: invalid },
    ends: "try-again retry invalid-result-contract",
    rows: [free],
    retryMs: 300_000,
  },
  {
    name: "SUCCEEDED, invalid contract of a review",
    lane: review,
    facts: { contract: invalid, verification: null },
    ends: "try-again retry invalid-result-contract",
    rows: [free],
    retryMs: 300_000,
  },
  {
    name: "SUCCEEDED, a contract that says implemented without a change",
    facts: { contract: says("updated-branch"), evidence: unchanged },
    ends: "try-again retry no-publishable-delta",
    rows: [free],
    retryMs: 300_000,
  },
  {
    name: "PR is MERGED",
    facts: { task: taskOf("pr-fix", { cancelRequestedAt: now, reason: "not-wanted" }) },
    ends: "cancelled cancelled not-wanted",
    rows: ["comment", free],
    differs:
      "the tick sees it and stops the session; what is left to clean up is asked for when the forge shows it merged",
  },
  {
    name: "PR is CLOSED",
    facts: { task: taskOf("pr-fix", { cancelRequestedAt: now, reason: "not-open" }) },
    ends: "cancelled cancelled not-open",
    rows: ["comment", free],
  },
  {
    name: "approved, advance",
    lane: review,
    facts: { contract: says("approved") },
    ends: "reviewed succeeded review-approved",
    differs: "the reviewer approves; which stage follows is decided by the next tick from the head it was given for",
  },
  {
    name: "approved, human",
    lane: review,
    facts: { contract: says("approved", { detail: "looks right" }) },
    ends: "reviewed succeeded review-approved",
    says: "looks right",
    differs: "as above: an agent has no say in whether a person is asked",
  },
  {
    name: "approved, merge, eligible",
    lane: review,
    facts: { contract: says("approved") },
    ends: "reviewed succeeded review-approved",
    differs: "a review never merges; the tick does when the profile, the forge and the reviewed head allow it",
  },
  {
    name: "approved, merge, not eligible or approval error",
    lane: review,
    facts: { contract: says("approved") },
    ends: "reviewed succeeded review-approved",
    differs: "the review is concluded in any case; what could not be sent of it is a row of the outbox",
  },
  {
    name: "approved, merge command fails",
    lane: review,
    facts: { contract: says("approved") },
    ends: "reviewed succeeded review-approved",
    differs: "the merge is a write of its own, seen on the forge before anything is cleaned up",
  },
  {
    name: "GitHub rate limit in approve/merge",
    lane: review,
    facts: { contract: says("approved") },
    ends: "reviewed succeeded review-approved",
    differs: "a limit is waited out by the outbox; the conclusion stands and its session is not run again",
  },
  {
    name: "approved, without a word",
    lane: review,
    facts: { contract: { kind: "missing" } },
    ends: "try-again retry missing-result-contract",
    rows: [free],
    retryMs: 300_000,
  },
  {
    name: "changes requested",
    lane: review,
    facts: { contract: says("changes-requested", { detail: "a race" }) },
    ends: "reviewed succeeded changes-requested",
    says: "a race",
  },
  {
    name: "updated-branch, no worktree: its result is in the anchor",
    facts: { contract: says("updated-branch") },
    ends: "published succeeded published",
    rows: pushed,
    differs: "the collected commit is what is verified and pushed; the folder is not needed any more",
  },
  {
    name: "updated-branch, no worktree otherwise",
    facts: { contract: says("updated-branch"), evidence: null, verification: null },
    ends: "try-again retry worktree-missing",
    rows: [free],
    retryMs: 300_000,
  },
  {
    name: "updated-branch, verification guard fails",
    facts: { contract: says("updated-branch"), verification: failed },
    ends: "try-again retry verification-failed",
    rows: [free],
    retryMs: 300_000,
  },
  {
    name: "updated-branch, verification guard fails for the last time",
    facts: { contract: says("updated-branch"), verification: failed, task: used("pr-fix") },
    ends: "needs-human dead verification-failed",
    rows: toPeople,
    differs: "a person is told on the pull request, not in a file of ours",
  },
  {
    name: "updated-branch, conflicts remain",
    lane: merge,
    facts: { contract: says("updated-branch"), merge: "conflicts" },
    ends: "try-again retry remaining-merge-conflicts-after-updated-branch",
    rows: [free],
    retryMs: 300_000,
  },
  {
    name: "updated-branch, the base is not merged although it would merge",
    lane: merge,
    facts: { contract: says("updated-branch"), merge: "merges-cleanly" },
    ends: "try-again retry remaining-merge-conflicts-after-updated-branch",
    rows: [free],
    retryMs: 300_000,
  },
  {
    name: "updated-branch, cannot compare",
    lane: merge,
    facts: { contract: says("updated-branch"), merge: null },
    ends: "try-again retry remaining-merge-conflicts-after-updated-branch",
    rows: [free],
    retryMs: 300_000,
    differs: "how a merge stands to its base is asked of git in our own anchor; not known counts as not merged",
  },
  {
    name: "updated-branch, cannot compare: the repository cannot be read",
    lane: merge,
    facts: { contract: says("updated-branch"), evidence: null, unreadable: "fatal: bad object" },
    ends: "try-again retry work-unreadable",
    rows: [free],
    retryMs: 300_000,
  },
  {
    name: "updated-branch, 0 commits ahead",
    facts: { contract: says("updated-branch"), evidence: unchanged },
    ends: "try-again retry no-publishable-delta",
    rows: [free],
    retryMs: 300_000,
    differs: "no blocker at once: it is tried again, and after the last attempt a person hears of it",
  },
  {
    name: "updated-branch, 0 commits ahead, merging",
    lane: merge,
    facts: { contract: says("updated-branch"), evidence: unchanged, merge: "conflicts" },
    ends: "try-again retry no-publishable-delta",
    rows: [free],
    retryMs: 300_000,
  },
  {
    name: "updated-branch, ok",
    facts: { contract: says("updated-branch") },
    ends: "published succeeded published",
    rows: pushed,
  },
  {
    name: "updated-branch, ok, merging",
    lane: merge,
    facts: { contract: says("updated-branch"), merge: "holds-base" },
    ends: "published succeeded published",
    rows: pushed,
  },
  {
    name: "updated-branch, ok, a merge that changes no file",
    lane: merge,
    facts: { contract: says("updated-branch"), merge: "holds-base", evidence: evidenceOf({ files: [] }) },
    ends: "published succeeded published",
    rows: pushed,
  },
  {
    name: "updated-branch, ok, uncommitted",
    facts: { contract: says("updated-branch"), evidence: evidenceOf({ commits: 0, hostCommit: true }) },
    ends: "published succeeded published",
    rows: pushed,
  },
  {
    name: "updated-branch, nobody said so",
    facts: { contract: { kind: "missing" } },
    ends: "published succeeded published",
    rows: pushed,
    differs: "the tree and the checks decide, not the contract",
  },
  {
    name: "no-change-needed with prepared merge (MERGE_HEAD), conflicts",
    lane: merge,
    facts: { contract: says("no-change-needed"), merge: "conflicts", evidence: unchanged },
    ends: "try-again retry remaining-merge-conflicts-after-no-change-needed",
    rows: [free],
    retryMs: 300_000,
  },
  {
    name: "no-change-needed with prepared merge (MERGE_HEAD), no conflicts",
    lane: merge,
    facts: { contract: says("no-change-needed"), merge: "holds-base" },
    ends: "published succeeded published",
    rows: pushed,
    differs: "nothing is promoted: a merge that is in the tree is verified and pushed whatever the agent calls it",
  },
  {
    name: "no-change-needed with prepared merge, 0 ahead",
    lane: merge,
    facts: { contract: says("no-change-needed"), merge: "holds-base", evidence: unchanged },
    ends: "nothing-to-do succeeded no-change-needed",
    rows: ["comment", free],
    differs: "the branch has its base already: that is no failure",
  },
  {
    name: "no-change-needed with prepared merge, no ref",
    lane: merge,
    facts: { contract: says("no-change-needed"), merge: null, evidence: unchanged },
    ends: "try-again retry remaining-merge-conflicts-after-no-change-needed",
    rows: [free],
    retryMs: 300_000,
  },
  {
    name: "no-change-needed, conflicts by merge-tree",
    lane: merge,
    facts: { contract: says("no-change-needed"), merge: "conflicts", evidence: unchanged, task: used(merge) },
    ends: "needs-human dead remaining-merge-conflicts-after-no-change-needed",
    rows: toPeople,
  },
  {
    name: "no-change-needed",
    facts: { contract: says("no-change-needed", { detail: "it is tested" }), evidence: unchanged },
    ends: "nothing-to-do succeeded no-change-needed",
    rows: ["comment", free],
    says: "it is tested",
  },
  {
    name: "no-change-needed, merges cleanly",
    lane: merge,
    facts: { contract: says("no-change-needed"), merge: "merges-cleanly", evidence: unchanged },
    ends: "nothing-to-do succeeded no-change-needed",
    rows: ["comment", free],
  },
  {
    name: "blocked, runtime reason",
    facts: {
      contract: says("blocked", { failureReason: "provider-quota-limit" }),
      ending: endingOf({ exitReason: "failed", failureReason: "provider-quota-limit" }),
    },
    ends: "try-again snooze provider-quota-limit",
    rows: [free],
    retryMs: 0,
    differs: "the runtime's reason is the one that the backend's stream gave, not a word in a log or a comment",
  },
  {
    name: "blocked, runtime reason in words only",
    facts: { contract: says("blocked", { detail: "provider-quota-limit, agent-stalled, 429" }) },
    ends: "needs-human dead pr-worker-blocked",
    rows: toPeople,
  },
  {
    name: "blocked, local bind failure text + pre-approved loopback commands in prompt",
    facts: { contract: says("blocked", { detail: "listen EPERM 127.0.0.1; loopback retry command: `npm test`" }) },
    ends: "needs-human dead pr-worker-blocked",
    rows: toPeople,
    differs: "no command of a prompt or a comment is ever run by the host",
  },
  {
    name: "blocked",
    facts: { contract: says("blocked", { detail: "no access" }) },
    ends: "needs-human dead pr-worker-blocked",
    rows: toPeople,
    says: "no access",
    differs: "it waits for a person; nothing is cleared, so that no loop of launches begins",
  },
  {
    name: "blocked, a review that could not be done",
    lane: review,
    facts: { contract: says("blocked", { failureReason: "external-network-access-blocked" }) },
    ends: "needs-human dead external-network-access-blocked",
  },
  {
    name: "FAILED",
    facts: { ending: endingOf({ exitReason: "failed" }) },
    ends: "try-again retry worker-exit-failed",
    rows: [free],
    retryMs: 300_000,
  },
  {
    name: "FAILED, with the provider's limit",
    facts: { ending: endingOf({ exitReason: "failed", failureReason: "usage-limit", retryAt: now + 600_000 }) },
    ends: "try-again snooze usage-limit",
    rows: [free],
    retryMs: 0,
  },
  {
    name: "base or head moved meanwhile: the task was asked to stop",
    lane: merge,
    facts: { task: taskOf(merge, { cancelRequestedAt: now, reason: "superseded" }) },
    ends: "cancelled cancelled superseded",
    rows: ["comment", free],
    differs: "what was made for another head is void; the new head is judged anew",
  },
];

describe("a session on a pull request", () => {
  it.each(table)("$name", async (row) => {
    const lane = row.lane ?? "pr-fix";
    const found = await concluded(factsOf(lane, row.facts));
    expect({ ends: found.ends, retryMs: found.retryMs }).toEqual({ ends: row.ends, retryMs: row.retryMs ?? null });
    if (row.rows) expect(found.rows).toEqual(row.rows);
    if (row.says) expect(found.summary).toContain(row.says);
  });

  it.each(table.filter(({ rows }) => rows === pushed))(
    "moves its branch from the head it was given, to what was verified, or not at all: $name",
    async (row) => {
      const { bodies } = await concluded(factsOf(row.lane ?? "pr-fix", row.facts));
      const push = bodies[0]?.body as OutboxBodies["push-branch"];
      expect(push).toEqual({ branch: "agent/demo/issue-12-s5-ab", sha: "b".repeat(40), expectedSha: startSha });
      expect(bodies[1]?.needsKey).toBe(bodies[0]?.idempotencyKey);
    },
  );

  it("on a review never changes a branch, merges or closes, whatever it says and leaves behind", async () => {
    for (const contract of [says("approved"), says("changes-requested", { detail: "x" }), says("blocked"), invalid]) {
      for (const evidence of [null, unchanged, evidenceOf()]) {
        const { rows } = await concluded(factsOf("pr-review", { contract, evidence }));
        for (const kind of ["push-branch", "open-pull-request", "merge", "close-pull-request", "delete-branch"]) {
          expect(rows).not.toContain(kind);
        }
      }
    }
  });
});
