import { expect, it } from "vitest";
import { simulateLanes } from "./simulate-lanes.ts";

const minute = 60_000;

it.each([1, 2])(
  "keeps all lanes within their limits and comes to rest, whatever goes wrong (seed %i)",
  async (seed) => {
    expect(await simulateLanes(seed, 60 * minute)).toEqual([]);
  },
);
