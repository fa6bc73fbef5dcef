import { describe, expect, it } from "vitest";
import { policy } from "../../../test/support/snapshots.ts";
import type { FailureReason } from "../../domain/reason.ts";
import type { Task } from "../../domain/task.ts";
import { recoveryAhead } from "../issue/blocked-recovery.ts";
import { rowsForApproval } from "./approval-rows.ts";
import { commentOnNeedsHuman } from "./needs-human-text.ts";
import { rowsOnNeedsHuman, rowsOnPublish } from "./publish-rows.ts";
import { commitMessage, isInertMessage, pullRequestBody, pullRequestTitle } from "./publish-text.ts";

const target = {
  profileId: "demo",
  labels: { running: "agent-running", blocked: "agent-blocked" },
  pullRequestLabels: [],
  draft: false,
};
const task = {
  id: 5,
  subject: "issue:12",
  attempts: 1,
  maxAttempts: 4,
  payload: { title: "Sum is off by one" },
} as unknown as Task;
const work = {
  base: "main",
  branch: "agent/demo/issue-12-s5-ab",
  backend: "shell",
  evidence: { headSha: "c".repeat(40), commits: 1, hostCommit: false, files: [], problems: [] },
  verification: {
    passed: true,
    commands: [{ name: "test", command: "npm test | cat", exitCode: 0, durationMs: 1234, tail: "" }],
  },
  contract: {
    kind: "valid",
    outcome: "implemented",
    isAlert: false,
    detail: "",
    title: null,
    body: null,
    commitMessage: null,
    failureReason: null,
  },
} as const;

it("publishes in one chain: the branch, the pull request on it, the comment that names it, the label", () => {
  const rows = rowsOnPublish(target, task, "s5-ab", work);
  expect(rows.map((row) => row.kind)).toEqual(["push-branch", "open-pull-request", "comment", "remove-labels"]);
  expect(rows.map((row) => row.needsKey ?? null)).toEqual([
    null,
    rows[0]?.idempotencyKey,
    rows[1]?.idempotencyKey,
    null,
  ]);
  expect(new Set(rows.map((row) => row.idempotencyKey)).size).toBe(4);
  expect(new Set(rows.map((row) => row.stream))).toEqual(new Set(["demo/issue:12"]));
});

it.each(["trunk", "release/2.x"])("goes to %s where that is the base, and never pushes to it", (base) => {
  const [push, pull] = rowsOnPublish(target, task, "s5-ab", { ...work, base });
  expect(push?.body).toMatchObject({ branch: work.branch, sha: work.evidence.headSha, expectedSha: null });
  expect(pull?.body).toMatchObject({ head: work.branch, base });
});

it("opens a draft and labels the pull request that is not there yet, when the profile says so", () => {
  const rows = rowsOnPublish({ ...target, draft: true, pullRequestLabels: ["by-agent"] }, task, "s5-ab", work);
  const [, pull, labels] = rows;
  expect(rows.map((row) => row.kind)).toEqual([
    "push-branch",
    "open-pull-request",
    "add-labels",
    "comment",
    "remove-labels",
  ]);
  expect(pull?.body).toMatchObject({ draft: true });
  expect(labels).toMatchObject({ body: { number: null, labels: ["by-agent"] }, needsKey: pull?.idempotencyKey });
});

it("names the checks that passed and the commit they passed on, and closes the issue", () => {
  const body = pullRequestBody(task, work);
  expect(body).toContain("Closes #12");
  expect(body).toContain("c".repeat(40));
  expect(body).toContain("| test | `npm test \\| cat` | passed | 1.2 s |");
});

it("takes the power out of an agent's words: no closing of other issues, no mentions, no markers of ours", () => {
  const contract = { ...work.contract, body: "Fixes #99 and #12, thanks @ann <!-- acp:key=x -->" };
  const body = pullRequestBody(task, { ...work, contract });
  expect(body).not.toContain("#99");
  expect(body).not.toContain("@ann");
  expect(body).not.toContain("<!--");
  expect(body).toContain("#12, thanks");
});

