import { expect, it } from "vitest";
import { mergeStateOf } from "./merge-state.ts";

it.each([
  [true, "clean", "clean"],
  [true, "has_hooks", "clean"],
  [true, "unstable", "unstable"],
  [true, "blocked", "blocked"],
  [true, "behind", "behind"],
  [true, "draft", "draft"],
  [false, "dirty", "dirty"],
  [false, "draft", "dirty"],
  [false, "blocked", "dirty"],
  [null, "unknown", "unknown"],
  [null, "clean", "unknown"],
  [undefined, undefined, "unknown"],
  [true, "not-yet-invented", "unknown"],
  [true, "dirty", "unknown"],
  [false, "clean", "unknown"],
  ["yes", "clean", "unknown"],
])("mergeable %s in state %s is %s", (mergeable, state, expected) => {
  expect(mergeStateOf(mergeable, state)).toBe(expected);
});
