import type { Usage } from "./session.ts";
import type { Instant, Millis } from "./time.ts";

/**
 * Where a session's money is known from: the backend said it, the profile's prices times its tokens, or it runs on this
 * host and costs nothing. Unknown otherwise: tokens are counted all the same.
 */
export const costKinds = ["reported", "priced", "local"] as const;
export type CostKind = (typeof costKinds)[number];

/** What a session has spent so far: its running total, never an increment, so that a repeated report counts once. */
export interface SessionSpend {
  readonly usage: Usage;
  readonly costKind: CostKind | null;
}

/** Tokens of every kind together, and US dollars as far as they are known. */
export interface Amount {
  readonly tokens: number;
  readonly usd: number;
}

export const nothingSpent: Amount = { tokens: 0, usd: 0 };

/** What a limit on tokens counts: those read from a cache cost less and still fill the model's time. */
export const tokensOf = ({ inputTokens = 0, cachedInputTokens = 0, outputTokens = 0 }: Usage): number =>
  inputTokens + cachedInputTokens + outputTokens;

export const amountOf = (usage: Usage): Amount => ({ tokens: tokensOf(usage), usd: usage.costUsd ?? 0 });

/**
 * Counter by counter the larger one: totals of one session in any order, and as often as they come, come to the same.
 * What a program says may be anything: what is no count is left out, tokens are whole, and there is a most.
 */
export function largerUsage(one: Usage, other: Usage): Usage {
  const larger: { -readonly [name in keyof Usage]: Usage[name] } = {};
  for (const name of usageCounters) {
    const counts = [one[name], other[name]].filter(isCount);
    if (counts.length > 0) larger[name] = bounded(name, Math.max(...counts));
  }
  return larger;
}

export const usageCounters = ["inputTokens", "cachedInputTokens", "outputTokens", "costUsd"] as const;

const isCount = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value) && value >= 0;

/** Far above what a session can spend, and far below what sums of many of them hold exactly. */
const most = { tokens: 1e12, usd: 1e6 } as const;

const bounded = (name: (typeof usageCounters)[number], count: number): number =>
  name === "costUsd" ? Math.min(count, most.usd) : Math.min(Math.ceil(count), most.tokens);

/**
 * More than any session can have spent by then, with many agents side by side in it: what a stream claims beyond that is
 * somebody's invention, and must not use up what all others may spend.
 */
export function plausibleUsage(said: Usage, ranMs: Millis): Usage {
  const seconds = Math.max(0, ranMs) / 1_000;
  const tokens = Math.floor(plausible.tokens + seconds * plausible.tokensASecond);
  const usd = plausible.usd + seconds * plausible.usdASecond;
  const bounded: { -readonly [name in keyof Usage]: Usage[name] } = {};
  for (const name of usageCounters) {
    const count = said[name];
    if (count !== undefined) bounded[name] = Math.min(count, name === "costUsd" ? usd : tokens);
  }
  return bounded;
}

/** At once, and in each second of its run. */
const plausible = { tokens: 50_000_000, tokensASecond: 1_000_000, usd: 50, usdASecond: 5 } as const;

/** What was spent on one issue or pull request by all its sessions, and what a person has said to it. */
export interface ItemSpend {
  readonly total: Amount;
  /** Sessions that ran, and those of them whose money is not known. */
  readonly sessions: number;
  readonly unknownCost: number;
  /** Backend and model of the newest one. */
  readonly backend: string;
  readonly model: string | null;
  /** The last change of its state that counts as one: work published, a review, a report, nothing to be done. */
  readonly acceptedAt: Instant | null;
  /** What had been spent by then. */
  readonly acceptedTotal: Amount;
  /** Sessions since then, and since the last raise, that failed at the work itself. */
  readonly failedSince: number;
  /** The newest raise; it starts the count anew. */
  readonly raise: BudgetRaise | null;
  /** The newest session since then that a limit on one turn or one run has ended. */
  readonly stop: StoppedSession | null;
}

/** A person lets an item go on. Null: the profile's own limit once more. */
export interface BudgetRaise {
  readonly id: number;
  readonly subject: string;
  readonly usd: number | null;
  readonly tokens: number | null;
  /** What had been spent on it by then. */
  readonly base: Amount;
  readonly actor: string;
  readonly reason: string;
  readonly at: Instant;
}

/** In place of an item: the profile's day is raised, until it ends. */
export const daySubject = "day";

export interface StoppedSession {
  readonly sessionId: string;
  /** Null: its backend ended it by a limit of its own. */
  readonly stop: BudgetStop | null;
}

export const budgetScopes = ["turn", "run", "item", "breaker", "flow", "day"] as const;
export type BudgetScope = (typeof budgetScopes)[number];

/** Which limit ended a session. */
export interface BudgetStop {
  readonly scope: BudgetScope;
  readonly unit: "usd" | "tokens";
  readonly spent: number;
  readonly limit: number;
}

/** Null: no limit. */
export interface SpendLimit {
  readonly usd: number | null;
  readonly tokens: number | null;
}

/** `budgets` of the profile. */
export interface BudgetPolicy {
  /** From one report of usage to the next: a message of the model, where its backend counts each. */
  readonly turn: SpendLimit;
  /** One session. */
  readonly run: SpendLimit;
  /** All sessions of one issue or pull request since it was last raised. */
  readonly item: SpendLimit;
  /** All sessions of the profile in one day of its time zone. */
  readonly day: SpendLimit;
  /** One issue or pull request since its state last changed. */
  readonly breaker: SpendLimit & { readonly sessions: number | null };
}

export const noLimit: SpendLimit = { usd: null, tokens: null };
export const noBudgets: BudgetPolicy = {
  turn: noLimit,
  run: noLimit,
  item: noLimit,
  day: noLimit,
  breaker: { ...noLimit, sessions: null },
};

/** What one session may spend: of the item and of the breaker what is left of them. */
export interface SessionBudget {
  readonly turn: SpendLimit;
  readonly run: SpendLimit;
  readonly item: SpendLimit;
  readonly breaker: SpendLimit;
  /** Of a flow, shared with its other sessions as the day is with the profile's. */
  readonly flow?: SpendLimit & { readonly spent: Amount };
  /** Shared with the profile's other sessions: what all of them spent is asked while it runs. */
  readonly day: SpendLimit & {
    readonly timeZone: string;
    readonly spent: Amount;
    /** Of the day it was started in, where a person raised that. */
    readonly raised?: SpendLimit & { readonly until: Instant };
  };
}

/** US dollars for a million tokens. */
export interface TokenPrice {
  readonly input: number;
  readonly cachedInput: number;
  readonly output: number;
}

/** The first whose pattern fits a model's name counts; `*` stands for any characters. */
export type PriceTable = readonly { readonly model: string; readonly price: TokenPrice }[];
