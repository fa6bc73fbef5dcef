import type { JsonObject } from "../domain/json.ts";
import type { Usage } from "../domain/session.ts";
import { type Amount, largerUsage, plausibleUsage, type SessionSpend, tokensOf } from "../domain/spend.ts";
import type { Instant, Millis } from "../domain/time.ts";
import { logEvent } from "./events.ts";
import { count, type Operation, one } from "./statement.ts";
import type { Lost } from "./store.ts";

/**
 * Takes a session's running total over. What is stored is the largest total seen, counter by counter, so that a report
 * that comes late, twice or in another order changes nothing. Guarded by the session's own term and by nothing else:
 * that tokens were spent stays true whatever became of the session.
 */
export function* countSpend(
  session: { readonly id: string; readonly term: number },
  { usage, costKind, model = null }: SessionSpend & { readonly model?: string | null },
  now: Instant,
): Operation<{ readonly payer: string; readonly flowId: string | null } | Lost> {
  const known = yield* one<SpentRow>(
    `select profile_id as "profileId", ${payerOf} as payer, ${flowOf} as "flowId", subject, usage, cost_kind as "costKind", served_model as model,
        coalesce(started_at, intended_at) as "startedAt", ended_at as "endedAt", spend_bounded_at as "boundedAt"
       from sessions
      where id = @id and term = @term`,
    { id: session.id, term: session.term },
  );
  if (!known) return "lost";
  const { payer, flowId } = known;
  const before = known.usage === null ? {} : (JSON.parse(known.usage) as Usage);
  // Judged by how long it ran: its end may be read hours later.
  const claimed = largerUsage({}, usage);
  const said = plausibleUsage(claimed, Math.min(now, known.endedAt ?? now) - known.startedAt);
  const total = largerUsage(before, said);
  if (known.boundedAt === null && JSON.stringify(said) !== JSON.stringify(claimed)) {
    yield* noteBounded(session.id, known, { claimed: { ...claimed }, counted: { ...total } }, now);
  }
  const isNew = JSON.stringify(total) !== JSON.stringify(largerUsage(before, {}));
  const isNamed = (costKind !== null && costKind !== known.costKind) || (model !== null && model !== known.model);
  if (!isNew && !isNamed) return { payer, flowId };
  const spent = { tokens: tokensOf(total), micros: microsOf(total.costUsd ?? 0) };
  yield* count(
    `update sessions set usage = @usage, cost_kind = coalesce(@costKind, cost_kind),
        served_model = coalesce(@model, served_model), spent_tokens = @tokens, spent_micros = @micros
      where id = @id`,
    { id: session.id, usage: JSON.stringify(total), costKind, model, ...spent },
  );
  if (isNew) {
    yield* count(
      `insert into spend (session_id, quarter_at, profile_id, tokens, micros)
       values (@id, @quarterAt, @payer, @tokens, @micros)
       on conflict (session_id, quarter_at) do update set tokens = excluded.tokens, micros = excluded.micros`,
      { id: session.id, quarterAt: now - (now % quarterMs), payer, ...spent },
    );
  }
  return { payer, flowId };
}

/** Once a session: such a stream goes on as it began. */
function* noteBounded(id: string, { profileId, subject }: SpentRow, body: JsonObject, now: Instant): Operation<void> {
  yield* count(`update sessions set spend_bounded_at = @now where id = @id`, { id, now });
  yield* logEvent({ kind: "spend.implausible", actor: id, profileId, subject, sessionId: id, body }, now);
}

/** Of a flow's session the profile that its plan names: what it spends is spent of that one's day. */
const flowOf = `case when profile_id glob 'flow:*' then substr(profile_id, 6) end`;
const payerOf = `coalesce((select f.plan ->> '$.profile' from flows f where f.id = ${flowOf}), profile_id)`;

interface SpentRow {
  readonly profileId: string;
  readonly payer: string;
  readonly flowId: string | null;
  readonly subject: string;
  readonly startedAt: Instant;
  readonly endedAt: Instant | null;
  readonly boundedAt: Instant | null;
  readonly usage: string | null;
  readonly costKind: string | null;
  readonly model: string | null;
}

const quarterMs: Millis = 15 * 60_000;

/** Sums are made of whole numbers: they come to the same in any order. */
export const microsOf = (usd: number): number => Math.round(usd * 1e6);
export const usdOf = (micros: number): number => micros / 1e6;

/**
 * What all sessions of a profile spent from `from` until `until`, both at a quarter of an hour: of each that reported
 * in that time, its total at the end less its total at the begin.
 */
export function* spentBetween(profileId: string, from: Instant, until: Instant): Operation<Amount> {
  const row = yield* one<{ readonly tokens: number; readonly micros: number }>(
    `with active as (
        select distinct session_id from spend
          where profile_id = @profileId and quarter_at >= @from and quarter_at < @until
      ), totals as (
        select max(case when s.quarter_at < @from then s.tokens else 0 end) as tokens_before, max(s.tokens) as tokens_by,
               max(case when s.quarter_at < @from then s.micros else 0 end) as micros_before, max(s.micros) as micros_by
          from active join spend s on s.session_id = active.session_id and s.quarter_at < @until
          group by s.session_id
      )
      select coalesce(sum(tokens_by - tokens_before), 0) as tokens, coalesce(sum(micros_by - micros_before), 0) as micros
        from totals`,
    { profileId, from, until },
  );
  return { tokens: row?.tokens ?? 0, usd: usdOf(row?.micros ?? 0) };
}
