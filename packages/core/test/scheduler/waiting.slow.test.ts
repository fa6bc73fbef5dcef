import { expect, it } from "vitest";
import { waitThrough } from "./wait-through.ts";

const hour = 60 * 60_000;

it("lets nobody overtake who has waited for an hour, through a day of more work than workers", async () => {
  const { wrong, longestMs } = await waitThrough(24);
  expect(wrong).toEqual([]);
  expect(longestMs).toBeGreaterThan(hour);
}, 300_000);
