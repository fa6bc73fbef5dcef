import { expect, it } from "vitest";
import { fuzzMailbox, fuzzPlans } from "./fuzzed-inputs.ts";

it("500 fuzzed plans: each is a plan, or has problems with line and reason", async () => {
  expect(await fuzzPlans(1, 500)).toBeGreaterThan(20);
});

it("500 fuzzed pieces of a mailbox: each line is a command, or a problem with line and reason", () => {
  expect(fuzzMailbox(1, 500)).toBeGreaterThan(100);
});
