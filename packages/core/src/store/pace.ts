import type { Instant, Millis } from "../domain/time.ts";
import type { Clock } from "../ports.ts";
import type { Executor } from "./executor.ts";
import { all, count, must, type Operation, one } from "./statement.ts";
import type { PacedProfile, PaceLimits, PaceStore, PaceWait, WriteTurn, WriteTurnRequest } from "./store.ts";

const minuteMs: Millis = 60_000;
const hourMs: Millis = 3_600_000;
/** A turn that ends later than this was taken before the clock was set back. */
const longestHoldMs = hourMs;

export function paceStore(executor: Executor, clock: Clock): PaceStore {
  return {
    begin: (turn) => executor.write(() => beginTurn(turn, clock.now())),
    end: (scope, holder) => executor.write(() => endTurn(scope, holder, clock.now())),
    fullUntil: (scope, limits) => readFullUntil(executor, scope, limits, clock.now()),
    register: (profile) => executor.write(() => register(profile)),
    waits: () => readWaits(executor, clock),
  };
}

/**
 * A write counts from its begin to the latest moment it can have reached the forge: its end, or the end of its hold when
 * its process died. Counted so, no window on the forge's side ever holds more than the limit.
 */
function* beginTurn(turn: WriteTurnRequest, now: Instant): Operation<WriteTurn> {
  const { scope, holder, holdMs } = turn;
  yield* count(`delete from content_writes where at <= @before`, { before: now - hourMs });
  // The clock was set back: what it says was sent in the future was sent a moment ago.
  yield* count(`update content_writes set at = @now where scope = @scope and at > @latest`, {
    now,
    scope,
    latest: now + longestHoldMs,
  });
  const held = yield* one<{ holder: string | null; heldUntil: Instant; endedAt: Instant | null }>(
    `select holder, held_until as "heldUntil", ended_at as "endedAt" from write_turns where scope = @scope`,
    { scope },
  );
  if (held && held.holder !== null && held.heldUntil > now && held.heldUntil <= now + longestHoldMs) {
    return { kind: "wait", until: held.heldUntil, why: "turn" };
  }
  const gapEndsAt = (held?.endedAt ?? 0) + turn.gapMs;
  if (gapEndsAt > now && gapEndsAt <= now + turn.gapMs) return { kind: "wait", until: gapEndsAt, why: "gap" };
  const full = yield* fullWindow(scope, turn, now);
  if (full) return { kind: "wait", ...full };
  const { id } = yield* must<{ readonly id: number }>(
    `insert into content_writes (scope, at) values (@scope, @at) returning id`,
    { scope, at: now + holdMs },
  );
  yield* count(
    `insert into write_turns (scope, holder, held_until, content_write_id) values (@scope, @holder, @until, @id)
     on conflict (scope) do update set holder = excluded.holder, held_until = excluded.held_until,
        content_write_id = excluded.content_write_id`,
    { scope, holder, until: now + holdMs, id },
  );
  return { kind: "yours" };
}

function* endTurn(scope: string, holder: string, now: Instant): Operation<void> {
  const ended = yield* one<{ readonly id: number }>(
    `update write_turns set holder = null, ended_at = @now where scope = @scope and holder = @holder
     returning content_write_id as id`,
    { scope, holder, now },
  );
  if (ended) yield* count(`update content_writes set at = @now where id = @id`, { now, id: ended.id });
}

type Full = Pick<PaceWait, "until" | "why">;

/** The window that opens last, when any is full. */
function* fullWindow(scope: string, limits: PaceLimits, now: Instant): Operation<Full | null> {
  const minute = yield* openWindow(scope, limits.perMinute, minuteMs);
  const hour = yield* openWindow(scope, limits.perHour, hourMs);
  return laterOf(
    [
      { until: minute, why: "minute" },
      { until: hour, why: "hour" },
    ],
    now,
  );
}

function laterOf(windows: readonly Full[], now: Instant): Full | null {
  const full = windows.filter(({ until }) => until > now);
  return full.reduce<Full | null>((later, one) => (later && later.until >= one.until ? later : one), null);
}

/** When the oldest of the last `limit` writes leaves the window; 0: the window was never full. */
function* openWindow(scope: string, limit: number, windowMs: Millis): Operation<Instant> {
  if (limit <= 0) return 0;
  const oldest = yield* one<{ readonly at: Instant }>(
    `select at from content_writes where scope = @scope order by at desc limit 1 offset @offset`,
    { scope, offset: limit - 1 },
  );
  return oldest ? oldest.at + windowMs : 0;
}

async function readFullUntil(
  executor: Executor,
  scope: string,
  limits: PaceLimits,
  now: Instant,
): Promise<Full | null> {
  const [minute, hour] = await Promise.all([
    executor.read(() => openWindow(scope, limits.perMinute, minuteMs)),
    executor.read(() => openWindow(scope, limits.perHour, hourMs)),
  ]);
  return laterOf(
    [
      { until: minute, why: "minute" },
      { until: hour, why: "hour" },
    ],
    now,
  );
}

function* register(profile: PacedProfile): Operation<void> {
  yield* count(
    `insert into paced_profiles (profile_id, scope, per_minute, per_hour)
     values (@profileId, @scope, @perMinute, @perHour)
     on conflict (profile_id) do update set scope = excluded.scope, per_minute = excluded.per_minute,
        per_hour = excluded.per_hour`,
    { ...profile },
  );
}

async function readWaits(executor: Executor, clock: Clock): Promise<readonly PaceWait[]> {
  const profiles = await executor.read(() =>
    all<PacedProfile & { readonly coolingUntil: Instant | null }>(
      `select p.profile_id as "profileId", p.scope, p.per_minute as "perMinute", p.per_hour as "perHour",
          c.until_at as "coolingUntil"
         from paced_profiles p left join cooldowns c on c.scope = p.scope order by p.profile_id`,
      {},
    ),
  );
  const waits: PaceWait[] = [];
  // Many profiles share one credential, and mostly its limits too.
  const asked = new Map<string, Promise<Full | null>>();
  for (const { profileId, scope, coolingUntil, ...limits } of profiles) {
    const now = clock.now();
    const cooling: Full = { until: coolingUntil ?? 0, why: "cooldown" };
    const key = `${limits.perMinute} ${limits.perHour} ${scope}`;
    const full = await (asked.get(key) ?? readFullUntil(executor, scope, limits, now));
    if (!asked.has(key)) asked.set(key, Promise.resolve(full));
    const wait = laterOf(full ? [cooling, full] : [cooling], now);
    if (wait) waits.push({ profileId, ...wait });
  }
  return waits;
}
