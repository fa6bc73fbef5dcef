import { describe, expect, test } from "vitest";
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
      /action: does not go with/,
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
