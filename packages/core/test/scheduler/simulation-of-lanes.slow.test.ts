import { expect, it } from "vitest";
import { simulateLanes } from "./simulate-lanes.ts";

const hour = 60 * 60_000;
/** More, or others, by hand: ACP_FIRST_SEED=500 ACP_SEEDS=100. */
const first = Number(process.env.ACP_FIRST_SEED ?? 100);
const seeds = Array.from({ length: Number(process.env.ACP_SEEDS ?? 40) }, (_, index) => first + index);
const what = "keeps all lanes within their limits and comes to rest, whatever goes wrong";

// An open defect: in this world a repair's push is sent although somebody set the hold label. When this fails, it is mended.
const open = [109];
it.fails.each(open)("sends nothing of what is held (open: seed %i)", { timeout: 300_000 }, async (seed) => {
  expect(await simulateLanes(seed, 2 * hour)).toEqual([]);
});

it.each(seeds.filter((seed) => !open.includes(seed)))(`${what} (seed %i)`, { timeout: 300_000 }, async (seed) => {
  expect(await simulateLanes(seed, 2 * hour)).toEqual([]);
});
