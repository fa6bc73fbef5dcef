import { type NamedLimit, type ProviderLimit, type Quota, type QuotaKey, quotaScope } from "../../domain/provider.ts";
import type { FailureReason } from "../../domain/reason.ts";
import type { Ending } from "../../domain/session.ts";
import type { Instant, Millis } from "../../domain/time.ts";

/** What a provider says of its limit comes out of a stream: a moment in the past or in a hundred years is no answer. */
const minPauseMs: Millis = 60_000;
const maxPauseMs: Millis = 8 * 24 * 3_600_000;

/** When the provider names no time: longer each time the limit is still there. */
const guessesMs: readonly Millis[] = [300_000, 900_000, 1_800_000, 3_600_000];

interface Limited {
  readonly window: string;
  readonly isAccountWide: boolean;
  /** The first guess. */
  readonly fromMs: Millis;
  /** The provider has several of them, which begin anew at times of their own. */
  readonly isTimed?: boolean;
}

/** Endings that say something of the provider and nothing of the work. */
const limits: ReadonlyMap<FailureReason, Limited> = new Map<FailureReason, Limited>([
  ["provider-quota-limit", { window: "quota", isAccountWide: false, fromMs: 300_000, isTimed: true }],
  ["model-unavailable", { window: "model", isAccountWide: false, fromMs: 300_000 }],
  ["usage-limit", { window: "usage", isAccountWide: true, fromMs: 300_000, isTimed: true }],
  ["auth-401", { window: "login", isAccountWide: true, fromMs: 900_000 }],
  ["auth-failure", { window: "login", isAccountWide: true, fromMs: 900_000 }],
  ["account-banned", { window: "account", isAccountWide: true, fromMs: 3_600_000 }],
]);

/** Whether a task was given back because of its provider. */
export const isOfProvider = (reason: string | null): boolean => limits.has(reason as FailureReason);

/** Pure. The limit of its provider that a session ended by; null: it ended by something else. */
export function limitOf(
  { exitReason, failureReason, retryAt, retrySource, limit: named }: LimitedEnding,
  now: Instant,
): ProviderLimit | null {
  const limit = failureReason === null ? undefined : limits.get(failureReason);
  if (!limit || failureReason === null || exitReason === "finished" || exitReason === "stopped") return null;
  const { window, isAccountWide } = named && limit.isTimed ? ofNamed(named, limit) : limit;
  const resetAt = typeof retryAt === "number" ? within(now + minPauseMs, retryAt, now + maxPauseMs) : null;
  return { reason: failureReason, window, isAccountWide, resetAt, source: sourceOf(resetAt, retrySource) };
}

type LimitedEnding = Pick<Ending, "exitReason" | "failureReason" | "retryAt" | "retrySource" | "limit">;

/** An account's five-hour limit and its weekly one end by themselves, each at its time: neither lifts the other. */
const ofNamed = ({ window, isOfModel }: NamedLimit, { isAccountWide }: Limited) => ({
  window,
  isAccountWide: isAccountWide && !isOfModel,
});

const sourceOf = (resetAt: Instant | null, source: Ending["retrySource"]): ProviderLimit["source"] =>
  resetAt === null ? "guess" : (source ?? "structured");

/**
 * Pure. The row of a limit that was met once more. Sessions that ran side by side meet it together: while it is in force
 * that is one hit. What the provider says goes before our guess, and of two of its words the later one holds.
 */
export function nextQuota(before: Quota | null, key: QuotaKey, limit: ProviderLimit, now: Instant): Quota {
  const isInForce = before !== null && before.resetAt > now;
  const hits = before === null ? 1 : isInForce ? before.hits : before.hits + 1;
  const met = { ...key, scope: quotaScope(key), reason: limit.reason, seenAt: now, metAt: before?.metAt ?? now, hits };
  if (limit.resetAt === null) {
    if (isInForce) return { ...before, seenAt: now };
    return { ...met, resetAt: now + guessMs(limit.reason, hits), source: "guess" };
  }
  const isLater = !isInForce || before.source === "guess" || limit.resetAt >= before.resetAt;
  return isLater ? { ...met, resetAt: limit.resetAt, source: limit.source } : { ...before, seenAt: now };
}

function guessMs(reason: FailureReason, hits: number): Millis {
  const fromMs = limits.get(reason)?.fromMs ?? 0;
  const ladder = guessesMs.filter((ms) => ms >= fromMs);
  return ladder[Math.min(hits, ladder.length) - 1] ?? fromMs;
}

const within = (least: number, wanted: number, most: number): number => Math.min(Math.max(least, wanted), most);
