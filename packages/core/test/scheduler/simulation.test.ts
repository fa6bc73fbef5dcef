import { expect, it } from "vitest";
import { simulate } from "./simulate.ts";

const hour = 60 * 60_000;

it.each([1, 2, 3, 4])(
  "publishes every issue once and leaves nothing behind, whatever goes wrong (seed %i)",
  async (seed) => {
    expect(await simulate(seed, hour)).toEqual([]);
  },
);
