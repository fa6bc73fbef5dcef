import { describe, expect, it } from "vitest";
import { matching } from "../../src/page/matching.ts";
import { bytesText, countText, durationText, moneyText, relativeText } from "../../src/page/said-time.ts";
import { laneText, ordinalText, publishedText } from "../../src/page/words.ts";

const minute = 60_000;

describe("times and amounts in words", () => {
  it("are as exact as they are near", () => {
    expect([-5, 999, 59_999, minute, 59 * minute].map(durationText)).toEqual(["0 s", "0 s", "59 s", "1 min", "59 min"]);
    expect([60, 65, 24 * 60, 49 * 60].map((minutes) => durationText(minutes * minute))).toEqual([
      ...["1 h", "1 h 5 min", "1 d", "2 d 1 h"],
    ]);
  });

  it("say whether it was or will be", () => {
    const now = 1_000_000_000;
    expect(relativeText(now - 3 * minute, now)).toBe("3 min ago");
    expect(relativeText(now + 3 * minute, now)).toBe("in 3 min");
    expect(relativeText(now + 4_000, now)).toBe("just now");
  });

  it("are short", () => {
    expect([7, 950, 12_345, 4_100_000, 2e9].map(countText)).toEqual(["7", "950", "12.3k", "4.1M", "2G"]);
    expect([0, 0.4, 1_240].map(moneyText)).toEqual(["$0.00", "$0.40", "$1,240"]);
    expect([512e6, 31.2e9, 2e12].map(bytesText)).toEqual(["512 MB", "31.2 GB", "2 TB"]);
    expect([1, 2, 3, 4, 11, 21, 112].map(ordinalText)).toEqual(["1st", "2nd", "3rd", "4th", "11th", "21st", "112th"]);
  });

  it("show what they do not know as it is", () => {
    expect(laneText("pr-review")).toBe("review");
    expect(laneText("new-lane")).toBe("new-lane");
    expect(publishedText("merge", 1)).toBe("1 merge");
    expect(publishedText("new-kind", 2)).toBe("2 new kind");
  });
});

describe("a search", () => {
  it("wants every word, anywhere, in whatever case", () => {
    expect(matching("Cart  FLAKY")("a flaky test", "cart")).toBe(true);
    expect(matching("cart flaky")("a flaky test", null)).toBe(false);
    expect(matching(undefined)()).toBe(true);
  });
});
