import { expect, it } from "vitest";
import { logTail } from "./log-tail.ts";

it("is the last 200 lines, without times and colours", () => {
  const lines = Array.from(
    { length: 300 },
    (_, index) => `2026-01-02T03:04:05.0000000Z \u001b[31mline ${index}\u001b[0m`,
  );
  const tail = logTail(`\uFEFF${lines.join("\r\n")}\r\n\r\n`).split("\n");
  expect(tail).toHaveLength(200);
  expect([tail[0], tail.at(-1)]).toEqual(["line 100", "line 299"]);
});

it("is bounded, and what is left is the end", () => {
  const tail = logTail([...Array<string>(300).fill("x".repeat(3_000)), "the end"].join("\n"));
  expect(tail.length).toBeLessThanOrEqual(16_000);
  expect(tail).toMatch(/^x{500}\.\.\.\n/);
  expect(tail).toMatch(/\nthe end$/);
});

it("of nothing is nothing", () => {
  expect(logTail("\n\n")).toBe("");
});
