import { ManualClock, temporaryStore } from "@agent-control-plane/testkit";
import { seeded } from "@agent-control-plane/testkit/seeded-random";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { everyWrite } from "../fixtures/every-write.ts";
import { writeFaults } from "../fixtures/faults-of-a-write.ts";
import { type ForgeUnderTest, startForgeUnderTest } from "../fixtures/forge-under-test.ts";
import { faultGround, runFaults } from "../fixtures/run-faults.ts";

let under: ForgeUnderTest;

beforeAll(async () => {
  under = await startForgeUnderTest();
});
afterAll(() => under.remove());

/** Five neighbours go together; see `everyWrite`. */
const parts = [0, 5, 10, 15].map((first) => everyWrite.slice(first, first + 5));

describe("each kind of write", () => {
  it.each(writeFaults)("that meets %s is seen once, or is a dead letter that says why", async (fault) => {
    const clock = new ManualClock();
    const names = parts.map((_, part) => `${part}`);
    const ground = await faultGround({ under, clock, temporary: await temporaryStore({ clock }) }, names);
    const met: string[] = [];
    for (const [part, writes] of parts.entries()) {
      const run = {
        name: `${part}`,
        writes,
        faultsOf: () => [fault],
        random: seeded(Math.imul(part + 1, 0x9e3779b1)),
        ground,
      };
      const outcome = await runFaults(run);
      expect(outcome.problems).toEqual([]);
      met.push(...outcome.met);
    }
    expect(met.sort()).toEqual(everyWrite.map(({ kind }) => `${kind} ${fault}`).sort());
  });
});
