import { expect, test } from "vitest";
import { counted } from "./counted.ts";
import { wrapped } from "./output.ts";

test("one thing is named as one, and any other number as several", () => {
  expect([0, 1, 2].map((count) => counted(count, "session"))).toEqual(["0 sessions", "1 session", "2 sessions"]);
  expect([1, 2].map((count) => counted(count, "entry", "entries"))).toEqual(["1 entry", "2 entries"]);
});

test("a line that is too wide goes on below, further in, and one that is not stays as it is", () => {
  const dim = (text: string) => `\u001b[2m${text}\u001b[22m`;
  const row = `  issue:1  held  ${"a word ".repeat(20)}end`;
  const lines = wrapped(`short   one\n${row}`, 60).split("\n");
  expect(lines[0]).toBe("short   one");
  expect(lines[1]).toMatch(/^ {2}issue:1 {2}held {2}a word/);
  expect(lines.slice(2).every((line) => line.startsWith("      "))).toBe(true);
  expect(lines.every((line) => line.length <= 60)).toBe(true);
  expect(lines.slice(1).join(" ").replaceAll(/ +/g, " ").trim()).toBe(row.trim().replaceAll(/ +/g, " "));
  expect(wrapped(dim("x".repeat(60)), 60)).toBe(dim("x".repeat(60)));
  expect(wrapped(`  ${"y".repeat(80)}`, 60)).toBe(`  ${"y".repeat(80)}`);
});
