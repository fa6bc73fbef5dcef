import { expect, test } from "vitest";
import { findInPatch } from "./find-in-patch.ts";

const patch = ["@@ -1,2 +1,3 @@", " one", "-two", "+deux", "+trois", "@@ -9 +10,2 @@ f", " nine", "+ten"].join("\n");

test.each([
  [1, "RIGHT", 1, "@@ -1,2 +1,3 @@\n one"],
  [2, "LEFT", 2, "@@ -1,2 +1,3 @@\n one\n-two"],
  [3, "RIGHT", 4, "@@ -1,2 +1,3 @@\n one\n-two\n+deux\n+trois"],
  [11, "RIGHT", 7, "@@ -9 +10,2 @@ f\n nine\n+ten"],
  [9, "LEFT", 6, "@@ -9 +10,2 @@ f\n nine"],
] as const)("line %i of the %s side is at %i", (line, side, position, hunk) => {
  expect(findInPatch(patch, line, side)).toEqual({ position, hunk });
});

test("a line the patch does not show is not found", () => {
  expect(findInPatch(patch, 5, "RIGHT")).toBeNull();
});
