import { describe, expect, it } from "vitest";
import { decideLimit, type LimitedAnswer } from "./decide-limit.ts";

const now = 1_000_000_000_000;
const secondary = JSON.stringify({ message: "You have exceeded a secondary rate limit. Please wait a few minutes." });
const answer = (over: Partial<LimitedAnswer>): LimitedAnswer => ({ status: 403, headers: {}, text: "", ...over });
const waits = (over: Partial<LimitedAnswer>, inARow = 0) => {
  const until = decideLimit(answer(over), now, inARow);
  return until === null ? null : (until - now) / 1000;
};

describe("an answer about a limit", () => {
  it("is waited out for as long as it says", () => {
    expect(waits({ headers: { "retry-after": "30" } })).toBe(30);
    expect(waits({ status: 429, headers: { "retry-after": new Date(now + 90_000).toUTCString() } })).toBe(90);
  });

  it("of the secondary kind without a time waits a minute, and twice as long each time in a row, up to an hour", () => {
    expect([0, 1, 2, 5, 6, 50].map((inARow) => waits({ text: secondary }, inARow))).toEqual([
      60, 120, 240, 1920, 3600, 3600,
    ]);
  });

  it("of the secondary kind does not wait for the reset of a budget that is not used up", () => {
    const headers = { "x-ratelimit-remaining": "4000", "x-ratelimit-reset": String(now / 1000 + 3000) };
    expect(waits({ text: secondary, headers })).toBe(60);
  });

  it("of a budget that is used up waits for its reset", () => {
    const headers = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(now / 1000 + 3000) };
    expect(waits({ headers })).toBe(3000);
  });

  it("may look like one about wrong content", () => {
    const text = JSON.stringify({ message: "Validation Failed", errors: [{ message: "was submitted too quickly" }] });
    expect(waits({ status: 422, text })).toBe(60);
  });
});

it.each([
  { status: 403, text: JSON.stringify({ message: "Resource not accessible by personal access token" }) },
  { status: 404, text: JSON.stringify({ message: "Not Found" }) },
  { status: 422, text: JSON.stringify({ message: "Validation Failed" }) },
  { status: 502, text: secondary },
])("an answer %j is not about a limit", (over) => {
  expect(waits(over)).toBeNull();
});
