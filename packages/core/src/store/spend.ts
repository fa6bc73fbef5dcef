import type { Amount, BudgetRaise } from "../domain/spend.ts";
import type { Instant } from "../domain/time.ts";
import type { Clock } from "../ports.ts";
import { logEvent } from "./events.ts";
import type { Executor } from "./executor.ts";
import { spendOfFlow } from "./flows/read-flows.ts";
import { saveOutboxRows } from "./outbox-rows.ts";
import { listItemSpend, listRaises } from "./spend-by-item.ts";
import { countSpend, microsOf, spentBetween, usdOf } from "./spend-of-session.ts";
import { all, count, must, type Operation } from "./statement.ts";
import type { BudgetReceipt, Lost, NewRaise, SpendReport, SpendStore } from "./store.ts";

export function spendStore(executor: Executor, clock: Clock): SpendStore {
  return {
    report: (report) => executor.write(() => reportSpend(report, clock.now())),
    between: (profileId, from, until) => executor.read(() => spentBetween(profileId, from, until)),
    items: (profileId, subjects) => executor.read(() => listItemSpend(profileId, subjects ?? null)),
    raise: (raise) => executor.write(() => raiseBudget(raise, clock.now())),
    raises: (profileId, subject) => executor.read(() => listRaises(profileId, subject)),
    tell: (receipt, actor) => executor.write(() => tellPeople(receipt, actor, clock.now())),
    told: (profileId) => executor.read(() => listTold(profileId)),
  };
}

function* reportSpend({ sessionId, term, spend, within }: SpendReport, now: Instant): Operation<Answer | Lost> {
  const counted = yield* countSpend({ id: sessionId, term }, spend, now);
  if (counted === "lost") return "lost";
  const ofDay = yield* spentBetween(counted.payer, within.from, within.until);
  if (counted.flowId === null) return ofDay;
  const { attempts: _, ...ofFlow } = yield* spendOfFlow(counted.flowId);
  return { ...ofDay, ofFlow };
}

type Answer = Amount & { readonly ofFlow?: Amount };

/** What was spent until now is counted in the same transaction: a session that runs meanwhile loses nothing by it. */
function* raiseBudget(
  { profileId, subject, usd, tokens, actor, reason, day }: NewRaise,
  now: Instant,
): Operation<BudgetRaise> {
  const ofDay = day ? yield* spentBetween(profileId, day.from, day.until) : null;
  const { base_tokens, base_micros, id } = yield* must<{ id: number; base_tokens: number; base_micros: number }>(
    `insert into budget_raises (profile_id, subject, usd, tokens, base_tokens, base_micros, actor, reason, at)
     select @profileId, @subject, @usd, @tokens, coalesce(@dayTokens, sum(tokens), 0),
         coalesce(@dayMicros, sum(micros), 0),
         @actor, @reason, @now
       from (
         select spent_tokens as tokens, spent_micros as micros from sessions
           where profile_id = @profileId and subject = @subject and kind = 'agent'
         union all select tokens, micros from spend_totals where profile_id = @profileId and subject = @subject
       )
     returning id, base_tokens, base_micros`,
    {
      ...{ profileId, subject, usd, tokens, actor, reason, now },
      ...{ dayTokens: ofDay?.tokens ?? null, dayMicros: ofDay ? microsOf(ofDay.usd) : null },
    },
  );
  const base = { tokens: base_tokens, usd: usdOf(base_micros) };
  yield* logEvent(
    { kind: "budget.raised", actor, profileId, subject, body: { usd, tokens, reason, spent: { ...base } } },
    now,
  );
  return { id, subject, usd, tokens, base, actor, reason, at: now };
}

/** In one transaction: who was told of it once is not told again, and what was not said is said later. */
function* tellPeople(receipt: BudgetReceipt, actor: string, now: Instant): Operation<boolean> {
  const { key, profileId, subject, body, rows, event = "budget.reached" } = receipt;
  const isNew = yield* count(
    `insert into budget_receipts (key, profile_id, subject, at) values (@key, @profileId, @subject, @now)
     on conflict (key) do nothing`,
    { key, profileId, subject, now },
  );
  if (isNew === 0) return false;
  yield* logEvent({ kind: event, actor, profileId, subject, body }, now);
  yield* saveOutboxRows(rows, { actor, taskId: null, term: null }, now);
  return true;
}

function* listTold(profileId: string): Operation<ReadonlySet<string>> {
  const rows = yield* all<{ readonly key: string }>(`select key from budget_receipts where profile_id = @profileId`, {
    profileId,
  });
  return new Set(rows.map(({ key }) => key));
}
