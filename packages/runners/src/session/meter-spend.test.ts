import { noLimit, nothingSpent, type SessionBudget } from "@agent-control-plane/core";
import { expect, it } from "vitest";
import { createSpendMeter } from "./meter-spend.ts";

const budget: SessionBudget = {
  ...{ turn: noLimit, run: noLimit, item: noLimit, breaker: noLimit },
  flow: { usd: null, tokens: 1000, spent: { usd: 0, tokens: 300 } },
  day: { ...noLimit, timeZone: "UTC", spent: nothingSpent },
};
const used = (inputTokens: number) => [{ at: 1, kind: "usage" as const, usage: { inputTokens } }];

it("a flow's budget is shared: what its other sessions spend meanwhile counts with the next report", () => {
  const meter = createSpendMeter({ budget, prices: [], model: null, isLocal: false, now: () => 1 });
  expect(meter.saw(used(400))).toBeNull();
  // 300 of others before, 150 of others since, and ours of then.
  meter.counted({ inputTokens: 400 }, nothingSpent, meter.day(), { usd: 0, tokens: 850 });
  expect(meter.saw(used(500))).toBeNull();
  expect(meter.saw(used(550))).toEqual({ scope: "flow", unit: "tokens", spent: 1000, limit: 1000 });
});
