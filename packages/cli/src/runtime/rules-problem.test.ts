import { expect, it } from "vitest";
import { type RulesProblem, standingProblem } from "./rules-problem.ts";

const first: RulesProblem = { state: "last-good", problems: ["a:1:1 x"], since: 10 };

it.each([
  ["the first one is news", null, first, { problem: first, isNews: true }],
  ["the same one keeps its time", first, { ...first, since: 20 }, { problem: first, isNews: false }],
  ["another text is news", first, { ...first, problems: ["a:2:1 y"], since: 20 }, { isNews: true }],
  ["another state is news", first, { ...first, state: "restart-needed", since: 20 }, { isNews: true }],
] as const)("%s", (_, before, found, expected) => {
  expect(standingProblem(before, found)).toMatchObject(expected);
});
