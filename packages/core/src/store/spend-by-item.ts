import type { Outcome } from "../domain/outcome.ts";
import type { FailureReason } from "../domain/reason.ts";
import type { BudgetRaise, BudgetStop, ItemSpend } from "../domain/spend.ts";
import type { Instant } from "../domain/time.ts";
import { usdOf } from "./spend-of-session.ts";
import { all, type Operation } from "./statement.ts";

/** The state of an item changed, and what was spent for it was not spent for nothing. */
const accepted: readonly Outcome[] = ["published", "reported", "reviewed", "nothing-to-do"];
/** The session came to nothing. */
const inVain: readonly Outcome[] = ["try-again", "needs-human"];
/** These say something of the provider, or of a limit, and nothing of the work. */
const ofOthers: readonly FailureReason[] = [
  "provider-quota-limit",
  "usage-limit",
  "auth-401",
  "auth-failure",
  "account-banned",
  "resume-refused",
  "budget-exhausted",
];

const texts = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(", ");
const ownLimits = "('turn', 'run')";

/**
 * What was spent on each of these items, by all sessions there ever were of it; without `subjects` only items of which
 * there still is a session. What sessions that left had spent counts as accepted: the item was closed after them.
 */
export function* listItemSpend(
  profileId: string,
  subjects: readonly string[] | null,
): Operation<ReadonlyMap<string, ItemSpend>> {
  const rows = yield* all<ItemRow>(subjects === null ? ofAll : ofSome, {
    profileId,
    ...(subjects === null ? {} : { subjects: JSON.stringify(subjects) }),
  });
  const items = new Map(rows.map((row) => [row.subject, itemFrom(row)]));
  if (subjects === null) return items;
  const gone = subjects.filter((subject) => !items.has(subject));
  if (gone.length > 0) for (const [subject, past] of yield* listPastSpend(profileId, gone)) items.set(subject, past);
  return items;
}

/** Of items whose sessions have all left the store: they were closed for long, and may be open again. */
function* listPastSpend(profileId: string, subjects: readonly string[]): Operation<ReadonlyMap<string, ItemSpend>> {
  const rows = yield* all<PastRow>(
    `select subject, tokens, micros, sessions, unknown_cost as "unknownCost" from spend_totals
      where profile_id = @profileId and subject in (select value from json_each(@subjects))`,
    { profileId, subjects: JSON.stringify(subjects) },
  );
  const items = new Map<string, ItemSpend>();
  for (const { subject, tokens, micros, sessions, unknownCost } of rows) {
    const total = { tokens, usd: usdOf(micros) };
    items.set(subject, {
      ...{ total, acceptedTotal: total, acceptedAt: null, sessions, unknownCost },
      ...{ backend: "", model: null, failedSince: 0, stop: null },
      raise: (yield* listRaises(profileId, subject)).at(-1) ?? null,
    });
  }
  return items;
}

type PastRow = Pick<ItemRow, "subject" | "tokens" | "micros" | "sessions" | "unknownCost">;

