import type { OutboxRow } from "@agent-control-plane/core";
import { expect, it } from "vitest";
import { waitsInWords, whyItWaits } from "./why-it-waits.ts";

const now = 1_800_000_000_000;
const row = {
  id: 7,
  state: "pending",
  needsId: null,
  nextAt: now - 5,
  claimedUntil: null,
  lastError: null,
} as Partial<OutboxRow> as OutboxRow;
const first = { id: 7, behindId: null, neededState: null };
const minute = { profileId: "p", until: now + 60_000, why: "minute" } as const;
const cooldown = { ...minute, why: "cooldown" } as const;
const paced = { nextAt: now + 9, lastError: "pace: at most 80 writes a minute with this token" };

const cases: readonly (readonly [string, Partial<OutboxRow>, object, string | null])[] = [
  ["nothing", {}, {}, "due"],
  ["its verdict is there", { state: "failed" }, {}, null],
  ["a person's approval", { state: "failed", lastError: "withdrawn: approval-needed" }, {}, "approval"],
  ["the end of what holds it back", { state: "failed", lastError: "withdrawn: held" }, {}, "held-back"],
  ["a deliverer", { claimedUntil: now + 5 }, { pace: minute }, `claimed until ${new Date(now + 5).toISOString()}`],
  ["nobody: that deliverer is gone", { claimedUntil: now }, {}, "due"],
  ["a row it needs", { needsId: 3 }, { standing: { ...first, neededState: "pending", behindId: 2 } }, "needs 3"],
  ["its stream", { nextAt: now + 5 }, { standing: { ...first, behindId: 2 } }, "behind 2"],
  ["the pace", {}, { pace: minute }, `pace until ${new Date(now + 60_000).toISOString()}`],
  ["the pace, as it was told", paced, {}, `pace until ${new Date(now + 9).toISOString()}`],
  ["a limit", {}, { pace: cooldown }, `limit until ${new Date(now + 60_000).toISOString()}`],
  ["its next try", { nextAt: now + 5, lastError: "502" }, {}, `later until ${new Date(now + 5).toISOString()}`],
  ["what ends last", { nextAt: now + 99_000 }, { pace: minute }, `later until ${new Date(now + 99_000).toISOString()}`],
];
it.each(cases)("a row waits for %s", (_, changes, around, said) => {
  const waits = whyItWaits({ ...row, ...changes }, { now, standing: first, pace: undefined, ...around });
  expect(waits && waitsInWords(waits)).toBe(said);
});
