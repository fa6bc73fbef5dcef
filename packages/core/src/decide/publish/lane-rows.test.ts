import { describe, expect, it } from "vitest";
import { type HoldReason, holdReasons } from "../../domain/hold-reason.ts";
import { pullRequestPayloadOf } from "../../domain/lane-payload.ts";
import type { Task } from "../../domain/task.ts";
import type { PullRequestPayload } from "../../domain/wanted.ts";
import { rowsOnNothingNeeded, rowsOnRepair, rowsOnReport } from "./lane-rows.ts";
import { rowsOnClaim, rowsOnNeedsHuman, rowsOnVoided, rowsOnWithdrawn } from "./publish-rows.ts";
import { statusLabelOf } from "./status-label.ts";

const labels = { running: "agent-running", blocked: "agent-blocked" };
const target = { profileId: "demo", labels, pullRequestLabels: [], draft: false };
const headSha = "a".repeat(40);
const issue = (over: Record<string, unknown> = {}, lane = "issue-implementation") =>
  ({
    id: 5,
    subject: "issue:12",
    lane,
    attempts: 1,
    maxAttempts: 4,
    payload: { kind: "issue", number: 12, title: "Nightly smoke test", body: "", ...over },
  }) as unknown as Task;
const pull = (lane: string, over: Record<string, unknown> = {}) =>
  ({
    id: 6,
    subject: "pr:7",
    lane,
    attempts: 1,
    maxAttempts: 4,
    payload: { kind: "pull-request", number: 7, title: "T", headRef: "feature/x", headSha, round: 2, ...over },
  }) as unknown as Task;
const evidence = {
  headSha: "c".repeat(40),
  commits: 1,
  hostCommit: false,
  files: [{ path: "x", status: "M", additions: 1, deletions: 0 }],
  problems: [],
};
const found = (over: object = {}) => ({ summary: "saw @ann and #99", backend: "shell", evidence: null, ...over });
const kinds = (rows: readonly { kind: string }[]) => rows.map(({ kind }) => kind);
const textOf = (rows: readonly { body: object }[]) => {
  const first = rows.find(({ body }) => "body" in body)?.body as { body?: string } | undefined;
  return first?.body ?? "";
};

