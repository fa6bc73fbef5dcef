import { seeded } from "@agent-control-plane/testkit/seeded-random";
import { describe, expect, it } from "vitest";
import { type Amount, type BudgetPolicy, type ItemSpend, noBudgets, nothingSpent } from "../../domain/spend.ts";
import { dayOf } from "./day-of.ts";
import { type DaySpend, judgeBudget } from "./judge-budget.ts";
import { costOf, priceOf } from "./price-of.ts";
import { receiptOf } from "./receipt.ts";

const noon = Date.UTC(2026, 2, 1, 12);
const today = (spent: Amount = nothingSpent): DaySpend => ({ spent, until: noon + 43_200_000 });
const amount = (usd: number, tokens = 0): Amount => ({ usd, tokens });

const item = (over: Partial<ItemSpend> = {}): ItemSpend => ({
  ...{ total: nothingSpent, sessions: 1, unknownCost: 0, backend: "codex", model: "m", acceptedAt: null },
  ...{ acceptedTotal: nothingSpent, failedSince: 0, raise: null, stop: null },
  ...over,
});
const raise = (over: Partial<NonNullable<ItemSpend["raise"]>> = {}) => ({
  ...{ id: 3, subject: "issue:1", usd: null, tokens: null, base: amount(5), actor: "ann", reason: "", at: noon },
  ...over,
});
const limits: BudgetPolicy = {
  turn: { usd: 1, tokens: null },
  run: { usd: 2, tokens: 900 },
  item: { usd: 5, tokens: 1_000 },
  breaker: { usd: 3, tokens: null, sessions: 4 },
  day: { usd: 20, tokens: 9_000 },
};
const judge = (spent: ItemSpend | undefined, day = today(), policy = limits) => judgeBudget(policy, spent, day, "UTC");
const said = (...given: Parameters<typeof judge>): string => {
  const verdict = judge(...given);
  return verdict.kind === "room" ? "room" : `${verdict.because}: ${verdict.detail}`;
};

describe("an item may start", () => {
  it.each<[string, string, ItemSpend | undefined, Amount?]>([
    ["of which nothing is known", "room", undefined],
    ["a cent below its limit", "room", item({ total: amount(4.99), acceptedTotal: amount(3) })],
    [
      "at its limit in money",
      "budget-spent: the limit on one item: $5.00 of $5.00",
      item({ total: amount(5), acceptedTotal: amount(5) }),
    ],
    [
      "at its limit in tokens",
      "budget-spent: the limit on one item: 1,000 tokens of 1,000 tokens",
      item({ total: amount(0, 1_000) }),
    ],
    ["that spent without a change of its state", "breaker-open: $3.00 of $3.00", item({ total: amount(3) })],
    ["whose state changed since", "room", item({ total: amount(4), acceptedTotal: amount(2), acceptedAt: noon })],
    [
      "that failed as often as it may",
      "breaker-open: 4 sessions since its state last changed, at most 4",
      item({ failedSince: 4 }),
    ],
    [
      "of which a run was stopped",
      "budget-spent: the limit on one run: $2.10 of $2.00, in session s1",
      item({ stop: { sessionId: "s1", stop: { scope: "run", unit: "usd", spent: 2.1, limit: 2 } } }),
    ],
    [
      "whose backend stopped by itself",
      "budget-spent: a limit of its backend, in session s1",
      item({ stop: { sessionId: "s1", stop: null } }),
    ],
    [
      "on a day that has spent all",
      "day-budget-spent: $20.00 of $20.00 today, until 2026-03-02T00:00:00.000Z",
      undefined,
      amount(20),
    ],
    ["with all of it raised", "room", item({ total: amount(5), raise: raise() })],
    [
      "that spent the raise, too",
      "budget-spent: the limit on one item: $5.00 of $5.00",
      item({ total: amount(10), acceptedTotal: amount(10), raise: raise() }),
    ],
    [
      "that spent less than it was raised by",
      "room",
      item({ total: amount(14), raise: raise({ usd: 10, base: amount(5) }) }),
    ],
    [
      "raised by less than the profile's limit",
      "budget-spent: the limit on one item: $1.00 of $1.00",
      item({ total: amount(6), raise: raise({ usd: 1 }) }),
    ],
    [
      "raised by more than the breaker takes, of which something came meanwhile",
      "breaker-open: $3.00 of $3.00",
      item({ total: amount(12), acceptedTotal: amount(9), acceptedAt: noon + 1, raise: raise({ usd: 10 }) }),
    ],
  ])("%s: %s", (_, expected, spent, ofDay) => {
    expect(said(spent, today(ofDay))).toBe(expected);
  });

  it("without limits, whatever was spent", () => {
    expect(said(item({ total: amount(1e6, 1e15), failedSince: 99 }), today(amount(1e6)), noBudgets)).toBe("room");
  });

  it("with what is left of the item and of the breaker", () => {
    const verdict = judge(item({ total: amount(1.25, 400) }), today(amount(7, 70)));
    expect(verdict).toMatchObject({
      kind: "room",
      budget: {
        turn: { usd: 1, tokens: null },
        run: { usd: 2, tokens: 900 },
        item: { usd: 3.75, tokens: 600 },
        breaker: { usd: 1.75, tokens: null },
        day: { usd: 20, tokens: 9_000, timeZone: "UTC", spent: amount(7, 70) },
      },
    });
  });

  it("never over a limit, and never with nothing left, whatever the numbers (property)", () => {
    const random = seeded(7);
    const upTo = (most: number) => Math.floor(random() * (most + 1));
    let rooms = 0;
    for (let round = 0; round < 2_000; round++) {
      const total = amount(upTo(700) / 100, upTo(1_200));
      const acceptedTotal = amount(upTo(total.usd * 100) / 100, upTo(total.tokens));
      const base = amount(upTo(total.usd * 100) / 100, upTo(total.tokens));
      const spent = item({
        total,
        acceptedTotal,
        raise: random() < 0.5 ? null : raise({ base, usd: upTo(6) || null }),
      });
      const verdict = judge(spent, today(amount(upTo(25), upTo(9_500))));
      if (verdict.kind === "hold") continue;
      rooms += 1;
      const { run, item: left, breaker, day } = verdict.budget;
      for (const limit of [run.usd, run.tokens, left.usd, left.tokens, breaker.usd]) expect(limit).toBeGreaterThan(0);
      expect(day.spent.usd).toBeLessThan(20);
      expect(total.usd - (spent.raise?.base.usd ?? 0)).toBeLessThan(spent.raise?.usd ?? 5);
    }
    expect(rooms).toBeGreaterThan(200);
  });
});

