import type { Instant } from "../domain/time.ts";
import type { Clock } from "../ports.ts";
import { logEvent } from "./events.ts";
import type { Executor } from "./executor.ts";
import { count, type Operation, one } from "./statement.ts";
import type { Baseline, BaselineStore } from "./store.ts";

type BaselineRow = Omit<Baseline, "passed"> & { readonly passed: 0 | 1 };

export function baselineStore(executor: Executor, clock: Clock): BaselineStore {
  return {
    put: (baseline, actor) => executor.write(() => putBaseline(baseline, actor, clock.now())),
    get: (profileId, sha) => executor.read(() => getBaseline(profileId, sha)),
  };
}

function* putBaseline(baseline: Omit<Baseline, "checkedAt">, actor: string, now: Instant): Operation<void> {
  const { profileId, sha, passed, summary } = baseline;
  yield* count(
    `insert into baselines (profile_id, sha, passed, summary, checked_at)
     values (@profileId, @sha, @passed, @summary, @now)
     on conflict (profile_id, sha) do update set passed = excluded.passed, summary = excluded.summary,
        checked_at = excluded.checked_at`,
    { profileId, sha, passed: passed ? 1 : 0, summary, now },
  );
  yield* logEvent({ kind: "baseline.checked", actor, profileId, body: { sha, passed, summary } }, now);
}

function* getBaseline(profileId: string, sha: string): Operation<Baseline | null> {
  const row = yield* one<BaselineRow>(
    `select profile_id as "profileId", sha, passed, summary, checked_at as "checkedAt"
       from baselines where profile_id = @profileId and sha = @sha`,
    { profileId, sha },
  );
  return row ? { ...row, passed: row.passed === 1 } : null;
}
