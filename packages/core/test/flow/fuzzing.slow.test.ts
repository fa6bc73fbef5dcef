import { expect, it } from "vitest";
import { fuzzInboxes } from "./fuzzed-inbox.ts";
import { fuzzMailbox, fuzzPlans } from "./fuzzed-inputs.ts";
import { tryMutations } from "./mutated-plans.ts";

it("10,000 fuzzed plans: each is a plan, or has problems with line and reason", async () => {
  expect(await fuzzPlans(10_000, 10_000)).toBeGreaterThan(500);
}, 300_000);

it("10,000 fuzzed pieces of a mailbox: each line is a command, or a problem with line and reason", () => {
  expect(fuzzMailbox(10_000, 10_000)).toBeGreaterThan(2000);
}, 300_000);

it("10,000 valid plans that were changed: each is a plan without a key that was passed over, or has problems", async () => {
  expect(await tryMutations(10_000, 10_000)).toBeGreaterThan(500);
}, 300_000);

it("10,000 fuzzed pieces of inboxes, read by their keepers: each line is answered once, and what was not done is said", async () => {
  const { applied, refused, malformed, repeat, blank } = await fuzzInboxes(10_000, 10_000);
  for (const count of [applied, refused, malformed, repeat, blank]) expect(count).toBeGreaterThan(300);
}, 600_000);
