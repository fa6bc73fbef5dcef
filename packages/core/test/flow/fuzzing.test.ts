import { expect, it } from "vitest";
import { fuzzInboxes } from "./fuzzed-inbox.ts";
import { fuzzMailbox, fuzzPlans } from "./fuzzed-inputs.ts";
import { tryMutations } from "./mutated-plans.ts";

it("500 fuzzed plans: each is a plan, or has problems with line and reason", async () => {
  expect(await fuzzPlans(1, 500)).toBeGreaterThan(20);
});

it("500 fuzzed pieces of a mailbox: each line is a command, or a problem with line and reason", () => {
  expect(fuzzMailbox(1, 500)).toBeGreaterThan(100);
});

it("500 valid plans that were changed: each is a plan without a key that was passed over, or has problems", async () => {
  expect(await tryMutations(1, 500)).toBeGreaterThan(10);
});

it("150 fuzzed pieces of inboxes, read by their keepers: each line is answered once, and what was not done is said", async () => {
  const { applied, refused, malformed, repeat, blank } = await fuzzInboxes(1, 150);
  for (const count of [applied, refused, malformed, repeat, blank]) expect(count).toBeGreaterThan(5);
});
