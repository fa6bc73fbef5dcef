import {
  type Amount,
  amountOf,
  type BudgetScope,
  type BudgetStop,
  type CostKind,
  costOf,
  type Day,
  dayOf,
  type Instant,
  largerUsage,
  nothingSpent,
  type PriceTable,
  priceOf,
  type SessionBudget,
  type SessionSpend,
  type SpendLimit,
  type Usage,
} from "@agent-control-plane/core";
import type { SessionEvent } from "../backends/backend.ts";

export interface SpendMeter {
  /** The events of one line of the stream. Answers the limit that was reached by them, when there is one. */
  saw(events: readonly SessionEvent[]): BudgetStop | null;
  /** What the stream's end says of the whole. */
  ended(usage: Usage): void;
  total(): SessionSpend & { readonly model: string | null };
  /** The store knows of `reported` now, and of what the profile's sessions spent in that day, and its flow's, it included. */
  counted(reported: Usage, ofDay: Amount, day: Day, ofFlow?: Amount): void;
  /** The first limit that what was spent so far has reached. */
  reached(): BudgetStop | null;
  /** Of now. */
  day(): Day;
}

/**
 * Counts what one session spends, and compares it with what it may. Nothing of it is durable: the store is told of the
 * total. Money that the backend does not report comes from the profile's prices, and from nowhere else.
 */
export function createSpendMeter(of: {
  readonly budget: SessionBudget | null;
  readonly prices: PriceTable;
  /** As it was asked for; the stream may name another. */
  readonly model: string | null;
  /** It runs on this host, and costs no money. */
  readonly isLocal: boolean;
  readonly now: () => Instant;
}): SpendMeter {
  const { budget, now } = of;
  let total: Usage = {};
  let costKind: CostKind | null = null;
  let { model } = of;
  let ofDay: Amount = budget?.day.spent ?? nothingSpent;
  let countedOfDay: Amount = nothingSpent;
  let day: Day = { from: 0, until: 0 };
  let inFlow = { spent: budget?.flow?.spent ?? nothingSpent, counted: nothingSpent as Amount };

  function add(said: Usage): void {
    const usage = largerUsage({}, said);
    total = largerUsage(total, usage);
    if (usage.costUsd !== undefined) {
      costKind = "reported";
      return;
    }
    if (costKind === "reported") return;
    if (of.isLocal) {
      costKind = "local";
      total = { ...total, costUsd: 0 };
      return;
    }
    const price = priceOf(of.prices, model);
    if (price === null) return;
    costKind = "priced";
    total = largerUsage(total, { costUsd: costOf(total, price) });
  }

  /** A new day begins with nothing spent but what comes from now on. */
  function lookAtDay(): Day {
    if (budget === null || now() < day.until) return day;
    if (day.until > 0) {
      ofDay = nothingSpent;
      countedOfDay = amountOf(total);
    }
    day = dayOf(now(), budget.day.timeZone);
    return day;
  }

  function reachedBy(turn: Amount): BudgetStop | null {
    if (budget === null) return null;
    const whole = amountOf(total);
    const today = plus(ofDay, less(whole, countedOfDay));
    return (
      reachedOf("turn", turn, budget.turn) ??
      reachedOf("run", whole, budget.run) ??
      reachedOf("item", whole, budget.item) ??
      reachedOf("breaker", whole, budget.breaker) ??
      (budget.flow ? reachedOf("flow", plus(inFlow.spent, less(whole, inFlow.counted)), budget.flow) : null) ??
      reachedOf("day", today, limitToday(budget.day))
    );
  }

  /** A raise is of the day it was made in. */
  function limitToday({ raised, ...usual }: SessionBudget["day"]): SpendLimit {
    return raised && now() < raised.until ? raised : usual;
  }

  lookAtDay();
  return {
    saw: (events) => {
      let reached: BudgetStop | null = null;
      for (const event of events) {
        if (event.kind === "started") model = event.model?.slice(0, longestModel) ?? model;
        if (event.kind !== "usage") continue;
        lookAtDay();
        const before = amountOf(total);
        add(event.usage);
        reached ??= reachedBy(less(amountOf(total), before));
      }
      // What is done is not stopped: it is charged, and the next start is judged by it.
      return events.some(({ kind }) => kind === "result") ? null : reached;
    },
    ended: add,
    total: () => ({ usage: total, costKind, model }),
    counted: (reported, spentInDay, inDay, ofFlow) => {
      if (ofFlow) inFlow = { spent: ofFlow, counted: amountOf(reported) };
      if (inDay.from !== lookAtDay().from) return;
      ofDay = spentInDay;
      countedOfDay = amountOf(reported);
    },
    reached: () => reachedBy(nothingSpent),
    day: lookAtDay,
  };
}

function reachedOf(scope: BudgetScope, spent: Amount, { usd, tokens }: SpendLimit): BudgetStop | null {
  if (usd !== null && spent.usd >= usd) return { scope, unit: "usd", spent: spent.usd, limit: usd };
  if (tokens !== null && spent.tokens >= tokens) return { scope, unit: "tokens", spent: spent.tokens, limit: tokens };
  return null;
}

/** Longer is no name of a model; it is stored and shown to people. */
const longestModel = 200;

const less = (one: Amount, other: Amount): Amount => ({
  tokens: Math.max(0, one.tokens - other.tokens),
  usd: Math.max(0, one.usd - other.usd),
});

const plus = (one: Amount, other: Amount): Amount => ({
  tokens: one.tokens + other.tokens,
  usd: one.usd + other.usd,
});
