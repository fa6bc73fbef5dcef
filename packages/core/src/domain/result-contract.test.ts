import { describe, expect, test } from "vitest";
import type { Lane } from "./lane.ts";
import { parseResultEnv, parseResultJson, resultFileMaxBytes } from "./result-contract.ts";

describe("result.json", () => {
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

describe("findings of a review", () => {
  const finding = { id: "f1", severity: "blocking", path: "a.ts", line: 3, title: "It leaks", detail: "See line 3." };
  const parsed = (over: Record<string, unknown>, lane: Lane = "pr-review") =>
    parseResultJson(JSON.stringify({ outcome: "changes-requested", ...over }), lane);

  test("say enough by themselves", () => {
    const bare = { id: "n.1", severity: "nit", title: "Spelling" };
    expect(parsed({ findings: [finding, bare], resolved: ["f0"] })).toMatchObject({
      ok: true,
      contract: { findings: [finding, { ...bare, path: null, line: null, detail: "" }], resolved: ["f0"] },
    });
  });

  test.each<[string, Record<string, unknown>, RegExp]>([
    ["an id of another shape", { findings: [{ ...finding, id: "f 1" }] }, /findings\.0\.id: is not an id/],
    ["an id twice", { findings: [finding, finding] }, /findings: names an id twice/],
    ["a resolved id twice", { detail: "d", resolved: ["f1", "f1"] }, /resolved: names an id twice/],
    ["an unknown severity", { findings: [{ ...finding, severity: "fatal" }] }, /findings\.0\.severity/],
    ["no title", { findings: [{ ...finding, title: " " }] }, /findings\.0\.title: is empty/],
    ["a line before the first", { findings: [{ ...finding, line: 0 }] }, /findings\.0\.line/],
    ["a field nobody knows", { findings: [{ ...finding, verdict: "ok" }] }, /findings\.0/],
    ["a text without an end", { findings: [{ ...finding, detail: "x".repeat(1_501) }] }, /findings\.0\.detail/],
    [
      "more than a person reads",
      { findings: Array.from({ length: 31 }, (_, i) => ({ ...finding, id: `f${i}` })) },
      /findings/,
    ],
    ["none, and no word either", { findings: [] }, /detail: is missing/],
  ])("are refused with %s", (_name, over, problem) => {
    const refused = parsed(over);
    expect(refused.ok ? "" : refused.problems.join("\n")).toMatch(problem);
  });

  test.each<Lane>(["pr-fix", "issue-implementation"])("belong to no other lane: %s", (lane) => {
    const outcome = lane === "pr-fix" ? "updated-branch" : "implemented";
    for (const over of [{ findings: [] }, { resolved: [] }]) {
      expect(parsed({ outcome, ...over }, lane)).toMatchObject({ ok: false });
    }
  });
});
