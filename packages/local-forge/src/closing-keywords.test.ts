import { expect, test } from "vitest";
import { closingKeywords } from "./closing-keywords.ts";

test.each([
  ["Fixes #1", [1]],
  ["closes: #1, resolved #2 and FIX #1 again", [1, 2]],
  ["Closes maya/demo#3, fixes other/demo#4", [3]],
  ["see #1, prefixes #2, fixes#3, fixes 4", []],
])("%s", (text, numbers) => {
  expect(closingKeywords(text, { owner: "Maya", name: "demo" })).toEqual(numbers);
});
