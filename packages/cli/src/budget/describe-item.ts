import {
  type Amount,
  type BudgetRaise,
  type HoldReason,
  type ItemSpend,
  inTokens,
  itemNumberOf,
  judgeBudget,
  limitsOfItem,
  moneyOf,
  type Profile,
  type SpendLimit,
} from "@agent-control-plane/core";
import type { Counted } from "./counted-in-words.ts";

/** What was spent on one issue or pull request, and what it may still spend. */
export interface ItemBudget {
  readonly number: number;
  readonly kind: "issue" | "pull-request";
  /** Of all its sessions. */
  readonly spent: Amount;
  readonly sessions: number;
  /** Sessions of which nobody said what they cost. */
  readonly unknownCost: number;
  readonly backend: string;
  readonly model: string | null;
  /** Since it was last raised. */
  readonly item: Counted;
  /** Since its state last changed, or since it was raised. */
  readonly breaker: Counted & { readonly failed: number; readonly failedLimit: number | null };
  /** Why nothing more is started for it; null: it may. */
  readonly parked: { readonly reason: HoldReason; readonly detail: string } | null;
  readonly raise: BudgetRaise | null;
}

export function describeItem({ budgets, timeZone }: Profile, subject: string, spend: ItemSpend): ItemBudget {
  const { item, breaker } = limitsOfItem(budgets, spend);
  // Of the day it is said once, and not of each item.
  const verdict = judgeBudget({ ...budgets, day: noLimit }, spend, { spent: nothing, until: 0 }, timeZone);
  return {
    number: itemNumberOf(subject) ?? 0,
    kind: subject.startsWith("pr:") ? "pull-request" : "issue",
    spent: spend.total,
    sessions: spend.sessions,
    unknownCost: spend.unknownCost,
    backend: spend.backend,
    model: spend.model,
    item,
    breaker: { ...breaker, failed: spend.failedSince, failedLimit: budgets.breaker.sessions },
    parked: verdict.kind === "hold" ? { reason: verdict.because, detail: verdict.detail } : null,
    raise: spend.raise,
  };
}

const nothing: Amount = { tokens: 0, usd: 0 };
const noLimit: SpendLimit = { usd: null, tokens: null };

/** `1.2M tokens, $0.40`, or what of it is not known. */
export const spentInWords = ({ spent, sessions, unknownCost }: ItemBudget): string =>
  `${inTokens(spent.tokens)}, ${moneyOf(spent.usd, sessions, unknownCost)}`;
