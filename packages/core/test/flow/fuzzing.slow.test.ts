import { expect, it } from "vitest";
import { fuzzMailbox, fuzzPlans } from "./fuzzed-inputs.ts";

it("10,000 fuzzed plans: each is a plan, or has problems with line and reason", async () => {
  expect(await fuzzPlans(10_000, 10_000)).toBeGreaterThan(500);
}, 300_000);

it("10,000 fuzzed pieces of a mailbox: each line is a command, or a problem with line and reason", () => {
  expect(fuzzMailbox(10_000, 10_000)).toBeGreaterThan(2000);
}, 300_000);
