import type { Instant } from "../domain/time.ts";
import type { Clock } from "../ports.ts";
import { logEvent } from "./events.ts";
import type { Executor } from "./executor.ts";
import { all, count, type Operation } from "./statement.ts";
import type { Cooldown, CooldownStore } from "./store.ts";

export function cooldownStore(executor: Executor, clock: Clock): CooldownStore {
  return {
    set: (cooldown, actor) => executor.write(() => setCooldown(cooldown, actor, clock.now())),
    clear: (scope, actor) => executor.write(() => clearCooldown(scope, actor, clock.now())),
    active: () => executor.read(() => listActive(clock.now())),
  };
}

/** Two processes told of the same limit keep the later end, whoever writes last. */
function* setCooldown(cooldown: Cooldown, actor: string, now: Instant): Operation<void> {
  const { scope, until, reason } = cooldown;
  const changed = yield* count(
    `insert into cooldowns (scope, until_at, reason) values (@scope, @until, @reason)
     on conflict (scope) do update set until_at = excluded.until_at, reason = excluded.reason
      where excluded.until_at > cooldowns.until_at`,
    { scope, until, reason },
  );
  if (changed > 0) yield* logEvent({ kind: "cooldown.set", actor, body: { scope, until, reason } }, now);
}

function* clearCooldown(scope: string, actor: string, now: Instant): Operation<void> {
  const cleared = yield* count(`delete from cooldowns where scope = @scope`, { scope });
  if (cleared > 0) yield* logEvent({ kind: "cooldown.cleared", actor, body: { scope } }, now);
}

function* listActive(now: Instant): Operation<readonly Cooldown[]> {
  return yield* all<Cooldown>(
    `select scope, until_at as until, reason from cooldowns where until_at > @now order by scope`,
    { now },
  );
}
