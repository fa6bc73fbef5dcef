import { expect, it, vi } from "vitest";
import { waitThrough } from "./wait-through.ts";

// Thousands of steps of a simulated world: seconds on an idle machine.
vi.setConfig({ testTimeout: 300_000 });

const hour = 60 * 60_000;

it("lets nobody overtake who has waited for an hour, through hours of more work than workers", async () => {
  const { wrong, longestMs } = await waitThrough(9);
  expect(wrong).toEqual([]);
  // There was something to wait for.
  expect(longestMs).toBeGreaterThan(hour);
});