describe("a scheduled check", () => {
  it("is shown in a comment, and its label takes the place of the other one", () => {
    const rows = rowsOnReport(target, issue(), "s5", true, found());
    expect(rows.map(({ kind, body }) => [kind, "labels" in body ? body.labels : null])).toEqual([
      ["comment", null],
      ["remove-labels", ["smoke-ok"]],
      ["add-labels", ["smoke-not-ok"]],
      ["remove-labels", ["agent-running"]],
    ]);
    expect(textOf(rows)).not.toMatch(/@ann|#99/);
  });

  it("says that what it changed was discarded", () => {
    expect(textOf(rowsOnReport(target, issue(), "s5", false, found({ evidence })))).toContain("1 file");
    expect(textOf(rowsOnReport(target, issue(), "s5", false, found()))).not.toContain("discarded");
  });

  it.each([
    ["Nightly smoke test", "", "smoke-ok"],
    ["Check it", "run `vitest`, then playwright", "smoke-ok"],
    ["Run the unit tests", "", "checks-ok"],
    ["Is the site healthy?", "", "health-ok"],
    ["Rebuild social circles", "", null],
  ])("%s: %s is labelled %s", (title, body, label) => {
    expect(statusLabelOf({ title, body }, false)?.add ?? null).toBe(label);
  });
});

describe("a repair", () => {
  const task = pull("pr-fix");
  const work = {
    pullRequest: pullRequestPayloadOf(task) as PullRequestPayload,
    evidence,
    verification: { passed: true, commands: [] },
    contract: { kind: "missing" },
    backend: "shell",
  } as const;

  it("moves the branch only from the head it started from, and says so after that", () => {
    const [push, comment, release] = rowsOnRepair(target, task, "s6", work);
    expect(push?.body).toEqual({ branch: "feature/x", sha: evidence.headSha, expectedSha: headSha });
    expect(comment).toMatchObject({ kind: "comment", needsKey: push?.idempotencyKey, body: { number: 7 } });
    expect(release).toMatchObject({ kind: "remove-labels", body: { number: 7, labels: ["agent-running"] } });
  });

  it("with nothing to change says so once", () => {
    expect(kinds(rowsOnNothingNeeded(target, task, "s6", { headSha, summary: "fine" }))).toEqual([
      "comment",
      "remove-labels",
    ]);
  });

  it("that needs a person marks the pull request and lists what was tried", () => {
    const tried = [
      { attempt: 1, reason: "timeout", durationMs: 3_600_000 },
      { attempt: 2, reason: null, durationMs: 42_000 },
    ];
    const why = { reason: "verification-failed", summary: "test ended with 1" } as const;
    const rows = rowsOnNeedsHuman(target, task, "s6", why, tried);
    expect(rows[1]).toMatchObject({ kind: "add-labels", body: { number: 7, labels: ["agent-blocked"] } });
    const text = textOf(rows);
    expect(text).toContain("- Attempt 1: `timeout`, after 60 min\n- Attempt 2: `verification-failed`, after 42 s");
    expect(text).toContain("push to its branch");
  });
});

it("work that answers our blocked label takes it off when it begins; other work does not touch it", () => {
  const removed = (blocker: object | null) => {
    const task = issue({ ...(blocker ? { blocker } : {}) }, "blocked-recovery");
    return rowsOnClaim(target, task, "s5").flatMap(({ kind, body }) =>
      kind === "remove-labels" && "labels" in body ? body.labels : [],
    );
  };
  expect(removed({ reason: "verification-failed", summary: "", round: 1 })).toEqual(["agent-blocked"]);
  expect(removed(null)).toEqual([]);
});

describe("a session that people voided", () => {
  const voided = (task: Task, reason: string) => rowsOnVoided(target, task, "s5", reason);

  it.each(Object.keys(holdReasons).filter((reason) => reason !== "cancelled") as HoldReason[])(
    "because of %s says once what happened and what it takes to go on",
    (reason) => {
      const rows = voided(issue(), reason);
      expect(kinds(rows)).toEqual(["comment", "remove-labels"]);
      expect(textOf(rows)).toContain(holdReasons[reason][0]);
      expect(textOf(rows)).toContain(`To go on: ${holdReasons[reason][1]}.`);
    },
  );

  it("by an edit says that it starts over", () => {
    expect(textOf(voided(issue(), "edited"))).toMatch(/changed after it had begun.*\n\n.*starts over/);
  });

  it("by an edit that a person is to look at asks, and marks it", () => {
    const rows = voided(issue(), "drift-asked");
    expect(kinds(rows)).toEqual(["comment", "add-labels", "remove-labels"]);
    expect(textOf(rows)).toContain("take the label `agent-blocked` off");
  });

  it("by a push says whose work stands", () => {
    expect(textOf(voided(pull("pr-fix"), "superseded"))).toContain("somebody pushed to its branch");
  });

  it.each(["operator", "cancelled", "constructor"])("by our own command (%s) is no news to anybody", (reason) => {
    expect(kinds(voided(issue(), reason))).toEqual(["remove-labels"]);
  });

  it("because nothing asks for it any more says so", () => {
    expect(textOf(voided(issue(), "not-wanted"))).toContain("the label that asked for this work is gone");
  });

  it("says so once, too, when it was done and its result was taken back on the way", () => {
    const rows = rowsOnWithdrawn(target, issue(), "held");
    expect(kinds(rows)).toEqual(["comment"]);
    expect(textOf(rows)).toMatch(/about to be published.*a person holds it[\s\S]*take the hold label off/);
    expect(rowsOnWithdrawn(target, issue(), "operator")).toEqual([]);
    expect(textOf(rowsOnWithdrawn(target, pull("pr-fix"), "edited"))).toContain("somebody pushed to its branch");
  });

  it("has one key per attempt, so that saying it again says nothing", () => {
    expect(voided(issue(), "held")[0]?.idempotencyKey).toBe(voided(issue(), "edited")[0]?.idempotencyKey);
  });
});
