import { expect, it } from "vitest";
import { independenceOf } from "./reviewer.ts";

const by = (backend: string, model: string | null = null) => ({ backend, model });

it.each([
  [by("claude"), by("codex"), /another backend/],
  [by("claude", "sonnet"), by("claude", "opus"), /a model of its own/],
  [by("claude", "opus"), by("claude", "opus"), /the same backend as the first, in a fresh session/],
  [by("claude"), by("claude"), /the same backend as the first, in a fresh session/],
  [null, by("claude"), /^a fresh session that was told nothing of the first$/],
])("the independence of a second review is said as it is: %j then %j", (first, second, words) => {
  expect(independenceOf(first, second)).toMatch(words);
});
