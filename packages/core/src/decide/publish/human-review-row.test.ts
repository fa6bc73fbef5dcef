import { describe, expect, it } from "vitest";
import {
  check,
  facts,
  files,
  head,
  labelled,
  now,
  permissions,
  policy,
  stored,
  tasks,
  timeline,
} from "../../../test/fixtures/pull-request.ts";
import { snapshot } from "../../../test/support/snapshots.ts";
import type { NewOutboxRow } from "../../domain/outbox.ts";
import type { ReviewLedgers } from "../../domain/review.ts";
import { judgeAll } from "../judge-candidates.ts";
import { humanReviewRow, reviewRequestRows } from "./human-review-row.ts";

const breaking = { files: files("migrations/1.sql") };
const none: ReviewLedgers = { first: null, second: null };
const open = { id: "f1", severity: "blocking", path: "a.ts", line: 3, title: "It leaks, @eve", detail: "" } as const;
const stuck: ReviewLedgers = { first: { headSha: head, open: [open], closed: [], stuckRounds: 0 }, second: null };
const textOf = (row: NewOutboxRow<"comment">) => row.body.body;

/** What a tick writes for one pull request. */
const rowsOf = (of: Parameters<typeof facts>[0], over: Partial<Parameters<typeof judgeAll>[0]> = {}) => {
  const { candidate, base, tasks: byKey } = facts(of);
  const forge = { kind: "seen", base: { ...base, verdict: "passed" }, issues: [], pullRequests: [candidate] } as const;
  const seen = snapshot({
    now,
    policy,
    permissions,
    selfLogin: "agent-bot",
    forge,
    tasks: [...byKey.values()],
    ...over,
  });
  return judgeAll(seen).flatMap(({ rows }) => rows.filter(({ kind }) => kind === "comment"));
};

const saidIn = (row: NewOutboxRow | undefined): string => {
  if (!row || !("body" in row.body)) throw new Error("nothing was said");
  return String(row.body.body);
};

describe("a pull request that waits for a person", () => {
  it("says what it waits for and what ends the waiting, under one key for each head", () => {
    const [row, ...more] = rowsOf({ read: breaking });
    expect(more).toEqual([]);
    expect(row).toMatchObject({ idempotencyKey: `demo/pr:7/human-review/${head}`, body: { number: 7 } });
    const body = saidIn(row);
    expect(body).toMatch(/^# Human review wanted\n/);
    expect(body).toContain(`- Head: ${head}`);
    expect(body).toContain("`system-breaking-risk-scope`");
    expect(body).toContain("set the label `agent-human-approved`");
  });

  it("lists what is open when our review comes to no end", () => {
    const result = { ledgers: stuck } as never;
    const review = tasks(["pr-review", `${head}/1`, { reason: "review-not-converging", result }]);
    const [newest] = review.values();
    const history = new Map([["pr:7", newest ? [{ lane: "pr-review", newest }] : []]]);
    const [row] = rowsOf({ tasks: review }, { history });
    const body = saidIn(row);
    expect(body).toContain("- `f1` blocking, `a.ts:3`: It leaks");
    expect(body).not.toContain("@eve");
    expect(body).toContain("`agent-manual-fix-override`");
  });

  it("says that repairs did not help, and how one more is had", () => {
    const checks = [check("failed")];
    const before = ["1", "2"].map((one) => ({ headSha: one.repeat(40), checks: ["build"] }));
    const repair = tasks([
      "pr-fix",
      "earlier",
      {
        payload: { ...{ kind: "pull-request", headSha: "2".repeat(40) }, ciRepairs: before },
        result: { headSha: head },
      },
    ]);
    const [newest] = repair.values();
    const history = new Map([["pr:7", newest ? [{ lane: "pr-fix", newest }] : []]]);
    const { pullRequest } = facts().candidate;
    const again = stored({ checks }, { ciRefreshes: { used: 1, lastAt: now - 3_600_000 } });
    const [row] = rowsOf({ candidate: { pullRequest, reading: again } }, { history });
    const body = saidIn(row);
    expect(body).toContain("`check-failed: build`");
    expect(body).toContain("fail still");
    expect(body).toContain("`agent-manual-fix-override`");
  });

  it("says nothing at any other stage, nor when it is approved, nor while something is on its way", () => {
    expect(rowsOf({})).toEqual([]);
    const approved = timeline({ labelActs: [labelled("agent-human-approved", "ann")] });
    const pr = { labels: ["agent-human-approved"] };
    expect(rowsOf({ pr, read: { ...breaking, timeline: approved } })).toEqual([]);
    expect(rowsOf({ read: breaking }, { publishing: new Set(["demo/pr:7"]) })).toEqual([]);
  });

  it("says it once: that it was said stands with what was read of it", () => {
    const { pullRequest } = facts().candidate;
    const asked = { candidate: { pullRequest, reading: stored(breaking, { peopleAskedAt: head }) } };
    expect(rowsOf(asked)).toEqual([]);
    const before = { candidate: { pullRequest, reading: stored(breaking, { peopleAskedAt: "c".repeat(40) }) } };
    expect(rowsOf(before)).toHaveLength(1);
  });
});

it("asks the people whom the profile names by the forge's own request, but not who opened it or is asked already", () => {
  const named = { ...policy, reviews: { ...policy.reviews, people: ["octo", "Cat", "dog"] } };
  const pullRequest = { ...facts().candidate.pullRequest, author: "octo", requestedReviewers: ["cat"] };
  expect(reviewRequestRows(pullRequest, named)).toMatchObject([
    { kind: "request-review", body: { number: 7, reviewer: "dog" } },
  ]);
  const { candidate, base } = facts({ read: breaking });
  const forge = { kind: "seen", base: { ...base, verdict: "passed" }, issues: [], pullRequests: [candidate] } as const;
  const judged = judgeAll(snapshot({ now, policy: named, permissions, selfLogin: "agent-bot", forge }));
  expect(judged.flatMap(({ rows }) => rows.map(({ kind }) => kind))).toEqual(
    expect.arrayContaining(["comment", "request-review", "request-review", "request-review"]),
  );
});

it("mentions the people whom the profile names, and nobody else", () => {
  const named = { ...policy, reviews: { ...policy.reviews, people: ["octo", "cat"] } };
  const pullRequest = { number: 7, headSha: head };
  expect(textOf(humanReviewRow(pullRequest, { row: "", missing: [] }, none, named))).toContain("Asked: @octo, @cat");
  expect(textOf(humanReviewRow(pullRequest, { row: "", missing: ["check-failed: @eve"] }, none, policy))).not.toMatch(
    /@[a-z]/,
  );
});
