import type { Instant } from "../domain/time.ts";
import type { Clock } from "../ports.ts";
import { logEvent } from "./events.ts";
import type { Executor } from "./executor.ts";
import { all, count, type Operation, one } from "./statement.ts";
import type { PauseStore, ProfilePause } from "./store.ts";

export function pauseStore(executor: Executor, clock: Clock): PauseStore {
  return {
    set: (pause) => executor.write(() => setPause(pause, clock.now())),
    clear: (scope, actor) => executor.write(() => clearPause(scope, actor, clock.now())),
    list: () => executor.read(listPauses),
  };
}

/** Pausing what is paused is no new pause; only another reason is worth a line in the log. */
function* setPause({ scope, actor, reason }: Omit<ProfilePause, "at">, now: Instant): Operation<boolean> {
  const before = yield* one<{ readonly reason: string }>(`select reason from pauses where scope = @scope`, { scope });
  yield* count(
    `insert into pauses (scope, actor, reason, at) values (@scope, @actor, @reason, @now)
     on conflict (scope) do update set reason = excluded.reason`,
    { scope, actor, reason, now },
  );
  if (before?.reason !== reason) yield* logPause("profile-paused", scope, actor, reason, now);
  return before === undefined;
}

/** The log keeps the reason of the pause that ends here. */
function* clearPause(scope: string, actor: string, now: Instant): Operation<boolean> {
  const cleared = yield* one<{ readonly reason: string }>(`delete from pauses where scope = @scope returning reason`, {
    scope,
  });
  if (!cleared) return false;
  yield* logPause("profile-resumed", scope, actor, cleared.reason, now);
  return true;
}

function* logPause(kind: string, scope: string, actor: string, reason: string, now: Instant): Operation<void> {
  yield* logEvent({ kind, actor, profileId: scope === "*" ? null : scope, body: { scope, reason } }, now);
}

function* listPauses(): Operation<readonly ProfilePause[]> {
  return yield* all<ProfilePause>(`select scope, actor, reason, at from pauses order by scope`, {});
}
