import { ManualClock, temporaryStore } from "@agent-control-plane/testkit";
import { seeded } from "@agent-control-plane/testkit/seeded-random";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type EveryWrite, everyWrite } from "../fixtures/every-write.ts";
import { type WriteFault, writeFaults } from "../fixtures/faults-of-a-write.ts";
import { type ForgeUnderTest, startForgeUnderTest } from "../fixtures/forge-under-test.ts";
import { faultGround, runFaults } from "../fixtures/run-faults.ts";

// 1,000 seeds; `ACP_FAULT_SEED=17` runs that one alone. Each seed writes five kinds of rows in two streams over the
// real local forge, with up to three faults each.
const onlySeed = process.env.ACP_FAULT_SEED === undefined ? null : Number(process.env.ACP_FAULT_SEED);
const seedCount = 1_000;
const seedsAtOnce = 50;
const rowsOfASeed = 5;

let under: ForgeUnderTest;
/** How often each kind has met each fault. */
const meetings = new Map<string, number>();

beforeAll(async () => {
  under = await startForgeUnderTest();
});
afterAll(() => under.remove());

const batches =
  onlySeed === null
    ? Array.from({ length: seedCount / seedsAtOnce }, (_, batch) => ({
        first: batch * seedsAtOnce,
        last: (batch + 1) * seedsAtOnce - 1,
      }))
    : [{ first: onlySeed, last: onlySeed }];

it.each(batches)(
  "seeds $first to $last: each write is seen once, or is a dead letter that says why",
  async ({ first, last }) => {
    const clock = new ManualClock();
    const seeds = Array.from({ length: last - first + 1 }, (_, index) => first + index);
    const ground = await faultGround({ under, clock, temporary: await temporaryStore({ clock }) }, seeds.map(String));
    for (const seed of seeds) {
      const random = seeded(Math.imul(seed + 1, 0x9e3779b1));
      const writes = Array.from({ length: rowsOfASeed }, (_, index) => writeOf(seed * rowsOfASeed + index));
      const faults = writes.map(() => faultsFrom(random));
      const faultsOf = (index: number) => faults[index] ?? [];
      const { problems, met } = await runFaults({ name: String(seed), writes, faultsOf, random, ground });
      for (const pair of met) meetings.set(pair, (meetings.get(pair) ?? 0) + 1);
      expect(problems, `ACP_FAULT_SEED=${seed} runs this one again`).toEqual([]);
    }
  },
  600_000,
);

it.skipIf(onlySeed !== null)("each kind of write has met each kind of trouble", () => {
  const pairs = everyWrite.flatMap(({ kind }) => writeFaults.map((fault) => `${kind} ${fault}`));
  expect(pairs.filter((pair) => (meetings.get(pair) ?? 0) < 3)).toEqual([]);
});

const writeOf = (index: number) => everyWrite[index % everyWrite.length] as EveryWrite;

function faultsFrom(random: () => number): WriteFault[] {
  const count = [0, 1, 1, 1, 2, 2, 3][Math.floor(random() * 7)] ?? 0;
  return Array.from({ length: count }, () => writeFaults[Math.floor(random() * writeFaults.length)] ?? "502");
}
