import { type Quota, quotaScope } from "../domain/provider.ts";
import type { Instant, Millis } from "../domain/time.ts";
import type { Clock } from "../ports.ts";
import { logEvent } from "./events.ts";
import type { Executor } from "./executor.ts";
import { all, count, type Operation, one } from "./statement.ts";
import type { QuotaStore } from "./store.ts";

/** A limit that ended so long ago and that nobody has tried since: the account or the model is not used any more. */
const forgottenMs: Millis = 30 * 86_400_000;

const columns =
  'scope, account, backend, model, "window", reset_at as "resetAt", reason, source, seen_at as "seenAt", met_at as "metAt", hits';

export function quotaStore(executor: Executor, clock: Clock): QuotaStore {
  return {
    record: (key, next, actor) => executor.write(() => record(quotaScope(key), next, actor, clock.now())),
    list: () => executor.read(listQuotas),
    proven: (scope, actor) => executor.write(() => proven(scope, actor, clock.now())),
    clear: (scope, actor) => executor.write(() => clear(scope, actor, clock.now())),
  };
}

function* record(
  scope: string,
  next: Parameters<QuotaStore["record"]>[1],
  actor: string,
  now: Instant,
): Operation<Quota> {
  const before = yield* one<Quota>(`select ${columns} from quotas where scope = @scope`, { scope });
  const quota = next(before ?? null, now);
  yield* count(
    `insert into quotas (scope, account, backend, model, "window", reset_at, reason, source, seen_at, met_at, hits)
     values (@scope, @account, @backend, @model, @window, @resetAt, @reason, @source, @seenAt, @metAt, @hits)
     on conflict (scope) do update set reset_at = excluded.reset_at, reason = excluded.reason,
        source = excluded.source, seen_at = excluded.seen_at, hits = excluded.hits`,
    { ...quota },
  );
  yield* count("delete from quotas where reset_at < @before", { before: now - forgottenMs });
  const { resetAt, reason, source, hits } = quota;
  if (before?.resetAt !== resetAt) {
    yield* logEvent({ kind: "quota.met", actor, body: { scope, resetAt, reason, source, hits } }, now);
  }
  return quota;
}

function* listQuotas(): Operation<readonly Quota[]> {
  return yield* all<Quota>(`select ${columns} from quotas order by scope`, {});
}

function* proven(scope: string, actor: string, now: Instant): Operation<boolean> {
  const removed = yield* count("delete from quotas where scope = @scope and reset_at <= @now", { scope, now });
  if (removed > 0) yield* logEvent({ kind: "quota.proven", actor, body: { scope } }, now);
  return removed > 0;
}

function* clear(scope: string, actor: string, now: Instant): Operation<Quota | null> {
  const quota = yield* one<Quota>(`delete from quotas where scope = @scope returning ${columns}`, { scope });
  if (!quota) return null;
  yield* logEvent({ kind: "quota.cleared", actor, body: { scope, resetAt: quota.resetAt } }, now);
  return quota;
}
