import { expect, it } from "vitest";
import { simulateLanes } from "./simulate-lanes.ts";

const minute = 60_000;
const what = "keeps all lanes within their limits and comes to rest, whatever goes wrong";

it.each([1])(`${what} (seed %i)`, { timeout: 300_000 }, async (seed) => {
  expect(await simulateLanes(seed, 60 * minute)).toEqual([]);
});
