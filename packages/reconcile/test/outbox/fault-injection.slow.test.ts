import { ManualClock, temporaryStore } from "@agent-control-plane/testkit";
import { seeded } from "@agent-control-plane/testkit/seeded-random";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type EveryWrite, everyWrite } from "../fixtures/every-write.ts";
import { type WriteFault, writeFaults } from "../fixtures/faults-of-a-write.ts";
import { type ForgeUnderTest, startForgeUnderTest } from "../fixtures/forge-under-test.ts";
import { faultGround, runFaults } from "../fixtures/run-faults.ts";

// 1,000 seeds for every kind of write; `ACP_FAULT_SEED=17` runs that one alone, `ACP_FAULT_SEEDS=100` the first hundred.
// Each seed writes a row of each kind over the real local forge, on two grounds (what merges a pull request does not
// stand beside what closes it) and in two streams each, with up to three faults a row.
const onlySeed = process.env.ACP_FAULT_SEED === undefined ? null : Number(process.env.ACP_FAULT_SEED);
const seedCount = Number(process.env.ACP_FAULT_SEEDS ?? 1_000);
const seedsAtOnce = Math.min(50, seedCount);
const halves = [0, 1].map((half) => everyWrite.filter((_, index) => index % 2 === half));
/** A row meets 1.4 faults on average, any of them as likely as the others. */
const leastMeetings = Math.floor((seedCount * 1.4) / writeFaults.length / 2);

let under: ForgeUnderTest;
/** How often each kind has met each fault. */
const meetings = new Map<string, number>();
/** Rows of each kind that had their verdict. */
const rows = new Map<string, number>();

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
    const runs = seeds.flatMap((seed) => halves.map((of, half) => ({ seed, of, name: `${seed}-${half}` })));
    const names = runs.map(({ name }) => name);
    const ground = await faultGround({ under, clock, temporary: await temporaryStore({ clock }) }, names);
    for (const { seed, of, name } of runs) {
      const random = seeded(Math.imul(seed + 1, 0x9e3779b1) + of.length);
      const writes = shuffled(of, random);
      const faults = writes.map(() => faultsFrom(random));
      const faultsOf = (index: number) => faults[index] ?? [];
      const { problems, met } = await runFaults({ name, writes, faultsOf, random, ground });
      for (const pair of met) count(meetings, pair);
      for (const { kind } of writes) count(rows, kind);
      expect(problems, `ACP_FAULT_SEED=${seed} runs this one again`).toEqual([]);
    }
  },
  600_000,
);

it.skipIf(onlySeed !== null)(
  "each kind of write was made once with each seed, and has met each kind of trouble often",
  () => {
    expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(everyWrite.map(({ kind }) => [kind, seedCount])));
    const pairs = everyWrite.flatMap(({ kind }) => writeFaults.map((fault) => `${kind} ${fault}`));
    expect(pairs.filter((pair) => (meetings.get(pair) ?? 0) < leastMeetings)).toEqual([]);
  },
);

const count = (counts: Map<string, number>, of: string) => counts.set(of, (counts.get(of) ?? 0) + 1);

/** Any order of them, each as likely. */
function shuffled(writes: readonly EveryWrite[], random: () => number): readonly EveryWrite[] {
  const drawn = writes.map((write) => ({ write, at: random() }));
  return drawn.sort((a, b) => a.at - b.at).map(({ write }) => write);
}

function faultsFrom(random: () => number): WriteFault[] {
  const count = [0, 1, 1, 1, 2, 2, 3][Math.floor(random() * 7)] ?? 0;
  return Array.from({ length: count }, () => writeFaults[Math.floor(random() * writeFaults.length)] ?? "502");
}
