import type { Flow, Profile, SessionBudget, SpendLimit } from "@agent-control-plane/core";
import { noLimit } from "@agent-control-plane/core";
import type { AgentWorkersOptions } from "./agent-workers.ts";

/** What one attempt may spend: of the flow's budget what is left of it, and no more than the profile lets one run spend. */
export async function budgetOfAttempt(
  { store }: Pick<AgentWorkersOptions, "store">,
  { id, plan }: Flow,
  { budgets, timeZone }: Pick<Profile, "budgets" | "timeZone">,
): Promise<SessionBudget> {
  const spent = await store.flows.spend(id);
  const left: SpendLimit = {
    usd: plan.budget.usd === null ? null : Math.max(0, plan.budget.usd - spent.usd),
    tokens: plan.budget.tokens === null ? null : Math.max(0, plan.budget.tokens - spent.tokens),
  };
  return {
    turn: budgets.turn,
    run: smaller(budgets.run, left),
    ...{ item: noLimit, breaker: noLimit },
    day: { ...noLimit, timeZone, spent: { usd: 0, tokens: 0 } },
  };
}

const smaller = (one: SpendLimit, other: SpendLimit): SpendLimit => ({
  usd: least(one.usd, other.usd),
  tokens: least(one.tokens, other.tokens),
});

const least = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.min(one, other);
