import { describe, expect, it } from "vitest";
import { retryDelayMs } from "./retry-delay.ts";

describe("the delay before the next attempt", () => {
  it.each([
    [1, 300_000],
    [2, 900_000],
    [3, 1_800_000],
    [4, 3_600_000],
    [5, 3_600_000],
    [400, 3_600_000],
  ])("after failed attempt %i is %i ms", (attempt, expected) => {
    expect(retryDelayMs(attempt)).toBe(expected);
  });

  it("starts on the first rung when no attempt was counted", () => {
    expect(retryDelayMs(0)).toBe(300_000);
  });

  it("follows a ladder of one's own, and an empty ladder does not wait", () => {
    expect(retryDelayMs(2, [10, 20])).toBe(20);
    expect(retryDelayMs(9, [10, 20])).toBe(20);
    expect(retryDelayMs(3, [])).toBe(0);
  });
});
