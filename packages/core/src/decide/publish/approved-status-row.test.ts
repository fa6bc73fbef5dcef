import { expect, it } from "vitest";
import { check, facts, head, labelled, now, policy, tasks, timeline } from "../../../test/fixtures/pull-request.ts";
import type { ReviewRules } from "../../domain/policy.ts";
import type { Check, TimelineReview } from "../../domain/reading.ts";
import { approvedStatusRows } from "./approved-status-row.ts";

const status = (state: Check["state"]): Check => ({
  ...{ name: "agent-control-plane/review", kind: "status", id: null, runId: null, url: null, summary: "" },
  state,
});
const reviewed = (order: number, author: string, state: TimelineReview["state"]): TimelineReview => ({
  ...{ order, id: order, author, state, body: "", headSha: head, at: now - 1_000 + order },
});
const refusal = (reason = "changes-requested") =>
  tasks(["pr-review", `${head}/1`, { reason, finishedAt: now - 2_000 }]);
const approve = (order: number) => ({ ...labelled("agent-human-approved", "ann"), order, at: now });

interface Scene {
  readonly shown?: Check["state"];
  readonly reviews?: readonly TimelineReview[];
  readonly label?: number;
  readonly reason?: string;
  readonly rules?: Partial<ReviewRules>;
}

it("what a later review of ours has passed is left as it is", () => {
  const both = tasks(
    ["pr-review", `${head}/1`, { reason: "review-not-converging", finishedAt: now - 2_000 }],
    ["pr-review", `${head}/2`, { reason: "review-approved", finishedAt: now - 1_000 }],
  );
  const read = { checks: [check("passed"), status("passed")] };
  expect(approvedStatusRows(facts({ tasks: both, read }))).toEqual([]);
});

function rowsOf({ shown = "failed", reviews = [], label, reason, rules }: Scene) {
  const labelActs = label === undefined ? [] : [approve(label)];
  return approvedStatusRows(
    facts({
      pr: { labels: label === undefined ? [] : ["agent-human-approved"] },
      read: { checks: [check("passed"), status(shown)], timeline: timeline({ labelActs, reviews }) },
      tasks: refusal(reason),
      policy: { ...policy, reviews: { ...policy.reviews, ...rules } },
    }),
  ).map(({ body: { state, description, sha } }) => [sha === head, state, description]);
}

const ours = reviewed(5, "agent-bot", "commented");

it.each<[string, Scene, readonly unknown[]]>([
  ["nobody has approved", { reviews: [ours] }, []],
  [
    "the label came after it",
    { reviews: [ours], label: 6 },
    [[true, "success", "Approved by ann; agent review: changes requested"]],
  ],
  [
    "a review of theirs came after it",
    { reviews: [ours, reviewed(6, "ann", "approved")] },
    [[true, "success", "Approved by ann; agent review: changes requested"]],
  ],
  [
    "ours came to no end",
    { reviews: [ours], label: 6, reason: "review-not-converging" },
    [[true, "success", "Approved by ann; agent review: came to no end"]],
  ],
  ["the approval came before it", { reviews: [ours], label: 4 }, []],
  [
    "ours is a comment, and the clocks say after it",
    { label: 4 },
    [[true, "success", "Approved by ann; agent review: changes requested"]],
  ],
  ["it is green already", { shown: "passed", reviews: [ours], label: 6 }, []],
  [
    "the approval was taken back",
    { shown: "passed", reviews: [ours] },
    [[true, "failure", "Agent review: changes requested; no person's approval stands"]],
  ],
  ["they may not approve", { reviews: [ours, reviewed(6, "eve", "approved")] }, []],
  ["ours had passed", { reviews: [ours], label: 6, reason: "review-approved" }, []],
  ["no status is wanted", { reviews: [ours], label: 6, rules: { status: false } }, []],
])("our review's failed status when %s", (_, scene, expected) => {
  expect(rowsOf(scene)).toEqual(expected);
});