const itemSpend = (which: string): string => `
  with own as (
    select s.*, s.started_at is not null as ran from sessions s
      where s.profile_id = @profileId and s.kind = 'agent' ${which}
  ), changed as (
    select subject, max(concluded_at) as at from own where outcome in (${texts(accepted)}) group by subject
  ), past as (
    select * from spend_totals where profile_id = @profileId
  ), raised as (
    select r.* from budget_raises r
      where r.profile_id = @profileId
        and r.id = (select max(id) from budget_raises n where n.profile_id = r.profile_id and n.subject = r.subject)
  )
  select own.subject, sum(spent_tokens) + coalesce(past.tokens, 0) as tokens,
      sum(spent_micros) + coalesce(past.micros, 0) as micros, sum(ran) + coalesce(past.sessions, 0) as sessions,
      sum(ran and cost_kind is null) + coalesce(past.unknown_cost, 0) as "unknownCost",
      changed.at as "acceptedAt",
      sum(case when intended_at <= changed.at then spent_tokens else 0 end) + coalesce(past.tokens, 0) as "acceptedTokens",
      sum(case when intended_at <= changed.at then spent_micros else 0 end) + coalesce(past.micros, 0) as "acceptedMicros",
      sum(ran and own.outcome in (${texts(inVain)}) and intended_at > max(coalesce(changed.at, -1), coalesce(raised.at, -1))
        and coalesce(json_extract(own.ending, '$.failureReason'), '') not in (${texts(ofOthers)})) as "failedSince",
      (select json_array(newest.backend, coalesce(newest.served_model, newest.model)) from own newest where newest.subject = own.subject
        order by newest.intended_at desc limit 1) as newest,
      (select json_array(stopped.id, json_extract(stopped.ending, '$.budget')) from own stopped
        where stopped.subject = own.subject and stopped.ended_at > coalesce(raised.at, -1)
          and json_extract(stopped.ending, '$.failureReason') = 'budget-exhausted'
          and coalesce(json_extract(stopped.ending, '$.budget.scope'), 'run') in ${ownLimits}
        order by stopped.ended_at desc limit 1) as stop,
      raised.id as "raiseId", raised.usd as "raiseUsd", raised.tokens as "raiseTokens",
      raised.base_tokens as "baseTokens", raised.base_micros as "baseMicros",
      raised.actor as "raiseActor", raised.reason as "raiseReason", raised.at as "raiseAt"
    from own left join changed on changed.subject = own.subject left join raised on raised.subject = own.subject
      left join past on past.subject = own.subject
    group by own.subject`;

const ofAll = itemSpend("");
const ofSome = itemSpend("and s.subject in (select value from json_each(@subjects))");

interface ItemRow {
  readonly subject: string;
  readonly tokens: number;
  readonly micros: number;
  readonly sessions: number;
  readonly unknownCost: number;
  readonly acceptedAt: Instant | null;
  readonly acceptedTokens: number;
  readonly acceptedMicros: number;
  readonly failedSince: number | null;
  readonly newest: string;
  readonly stop: string | null;
  readonly raiseId: number | null;
  readonly raiseUsd: number | null;
  readonly raiseTokens: number | null;
  readonly baseTokens: number;
  readonly baseMicros: number;
  readonly raiseActor: string;
  readonly raiseReason: string;
  readonly raiseAt: Instant;
}

function itemFrom(row: ItemRow): ItemSpend {
  const [backend, model] = JSON.parse(row.newest) as [string, string | null];
  const { subject, tokens, micros, sessions, unknownCost, acceptedAt, acceptedTokens, acceptedMicros } = row;
  return {
    total: { tokens, usd: usdOf(micros) },
    sessions,
    unknownCost,
    backend,
    model,
    acceptedAt,
    acceptedTotal: { tokens: acceptedTokens, usd: usdOf(acceptedMicros) },
    failedSince: row.failedSince ?? 0,
    raise:
      row.raiseId === null
        ? null
        : {
            id: row.raiseId,
            subject,
            usd: row.raiseUsd,
            tokens: row.raiseTokens,
            base: { tokens: row.baseTokens, usd: usdOf(row.baseMicros) },
            actor: row.raiseActor,
            reason: row.raiseReason,
            at: row.raiseAt,
          },
    stop: row.stop === null ? null : stopFrom(row.stop),
  };
}

function stopFrom(text: string): ItemSpend["stop"] {
  const [sessionId, budget] = JSON.parse(text) as [string, string | BudgetStop | null];
  return { sessionId, stop: typeof budget === "string" ? (JSON.parse(budget) as BudgetStop) : budget };
}

/** Oldest first. */
export function* listRaises(profileId: string, subject: string): Operation<readonly BudgetRaise[]> {
  const rows = yield* all<Omit<BudgetRaise, "base"> & { readonly baseTokens: number; readonly baseMicros: number }>(
    `select id, subject, usd, tokens, base_tokens as "baseTokens", base_micros as "baseMicros", actor, reason, at
       from budget_raises where profile_id = @profileId and subject = @subject order by id`,
    { profileId, subject },
  );
  return rows.map(({ baseTokens, baseMicros, ...raise }) => ({
    ...raise,
    base: { tokens: baseTokens, usd: usdOf(baseMicros) },
  }));
}