describe("a receipt", () => {
  const held = (spent: ItemSpend, day = today()) => {
    const verdict = judge(spent, day);
    if (verdict.kind === "room") throw new Error("it is not held");
    return receiptOf("web", "issue:7", verdict, spent);
  };

  it("says what was spent, by how many sessions, on which model, and how it goes on", () => {
    const receipt = held(item({ total: amount(5.5, 1_234_567), sessions: 3, unknownCost: 1 }));
    const [row] = receipt?.rows ?? [];
    expect(row).toMatchObject({ kind: "comment", stream: "web/issue:7", idempotencyKey: "web/issue:7/budget/item/0" });
    const { body } = (row?.body ?? { body: "" }) as { readonly body: string };
    for (const text of [
      "$5.50 of $5.00",
      "Sessions: 3",
      "codex m",
      "1.23M tokens",
      "unknown cost of 1 session",
      "acp budget raise 7",
    ]) {
      expect(body).toContain(text);
    }
  });

  it("is another one after a raise, and the same as long as nothing changes", () => {
    const spent = item({ total: amount(50) });
    expect(held(spent)?.key).toBe(held({ ...spent, sessions: 9 })?.key);
    expect(held({ ...spent, raise: raise() })?.key).not.toBe(held(spent)?.key);
  });

  it("is not written for a day that is spent: it ends by itself", () => {
    expect(held(item(), today(amount(20)))).toBeNull();
  });
});

describe("a day", () => {
  const hours = ({ from, until }: { from: number; until: number }) => (until - from) / 3_600_000;

  it.each([
    ["UTC", "2026-03-01T12:00:00Z", 24],
    ["Europe/Stockholm", "2026-03-29T12:00:00Z", 23],
    ["Europe/Stockholm", "2026-10-25T00:30:00Z", 25],
    ["Asia/Kathmandu", "2026-03-01T12:00:00Z", 24],
    ["Asia/Beirut", "2026-03-29T12:00:00Z", 23],
    ["America/Havana", "2026-11-01T04:30:00Z", 25],
  ])("in %s at %s has %i hours, and begins at a quarter of an hour", (zone, at, expected) => {
    const moment = Date.parse(at);
    const day = dayOf(moment, zone);
    expect(hours(day)).toBe(expected);
    expect(day.from % 900_000).toBe(0);
    expect(day.from).toBeLessThanOrEqual(moment);
    expect(day.until).toBeGreaterThan(moment);
    expect(dayOf(day.until, zone).from).toBe(day.until);
    expect(dayOf(day.until - 1, zone)).toEqual(day);
  });
});

describe("the price of a model", () => {
  const price = (input: number) => ({ input, cachedInput: input / 10, output: 5 * input });
  const prices = [
    { model: "big-*-2026", price: price(10) },
    { model: "*/small", price: price(1) },
    { model: "big-*", price: price(5) },
  ];

  it.each([
    ["big-x-2026", 10],
    ["BIG-x", 5],
    ["vendor/small", 1],
    ["vendor/smaller", null],
    ["big", null],
    ["big-2026", 5],
    [null, null],
  ])("%s is that of the first pattern that fits: %s", (model, expected) => {
    expect(priceOf(prices, model)?.input ?? null).toBe(expected);
  });

  it("is for a million tokens of each kind", () => {
    expect(costOf({ inputTokens: 100_000, cachedInputTokens: 1_000_000, outputTokens: 10_000 }, price(10))).toBe(2.5);
    expect(costOf({}, price(10))).toBe(0);
  });
});

it("a raised day goes on from what was spent by then, its sessions are told until when, and what is off stays off", () => {
  const spent = amount(20, 9_500);
  const raised = { usd: 7, tokens: null, base: amount(20, 9_200) };
  expect(said(undefined, today(spent))).toMatch(/^day-budget-spent/);
  const room = judge(undefined, { ...today(spent), raise: raised });
  expect(room).toMatchObject({
    kind: "room",
    budget: { day: { usd: 20, tokens: 9_000, raised: { usd: 27, tokens: 18_200, until: noon + 43_200_000 } } },
  });
  expect(said(undefined, { ...today(amount(27, 0)), raise: raised })).toMatch(/^day-budget-spent: \$27.00 of \$27.00/);
  const unlimited = { ...limits, day: { usd: null, tokens: null } };
  expect(said(undefined, { ...today(spent), raise: raised }, unlimited)).toBe("room");
});
