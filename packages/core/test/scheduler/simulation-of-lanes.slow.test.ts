import { expect, it } from "vitest";
import { simulateLanes } from "./simulate-lanes.ts";

const hour = 60 * 60_000;
/** More, or others, by hand: ACP_FIRST_SEED=500 ACP_SEEDS=100. */
const first = Number(process.env.ACP_FIRST_SEED ?? 100);
const seeds = Array.from({ length: Number(process.env.ACP_SEEDS ?? 40) }, (_, index) => first + index);
const what = "keeps all lanes within their limits and comes to rest, whatever goes wrong";

it.each(seeds)(`${what} (seed %i)`, { timeout: 300_000 }, async (seed) => {
  expect(await simulateLanes(seed, 2 * hour)).toEqual([]);
});
