import { describe, expect, test } from "vitest";
import type { Lane } from "./lane.ts";
import { parseResultEnv, parseResultJson, resultFileMaxBytes } from "./result-contract.ts";

const part = { title: "One half", body: "of it" };
const split = (over: object) => JSON.stringify({ outcome: "blocked", follow_ups: [part], superseded: true, ...over });

describe("result.json", () => {
  test("an issue may be split when it is blocked, and no pull request may", () => {
    expect(parseResultJson(split({}))).toMatchObject({ ok: true, contract: { follow_ups: [part], superseded: true } });
    expect(parseResultJson(split({}), "blocked-recovery").ok).toBe(true);
    for (const lane of ["pr-fix", "pr-merge-repair", "pr-review"] as const) {
      expect(parseResultJson(split({}), lane).ok).toBe(false);
    }
  });

  test("a complete one is taken, and its action filled in", () => {
    const text = JSON.stringify({
      outcome: "implemented",
      summary: "done",
      pr_title: "T",
      pr_body: "B",
      commit_message: "M",
    });
    expect(parseResultJson(text)).toMatchObject({
      ok: true,
      contract: { outcome: "implemented", action: "host-publish-issue-pr", pr_title: "T" },
    });
  });

  test.each([
    ["not JSON", "{", /not JSON/],
    ["no outcome", "{}", /outcome/],
    ["an outcome of another lane", '{"outcome":"approved"}', /outcome/],
    [
      "an action of another outcome",
      '{"outcome":"blocked","action":"host-publish-issue-pr"}',
      /action: .* does not go with/,
    ],
    ["a key nobody knows", '{"outcome":"blocked","merge":true}', /merge/],
    ["a title beyond its bound", JSON.stringify({ outcome: "blocked", pr_title: "x".repeat(257) }), /pr_title/],
    ["a NUL", '{"outcome":"blocked","detail":"a\\u0000b"}', /NUL/],
    ["an unknown failure reason", '{"outcome":"blocked","failure_reason":"because"}', /failure_reason/],
    ["follow-ups of work that is done", split({ outcome: "implemented" }), /follow_ups/],
    ["too many follow-ups", split({ follow_ups: Array.from({ length: 11 }, () => part) }), /follow_ups/],
    ["a follow-up without a title", split({ follow_ups: [{ title: " ", body: "" }] }), /title/],
    ["a follow-up with labels", split({ follow_ups: [{ ...part, labels: ["agent-ready"] }] }), /labels/],
    ["a follow-up beyond its bound", split({ follow_ups: [{ ...part, body: "x".repeat(8001) }] }), /body/],
    ["superseded by nothing", split({ follow_ups: [] }), /superseded/],
    ["a list", "[]", /result/],
    ["a file beyond its bound", " ".repeat(resultFileMaxBytes + 1), /larger/],
  ])("%s is refused and says why", (_, text, problem) => {
    const parsed = parseResultJson(text);
    expect(parsed.ok).toBe(false);
    expect(parsed.ok ? "" : parsed.problems.join("\n")).toMatch(problem);
  });
});

describe("result.env", () => {
  test("its lines are parsed, quotes taken off, other keys left alone", () => {
    const text =
      "# done\nISSUE_ID=999\nexport OUTCOME=\"blocked\"\nACTION=host-comment-blocker\nDETAIL='needs $HOME and `id`'\n";
    expect(parseResultEnv(text)).toEqual({
      ok: true,
      contract: { outcome: "blocked", action: "host-comment-blocker", detail: "needs $HOME and `id`" },
    });
  });

  test("a line of shell is refused, not run", () => {
    expect(parseResultEnv("OUTCOME=blocked\nrm -rf /\n")).toEqual({
      ok: false,
      problems: ["result.env line 2 is not KEY=value"],
    });
  });
});

describe("each lane knows its own outcomes", () => {
  const parsed = (lane: Lane, result: Record<string, unknown>) => parseResultJson(JSON.stringify(result), lane);

  test.each<[Lane, Record<string, unknown>, string, string]>([
    ["issue-implementation", { outcome: "implemented" }, "implemented", "host-publish-issue-pr"],
    ["blocked-recovery", { outcome: "no-change-needed" }, "no-change-needed", "host-comment-no-change"],
    [
      "scheduled-check",
      { outcome: "reported", action: "host-comment-scheduled-alert", detail: "down" },
      "reported",
      "host-comment-scheduled-alert",
    ],
    ["pr-review", { outcome: "approved" }, "approved", "host-record-review"],
    [
      "pr-review",
      { outcome: "approved-local-review-passed", action: "host-approve-and-merge" },
      "approved",
      "host-approve-and-merge",
    ],
    [
      "pr-review",
      { outcome: "changes-requested", detail: "a race" },
      "changes-requested",
      "host-comment-review-findings",
    ],
    [
      "pr-review",
      { outcome: "blocked", action: "host-comment-pr-blocker", detail: "a race" },
      "changes-requested",
      "host-comment-pr-blocker",
    ],
    [
      "pr-review",
      { outcome: "blocked", detail: "no network", failure_reason: "worker-environment-blocked" },
      "blocked",
      "host-comment-pr-blocker",
    ],
    ["pr-fix", { outcome: "updated-branch" }, "updated-branch", "host-push-pr-branch"],
    ["pr-fix", { outcome: "implemented" }, "updated-branch", "host-push-pr-branch"],
    ["pr-merge-repair", { outcome: "no-change-needed" }, "no-change-needed", "host-refresh-pr-state"],
    ["pr-merge-repair", { outcome: "blocked", action: "host-comment-blocker" }, "blocked", "host-comment-blocker"],
  ])("%s takes %j as %s", (lane, result, outcome, action) => {
    expect(parsed(lane, result)).toMatchObject({ ok: true, contract: { outcome, action } });
  });

  test.each<[Lane, Record<string, unknown>, RegExp]>([
    ["scheduled-check", { outcome: "implemented" }, /"implemented".*lane "scheduled-check".*"reported"/],
    [
      "scheduled-check",
      { outcome: "reported", detail: "fine" },
      /action: is missing.*scheduled-report.*scheduled-alert/,
    ],
    ["scheduled-check", { outcome: "reported", action: "host-comment-scheduled-report" }, /detail: is missing/],
    ["pr-review", { outcome: "updated-branch" }, /lane "pr-review"/],
    ["pr-review", { outcome: "approved", action: "host-push-pr-branch" }, /action: .* does not go with/],
    ["pr-review", { outcome: "changes-requested" }, /detail: is missing/],
    ["pr-fix", { outcome: "approved" }, /lane "pr-fix".*"updated-branch"/],
    ["issue-implementation", { outcome: "updated-branch" }, /lane "issue-implementation"/],
    ["issue-implementation", { outcome: "constructor" }, /lane "issue-implementation"/],
  ])("%s refuses %j and says why", (lane, result, problem) => {
    const refused = parsed(lane, result);
    expect(refused.ok ? "" : refused.problems.join("\n")).toMatch(problem);
  });
});
