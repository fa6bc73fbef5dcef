import type { HoldReason } from "../../domain/hold-reason.ts";
import {
  type Amount,
  type BudgetPolicy,
  type BudgetRaise,
  type BudgetScope,
  type ItemSpend,
  nothingSpent,
  type SessionBudget,
  type SpendLimit,
} from "../../domain/spend.ts";
import type { Instant } from "../../domain/time.ts";
import { inDollars, inTokens } from "./amount-text.ts";

/** What the profile's sessions spent in the day that is. */
export interface DaySpend {
  readonly spent: Amount;
  readonly until: Instant;
  /** The newest raise in that day. */
  readonly raise?: Pick<BudgetRaise, "usd" | "tokens" | "base"> | null;
}

export type BudgetVerdict =
  | {
      readonly kind: "hold";
      readonly because: Extract<HoldReason, "budget-spent" | "breaker-open" | "day-budget-spent">;
      readonly scope: BudgetScope;
      /** The numbers, for people. */
      readonly detail: string;
    }
  | { readonly kind: "room"; readonly budget: SessionBudget };

/**
 * Pure. Whether a session for this item may start, and what it may spend. Every limit is judged by what is stored, so
 * that no restart of anything changes the answer; a raise counts what was spent before it as paid.
 */
export function judgeBudget(
  policy: BudgetPolicy,
  item: ItemSpend | undefined,
  day: DaySpend,
  timeZone: string,
): BudgetVerdict {
  const own = limitsOfItem(policy, item);
  if (item?.stop) {
    const { sessionId, stop } = item.stop;
    const what = stop
      ? `${scopeWords[stop.scope]}: ${said(stop.unit, stop.spent, stop.limit)}`
      : "a limit of its backend";
    return {
      kind: "hold",
      because: "budget-spent",
      scope: stop?.scope ?? "run",
      detail: `${what}, in session ${sessionId}`,
    };
  }
  const reached = firstReached(own.item);
  if (reached)
    return { kind: "hold", because: "budget-spent", scope: "item", detail: `${scopeWords.item}: ${reached}` };
  const broken = firstReached(own.breaker) ?? tooManyFailed(policy, item);
  if (broken) return { kind: "hold", because: "breaker-open", scope: "breaker", detail: broken };
  const ofDay = { spent: day.spent, limit: limitOfDay(policy.day, day.raise) };
  const over = firstReached(ofDay);
  if (over) {
    const detail = `${over} today, until ${new Date(day.until).toISOString()}`;
    return { kind: "hold", because: "day-budget-spent", scope: "day", detail };
  }
  return {
    kind: "room",
    budget: {
      turn: policy.turn,
      run: policy.run,
      item: leftOf(own.item),
      breaker: leftOf(own.breaker),
      day: {
        ...policy.day,
        ...{ timeZone, spent: day.spent },
        ...(day.raise ? { raised: { ...ofDay.limit, until: day.until } } : {}),
      },
    },
  };
}

export const scopeWords: { readonly [scope in BudgetScope]: string } = {
  turn: "the limit on one turn",
  run: "the limit on one run",
  item: "the limit on one item",
  breaker: "the limit without a change of its state",
  flow: "the budget of its flow",
  day: "the limit on one day",
};

interface Counted {
  readonly spent: Amount;
  readonly limit: SpendLimit;
}

/** What counts against the limits of one item, and the limits as a raise left them. */
export function limitsOfItem(
  { item: limit, breaker }: BudgetPolicy,
  item: ItemSpend | undefined,
): { readonly item: Counted; readonly breaker: Counted } {
  const { total = nothingSpent, acceptedTotal = nothingSpent, acceptedAt = null, raise = null } = item ?? {};
  const base = raise?.base ?? nothingSpent;
  const given: SpendLimit = { usd: raise?.usd ?? null, tokens: raise?.tokens ?? null };
  // A raise is a person's word that it may go on: until something came of it, the breaker allows as much.
  const isRaiseNewer = raise !== null && raise.at > (acceptedAt ?? -1);
  return {
    item: { spent: since(total, base), limit: replaced(limit, given) },
    breaker: {
      spent: since(total, larger(base, acceptedTotal)),
      limit: isRaiseNewer ? replaced(breaker, larger(breaker, given)) : breaker,
    },
  };
}

/** Pure. What the profile may spend in a day: a raise gives as much more, or as was named, from what was spent by then. */
export function limitOfDay(limit: SpendLimit, raise: DaySpend["raise"]): SpendLimit {
  if (!raise) return limit;
  const { usd, tokens } = replaced(limit, raise);
  return {
    usd: usd === null ? null : rounded(usd + raise.base.usd),
    tokens: tokens === null ? null : tokens + raise.base.tokens,
  };
}

/** What is switched off stays off. */
const replaced = (limit: SpendLimit, given: SpendLimit): SpendLimit => ({
  usd: limit.usd === null ? null : (given.usd ?? limit.usd),
  tokens: limit.tokens === null ? null : (given.tokens ?? limit.tokens),
});

const since = (total: Amount, base: Amount): Amount => ({
  tokens: Math.max(0, total.tokens - base.tokens),
  usd: rounded(Math.max(0, total.usd - base.usd)),
});

function larger(one: SpendLimit, other: SpendLimit): Amount {
  return {
    tokens: Math.max(one.tokens ?? 0, other.tokens ?? 0),
    usd: Math.max(one.usd ?? 0, other.usd ?? 0),
  };
}

/** Money is stored in millionths: what is smaller is the noise of binary fractions. */
const rounded = (usd: number): number => Math.round(usd * 1e6) / 1e6;

function firstReached({ spent, limit }: Counted): string | null {
  if (limit.usd !== null && spent.usd >= limit.usd) return said("usd", spent.usd, limit.usd);
  if (limit.tokens !== null && spent.tokens >= limit.tokens) return said("tokens", spent.tokens, limit.tokens);
  return null;
}

function tooManyFailed({ breaker }: BudgetPolicy, item: ItemSpend | undefined): string | null {
  const failed = item?.failedSince ?? 0;
  if (breaker.sessions === null || failed < breaker.sessions) return null;
  return `${failed} sessions since its state last changed, at most ${breaker.sessions}`;
}

const leftOf = ({ spent, limit }: Counted): SpendLimit => ({
  usd: limit.usd === null ? null : rounded(limit.usd - spent.usd),
  tokens: limit.tokens === null ? null : limit.tokens - spent.tokens,
});

function said(unit: "usd" | "tokens", spent: number, limit: number): string {
  const words = unit === "usd" ? inDollars : inTokens;
  return `${words(spent)} of ${words(limit)}`;
}