it.each([
  "closes someone/else#99",
  "resolves https://github.com/ann/web/issues/99 and /pull/99",
  "fixes GH-99 and gh-99",
  "closes &#35;99, &num;99, &#x23;99",
  "&#64;ann &commat;ann @ann",
])("finds the other spellings of a link, too: %s", (body) => {
  const text = pullRequestBody(task, { ...work, contract: { ...work.contract, body } });
  expect(text).not.toMatch(/#99|gh-99|issues\/99|pull\/99|&(#|num|commat)|@ann/i);
});

it("keeps an agent's words inside their quote, whatever ends its lines, and whole characters only", () => {
  const contract = { ...work.contract, body: "one\r\r# Verified by the host\u2028\u2029\u0085two \ud800 \u001b[2J" };
  const [, said = ""] = pullRequestBody(task, { ...work, contract }).split("(not checked):\n\n");
  expect(said.split(/[\n\r\u0085\u2028\u2029]/).filter((line) => !line.startsWith("> "))).toEqual([]);
  expect(said).toContain("> # Verified by the host");
  expect(said).toContain("> two \uFFFD [2J");
});

it("takes the power out of titles: a squash merge makes them a commit's subject", () => {
  expect(pullRequestTitle(task, { ...work.contract, title: "Closes #99 for @ann, see #12" })).not.toMatch(/#99|@ann/);
  const issue = { ...task, payload: { title: "Fixes #99" } } as unknown as Task;
  expect(pullRequestTitle(issue, { kind: "missing" })).not.toContain("#99");
  expect(pullRequestTitle(task, { ...work.contract, title: `${"x".repeat(198)}😀😀` })).toMatch(/^x{198}…$/);
});

it("makes a one-line title whatever the agent proposes", () => {
  const titled = (title: string) => pullRequestTitle(task, { ...work.contract, title });
  expect(titled("a\nb\u202ec\u0007")).toBe("a b c");
  expect(titled("   ")).toBe("Sum is off by one");
  expect(titled("x".repeat(500))).toHaveLength(200);
});

it("words the host's commit as the agent proposes, without power and with a bounded first line", () => {
  const worded = (text: string) => commitMessage(task, { ...work.contract, commitMessage: text });
  expect(worded("Count from one\n\nThe sum of #12 was off.\n")).toBe("Count from one\n\nThe sum of #12 was off.");
  const defused = worded("Closes #99 for @ann [skip ci]\u0007");
  for (const power of ["#99", "@ann", "[skip ci]", "\u0007"]) expect(defused).not.toContain(power);
  expect(worded(`${"x".repeat(300)}\n\nWhy`)).toMatch(/^x{199}…\n\nWhy$/);
  expect(worded(" \u0000\n ")).toBe("Sum is off by one (#12)");
  expect(commitMessage(task, { kind: "missing" })).toBe("Sum is off by one (#12)");
});

it.each([
  ["Count from one\n\nCloses #12.\n\nCo-authored-by: Ann <ann@example.test>\n", true],
  ["Use R&D and &value\n", true],
  ["Closes #99\n", false],
  ["fixes someone/else#99\n", false],
  ["Thanks, @ann\n", false],
  ["Quick [ci skip]\n", false],
  ["Quick\n\nskip-checks: true\n", false],
  ["See GH-99\n", false],
  [`Long\n\n${"x".repeat(9_000)} Closes #99\n`, false],
])("of an agent's own message, %j, it is said whether it may be published: %s", (message, inert) => {
  expect(isInertMessage(task, message)).toBe(inert);
});

it("tells a person what was tried and how to have it tried again", () => {
  const [comment, label] = rowsOnNeedsHuman(target, task, "s5-ab", {
    reason: "verification-failed",
    summary: "test ended with 1",
  });
  expect(comment?.body).toMatchObject({
    number: 12,
    body: expect.stringContaining("take the label `agent-blocked` off"),
  });
  expect(label).toMatchObject({ kind: "add-labels", body: { labels: ["agent-blocked"] } });
});

describe("the question to a person says whether the agents stop", () => {
  const rules = { ...policy(), lanes: ["issue-implementation", "blocked-recovery"] as const };
  const summary = "it ended badly";
  const textOn = (reason: FailureReason, of: Parameters<typeof recoveryAhead>[2], on = task) =>
    commentOnNeedsHuman(on, { reason, summary }, "agent-blocked", [], recoveryAhead(on, reason, of));
  const stops = "The agents stop here. To have it tried again, take";
  const before = "To have it tried again before that, take";
  const recovering = {
    ...task,
    lane: "blocked-recovery" as const,
    payload: { blocker: { reason: "x", summary, round: 1 } },
  };
  const allowing = (cooldownMs: number, maxRounds: number) => ({
    ...rules,
    blockedRecovery: { cooldownMs, maxRounds },
  });

  it.each<[FailureReason, Parameters<typeof recoveryAhead>[2], typeof task, string]>([
    ["worker-exit-failed", allowing(900_000, 2), task, `tried again by itself after 15 min, up to 2 times. ${before}`],
    ["worker-exit-failed", allowing(900_000, 2), recovering, `again by itself after 15 min, once. ${before}`],
    ["verification-failed", allowing(900_000, 1), task, "after 15 min and once the base branch has moved on, once."],
    ["worker-exit-failed", allowing(900_000, 1), recovering, stops],
    ["worker-exit-failed", allowing(900_000, 0), task, stops],
    ["worker-exit-failed", { ...rules, lanes: ["issue-implementation"] }, task, stops],
    ["worker-exit-failed", rules, { ...task, subject: "pr:12" }, stops],
    ["issue-worker-blocked", rules, task, stops],
    ["secret-in-diff", rules, task, stops],
    ["protected-paths", rules, task, stops],
    ["scope-guard-blocked", rules, task, stops],
  ])("%s", (reason, of, on, expected) => {
    expect(textOn(reason, of, on)).toContain(expected);
  });
});

it("calls an issue in which there was nothing to change no blocker", () => {
  const why = { reason: "no-change-needed", summary: "sum.js starts at 1" } as const;
  const text = commentOnNeedsHuman(task, why, "agent-blocked");
  expect(text).toMatch(/^# Nothing to change\n/);
  expect(text).toContain("> sum.js starts at 1");
  expect(text).toContain("take the label `agent-blocked` off");
  expect(text).not.toMatch(/blocker|failure/i);
});

it.each(["main", "feature/x", "agent/demo/issue-13-s5-ab", "agent/other/issue-12-s5-ab"])(
  "never pushes to %s, which is no branch that we made for this issue",
  (branch) => {
    expect(() => rowsOnPublish(target, task, "s5-ab", { ...work, branch })).toThrow(/nothing is pushed/);
  },
);

it("holds everything back that shows work which a person has to approve, and asks in one comment", () => {
  const asked = [{ code: "protected-paths", verdict: "approve", found: [".github/workflows/@ann.yml"] }] as const;
  const labels = { humanReview: "review-me", humanApproved: "approved" };
  const all = rowsForApproval(target, labels, task, "s5-ab", asked, rowsOnPublish(target, task, "s5-ab", work));
  expect(all.map(({ kind, heldBack }) => `${kind}${heldBack ? `, ${heldBack}` : ""}`)).toEqual([
    "comment",
    "add-labels",
    "push-branch, approval-needed",
    "open-pull-request, approval-needed",
    "comment, approval-needed",
    "remove-labels",
    "remove-labels, approval-needed",
  ]);
  const body = JSON.stringify(all[0]?.body);
  expect(body).toContain("`approved`");
  expect(body).toContain(".github/workflows/");
  expect(body).toContain(`It is commit \`${"c".repeat(40)}\`. On its host, \`acp sessions diff s5-ab\``);
  expect(body).not.toContain("@ann");
});

it("shows what was found and what the agent says it checked, and neither acts", () => {
  const findings = [
    { code: "weakened-tests", verdict: "flag", found: ["a.test.ts: 1 expectation written anew"] },
  ] as const;
  const contract = { ...work.contract, notes: ["command: npm test, exit: 0, closes #7 @ann"] };
  const body = pullRequestBody(task, { ...work, findings, contract });
  expect(body).toContain("**Worth a look** (found by the host):\n\n- `a.test.ts: 1 expectation written anew`");
  expect(body).toContain("**What the agent says it checked** (not checked):");
  expect(body).not.toMatch(/#7|@ann/);
});
