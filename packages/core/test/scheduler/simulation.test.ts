import { expect, it } from "vitest";
import { simulate } from "./simulate.ts";

const hour = 60 * 60_000;

it.each([1, 2, 3, 4])(
  "publishes every issue once and leaves nothing behind, whatever goes wrong (seed %i)",
  async (seed) => {
    expect(await simulate(seed, hour)).toEqual([]);
  },
);

// A person's hold met a pull request whose reply was lost: its comment was held back and had to go on after the hold.
it("sends what was held back of work that had left (seed 125)", async () => {
  expect(await simulate(125, 2 * hour)).toEqual([]);
});
