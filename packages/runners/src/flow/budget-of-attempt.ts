import {
  type Clock,
  type Flow,
  limitOfDay,
  noLimit,
  type Profile,
  readDay,
  type SessionBudget,
  type Store,
} from "@agent-control-plane/core";

/**
 * What one attempt may spend: of its flow's budget what all of the flow's sessions leave, of the day of the profile that
 * the plan names what all of that one's sessions leave, and no more than the profile lets one turn and one run spend.
 */
export async function budgetOfAttempt(
  { store, clock }: { readonly store: Pick<Store, "flows" | "spend">; readonly clock: Clock },
  { id, plan }: Pick<Flow, "id" | "plan">,
  { budgets, timeZone }: Pick<Profile, "budgets" | "timeZone">,
): Promise<SessionBudget> {
  const { usd, tokens } = plan.budget;
  const { attempts: _, ...spent } = await store.flows.spend(id);
  return {
    ...{ turn: budgets.turn, run: budgets.run, item: noLimit, breaker: noLimit },
    flow: { usd, tokens, spent },
    day: await dayOfProfile(store, plan.profile, { limit: budgets.day, now: clock.now(), timeZone }),
  };
}

async function dayOfProfile(
  store: Pick<Store, "spend">,
  profileId: string | null,
  { limit, now, timeZone }: { readonly limit: SessionBudget["run"]; readonly now: number; readonly timeZone: string },
): Promise<SessionBudget["day"]> {
  if (profileId === null) return { ...noLimit, timeZone, spent: { usd: 0, tokens: 0 } };
  const { spent, until, raises } = await readDay(store, profileId, { now, timeZone });
  const raise = raises.at(-1);
  return { ...limit, timeZone, spent, ...(raise ? { raised: { ...limitOfDay(limit, raise), until } } : {}) };
}
