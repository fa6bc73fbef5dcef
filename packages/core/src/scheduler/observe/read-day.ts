import { type Day, dayOf } from "../../decide/budget/day-of.ts";
import { type Amount, type BudgetRaise, daySubject } from "../../domain/spend.ts";
import type { Instant } from "../../domain/time.ts";
import type { Store } from "../../store/store.ts";

/** The day that is, where a profile is at home: what its sessions spent in it, and what people let it spend more. */
export interface DayReading extends Day {
  readonly spent: Amount;
  /** Oldest first; the last one holds until the day ends. */
  readonly raises: readonly BudgetRaise[];
}

export async function readDay(
  { spend }: Pick<Store, "spend">,
  profileId: string,
  at: { readonly now: Instant; readonly timeZone: string },
): Promise<DayReading> {
  const { from, until } = dayOf(at.now, at.timeZone);
  const raises = (await spend.raises(profileId, daySubject)).filter(({ at }) => at >= from);
  return { from, until, spent: await spend.between(profileId, from, until), raises };
}
