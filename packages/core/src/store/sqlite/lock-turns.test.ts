import { expect, it } from "vitest";
import { LockTurns } from "./lock-turns.ts";

const countOver = (turns: LockTurns, writes: number, now: number) =>
  Array.from({ length: writes }, () => turns.isOver(now)).filter(Boolean).length;

it("alone, a turn is never over", () => {
  expect(countOver(new LockTurns(), 1000, 5)).toBe(0);
});

it("after having waited, every ninth write lets others go first", () => {
  const turns = new LockTurns();
  turns.waited(0);
  expect(countOver(turns, 8, 1)).toBe(0);
  expect(turns.isOver(1)).toBe(true);
  expect(countOver(turns, 9, 1)).toBe(1);
});

it("waiting starts a new turn, and a wait long ago does not count", () => {
  const turns = new LockTurns();
  turns.waited(0);
  countOver(turns, 8, 1);
  turns.waited(2);
  expect(countOver(turns, 8, 3)).toBe(0);
  expect(countOver(turns, 100, 500)).toBe(0);
});
