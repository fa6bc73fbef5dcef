import { describe, expect, it } from "vitest";
import type { ReviewLedgers } from "../domain/review.ts";
import type { LaneHistory } from "../domain/snapshot.ts";
import type { Task } from "../domain/task.ts";
import { ciRepairs, reviewLedgers } from "./past-work.ts";

const ledgersAt = (headSha: string): ReviewLedgers => ({
  first: { headSha, open: [], closed: ["f1"], stuckRounds: 0 },
  second: null,
});
const past = (task: Partial<Task>, lane = "pr-review"): readonly LaneHistory[] => [
  { lane: "pr-fix", newest: { id: 9, result: null, payload: null } as unknown as Task },
  { lane, newest: { id: 1, result: null, payload: null, ...task } as Task },
];
const given = (ledgers: ReviewLedgers) => ({ kind: "pull-request", review: { ledgers } }) as unknown as Task["payload"];
const none: ReviewLedgers = { first: null, second: null };

describe("what our reviewers have said by now", () => {
  it.each<[string, readonly LaneHistory[], ReviewLedgers]>([
    ["nothing before the first review", [], none],
    [
      "what the newest review came to",
      past({ result: { ledgers: ledgersAt("new") } as unknown as Task["result"], payload: given(ledgersAt("old")) }),
      ledgersAt("new"),
    ],
    [
      "what one that was stopped, or failed, had been given",
      past({ result: { summary: "timeout" }, payload: given(ledgersAt("old")) }),
      ledgersAt("old"),
    ],
    ["nothing after a review of an earlier version", past({ result: { headSha: "x", findings: "words" } }), none],
    [
      "nothing of another lane's",
      past({ result: { ledgers: ledgersAt("x") } as unknown as Task["result"] }, "pr-x"),
      none,
    ],
    ["nothing of another shape", past({ result: { ledgers: { first: { open: "all" }, second: 3 } } }), none],
  ])("is %s", (_name, history, ledgers) => {
    expect(reviewLedgers(history)).toEqual(ledgers);
  });
});

describe("what repairs were to mend", () => {
  const made = [
    { headSha: "one", checks: ["build"] },
    { headSha: "two", checks: ["build", "lint"] },
  ];
  const repair = (id: number, over: Partial<Task>, lane = "pr-fix"): LaneHistory => ({
    lane,
    newest: { id, result: { headSha: "three" }, payload: null, ...over } as Task,
  });
  const asked = (ciRepairs: unknown, headSha = "two") =>
    ({ kind: "pull-request", headSha, ciRepairs }) as unknown as Task["payload"];

  it.each<[string, readonly LaneHistory[], string, readonly object[]]>([
    ["nothing before the first repair", [], "three", []],
    ["what the newest repair carries, at the head it left", [repair(2, { payload: asked(made) })], "three", made],
    ["the same at the head it was made for", [repair(2, { payload: asked(made) })], "two", made],
    ["nothing after a person's push", [repair(2, { payload: asked(made) })], "theirs", []],
    [
      "what a later merge repair carries on",
      [repair(2, { payload: asked([]) }), repair(3, { payload: asked(made) }, "pr-merge-repair")],
      "three",
      made,
    ],
    ["nothing of a task of an earlier version", [repair(2, { payload: asked(undefined) })], "three", []],
    ["nothing of another shape", [repair(2, { payload: asked("all") })], "three", []],
  ])("is %s", (_name, history, headSha, repairs) => {
    expect(ciRepairs(history, headSha)).toEqual(repairs);
  });
});
