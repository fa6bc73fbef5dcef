import { expect, it } from "vitest";
import { waitThrough } from "./wait-through.ts";

const hour = 60 * 60_000;

it("lets nobody overtake who has waited for an hour, through hours of more work than workers", async () => {
  const { wrong, longestMs } = await waitThrough(9);
  expect(wrong).toEqual([]);
  // There was something to wait for.
  expect(longestMs).toBeGreaterThan(hour);
});
