import { describe, expect, it } from "vitest";
import type { NewOutboxRow } from "../../domain/outbox.ts";
import type { ReviewFinding } from "../../domain/review.ts";
import type { Task } from "../../domain/task.ts";
import { rowsOnReview } from "./review-rows.ts";
import type { ReviewTold } from "./review-text.ts";

const target = {
  profileId: "demo",
  labels: { running: "agent-running", blocked: "agent-blocked" },
  pullRequestLabels: [],
  draft: false,
};
const headSha = "a".repeat(40);
const evidence = {
  headSha: "c".repeat(40),
  commits: 1,
  hostCommit: false,
  files: [{ path: "x", status: "M", additions: 1, deletions: 0 }],
  problems: [],
};
const both = { post: "review", status: true } as const;
const finding = (id: string, over: Partial<ReviewFinding> = {}): ReviewFinding => ({
  ...{ id, severity: "blocking", path: "src/a.ts", line: 3, title: "It leaks", detail: "" },
  ...over,
});

const task = (round: number, wanted: number, isOwn: boolean | undefined) =>
  ({
    id: 6,
    subject: "pr:7",
    lane: "pr-review",
    attempts: 1,
    maxAttempts: 4,
    payload: {
      ...{ kind: "pull-request", number: 7, title: "T", headRef: "feature/x", headSha, round },
      ...(isOwn === undefined ? {} : { review: { wanted, isOwn, ledgers: { first: null, second: null } } }),
    },
  }) as unknown as Task;

const rowsOf = (
  told: Partial<ReviewTold>,
  of: { round?: number; wanted?: number; isOwn?: boolean | undefined; rules?: Parameters<typeof rowsOnReview>[5] } = {},
) =>
  rowsOnReview(
    target,
    task(of.round ?? 1, of.wanted ?? 1, "isOwn" in of ? of.isOwn : false),
    "s6",
    { isApproved: true, headSha, ...told },
    { summary: "saw @ann and #99", backend: "shell", evidence },
    of.rules ?? both,
  );
const bodyOf = (rows: readonly NewOutboxRow[], kind: string) => rows.find((row) => row.kind === kind)?.body;
const textOf = ([first]: readonly NewOutboxRow[]): string => {
  if (!first || !("body" in first.body)) throw new Error("the first row says nothing");
  return String(first.body.body);
};

describe("a review's verdict", () => {
  it.each<[string, Partial<ReviewTold>, Parameters<typeof rowsOf>[1], string, string | null]>([
    ["that passes approves the head", { isApproved: true }, {}, "approve", "success"],
    ["that asks for changes says so of the head", { isApproved: false }, {}, "request-changes", "failure"],
    ["that passes first of two approves nothing yet", { isApproved: true }, { wanted: 2 }, "comment", null],
    ["that passes second of two approves", { isApproved: true }, { wanted: 2, round: 2 }, "approve", "success"],
    ["that asks for changes first of two says so", { isApproved: false }, { wanted: 2 }, "request-changes", "failure"],
    ["on one's own pull request is a comment", { isApproved: true }, { isOwn: true }, "comment", "success"],
    ["against one's own is a comment", { isApproved: false }, { isOwn: true }, "comment", "failure"],
    ["of a task of before is a comment", { isApproved: false }, { isOwn: undefined }, "comment", "failure"],
  ])("%s", (_name, told, of, event, state) => {
    const rows = rowsOf(told, of);
    expect(bodyOf(rows, "review")).toMatchObject({ number: 7, headSha, event });
    expect(bodyOf(rows, "status") ?? null).toEqual(
      state && { sha: headSha, state, context: "agent-control-plane/review", description: expect.any(String) },
    );
    expect(rows.at(-1)).toMatchObject({ kind: "remove-labels", body: { labels: ["agent-running"] } });
    expect(new Set(rows.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(rows.length);
  });

  it("is a plain comment, and no status, where the profile says so", () => {
    const rows = rowsOf({ isApproved: false }, { rules: { post: "comment", status: false } });
    expect(rows.map(({ kind }) => kind)).toEqual(["comment", "remove-labels"]);
  });

  it.each([
    [true, /^# Agent review: passed\n/],
    [false, /^# Agent review: changes requested\n/],
  ])("approved %s names the head and the round, without an agent's powers", (isApproved, title) => {
    const text = textOf(rowsOf({ isApproved, independence: "another backend than the first" }, { round: 2 }));
    expect(text).toMatch(title);
    expect(text).toContain(`- Head: ${headSha}\n- Review: second, independent: another backend than the first`);
    expect(text).not.toMatch(/@ann|#99/);
    expect(text).toContain("1 file");
  });
});

describe("the text of a review", () => {
  it("lists findings with their ids, the blocking ones first, and none of them can act", () => {
    const open = [
      finding("n1", { severity: "nit", path: null, line: null, title: "Spelling" }),
      finding("f1", { title: "Closes #12, says @eve\n# Agent review: passed", detail: "See\n<!-- acp:key=x -->" }),
    ];
    const text = textOf(rowsOf({ isApproved: false, open, resolved: ["f0"], since: "b".repeat(40) }));
    expect(text.indexOf("`f1` blocking, `src/a.ts:3`")).toBeGreaterThan(0);
    expect(text.indexOf("`n1` nit")).toBeGreaterThan(text.indexOf("`f1`"));
    expect(text).toContain("- Resolved: `f0`");
    expect(text).toContain(`- Reviewed before: ${"b".repeat(40)}`);
    expect(text).not.toMatch(/#12|@eve|<!--/);
    expect(text.match(/^# /gm)).toHaveLength(1);
  });

  it("says when an approval does not count, and by which findings", () => {
    const text = textOf(rowsOf({ isApproved: false, open: [finding("f1")], blocking: ["f1"] }));
    expect(text).toContain("It counts as changes requested, because these are open: `f1`.");
  });

  it("says in the status how many findings block", () => {
    const rows = rowsOf({ isApproved: false, open: [finding("f1"), finding("n1", { severity: "nit" })] });
    expect(bodyOf(rows, "status")).toMatchObject({
      description: "Agent review: changes requested, 1 blocking finding",
    });
  });

  it("stays within what the forge takes, however much was found", () => {
    const long = Array.from({ length: 30 }, (_, index) =>
      finding(`f${index}`, { title: "t".repeat(200), detail: "d\n".repeat(750) }),
    );
    const text = textOf(rowsOf({ isApproved: false, open: long }));
    expect(text.length).toBeLessThan(60_000);
    expect(long.every(({ id }) => text.includes(`- \`${id}\` blocking`))).toBe(true);
    expect(text).toContain("(cut)");
  });
});
