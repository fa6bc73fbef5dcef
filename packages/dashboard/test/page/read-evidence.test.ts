import { expect, it } from "vitest";
import { pullsOf } from "../../src/page/detail/pulls-of.ts";
import { readEvidence } from "../../src/page/detail/read-evidence.ts";
import { timelineWords } from "../../src/page/detail/timeline-words.ts";

it.each([null, "text", 3, [], ["a"]])("of %j nothing is shown as evidence", (evidence) =>
  expect(readEvidence(evidence)?.files ?? null).toBeNull(),
);

it("reads what is there, and nothing that is of another kind", () => {
  const found = readEvidence({
    ...{ headSha: 5, summary: "s", commits: "two", files: [{ path: "a", additions: 2 }, "b", null] },
    ...{ guards: [{ code: "x", verdict: "flag", found: ["f", 3] }], verification: [{ name: "t", exitCode: 1 }] },
  });
  expect(found).toMatchObject({ headSha: null, summary: "s", commits: null });
  expect(found?.files).toEqual([{ path: "a", additions: 2, deletions: 0 }]);
  expect(found?.guards).toEqual([{ code: "x", verdict: "flag", found: ["f"] }]);
  expect(found?.checks).toEqual([{ name: "t", command: "", exitCode: 1, durationMs: null, tail: "" }]);
});

it.each([
  ["decision.changed", "hold not-opted-in", { group: "decisions", words: "held", rest: "not opted in" }],
  ["decision.changed", "hold depends-on #4 is open", { words: "held", rest: "depends on: #4 is open" }],
  ["decision.changed", "launch", { words: "may start", rest: "", tone: "run" }],
  ["outbox.sent", "open-pull-request #4", { group: "writes", words: "written", rest: "open pull request #4" }],
  ["session.ended", "stalled no sign of it", { group: "sessions", rest: "stalled no sign of it" }],
  ["flow.line-read", "x", { group: "other", words: "flow line read", rest: "x" }],
  ["toString", "", { group: "other", tone: "off" }],
  ["constructor.x", "", { group: "other", tone: "off" }],
  ["__proto__", "", { group: "other", tone: "off" }],
])("calls %s (%s) by words, and what it does not know by its own name", (kind, text, words) =>
  expect(timelineWords(kind, text)).toMatchObject(words),
);

it("follows an issue to the pull requests that were opened for it", () => {
  const writes = [
    ["open-pull-request", 4],
    ["comment", 9],
    ["open-pull-request", 4],
    ["open-pull-request", null],
  ].map(([kind, number]) => ({ kind, number }) as never);
  expect(pullsOf({ subject: "issue:1", writes })).toEqual(["pr:4"]);
  expect(pullsOf({ subject: "pr:4", writes })).toEqual([]);
});
