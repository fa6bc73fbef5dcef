import { expect, test } from "vitest";
import { createUnchanged, isFromDatabase } from "./unchanged.ts";

test("a tag holds until something is written", () => {
  let version = 1;
  const unchanged = createUnchanged(() => version);
  unchanged.remember("maya /issues", 'W/"a"', 1);
  expect(unchanged.tagFor("maya /issues", 'W/"a"')).toBe('W/"a"');
  expect(unchanged.tagFor("maya /issues", 'W/"b"')).toBeNull();
  expect(unchanged.tagFor("maya /issues", null)).toBeNull();
  expect(unchanged.tagFor("robot /issues", 'W/"a"')).toBeNull();
  version = 2;
  expect(unchanged.tagFor("maya /issues", 'W/"a"')).toBeNull();
  unchanged.remember("maya /issues", 'W/"a"', 1); // made before that write
  expect(unchanged.tagFor("maya /issues", 'W/"a"')).toBeNull();
});

test("answers that ask git are not taken for unchanged", () => {
  expect(["", "/issues", "/issues/1", "/pulls", "/branches/a"].every((end) => isFromDatabase(`/repos/a/b${end}`))).toBe(
    true,
  );
  expect(["/pulls/1", "/commits/v1", "/compare/a...b"].some((end) => isFromDatabase(`/repos/a/b${end}`))).toBe(false);
});
