import type { BrokenBase } from "../domain/broken-base.ts";
import { fieldsOf } from "../domain/fields.ts";
import type { Json } from "../domain/json.ts";
import type { OutboxState } from "../domain/outbox.ts";
import type { Instant } from "../domain/time.ts";
import type { Clock } from "../ports.ts";
import { logEvent } from "./events.ts";
import type { Executor } from "./executor.ts";
import { saveOutboxRows } from "./outbox-rows.ts";
import { count, type Operation, one } from "./statement.ts";
import type { BrokenBaseStore } from "./store.ts";

export function brokenBaseStore(executor: Executor, clock: Clock): BrokenBaseStore {
  return {
    newest: (profileId, branch) => executor.read(() => newest(profileId, branch)),
    open: (base, row, actor) => executor.write(() => open(base, row, actor, clock.now())),
    seenBroken: (base) => executor.write(() => seenBroken(base)),
    seenGreen: (base) => executor.write(() => seenGreen(base)),
    close: (base, rows, actor) => executor.write(() => close(base, rows, actor, clock.now())),
  };
}

type Found = Omit<BrokenBase, "issue" | "isRefused"> & {
  readonly state: OutboxState | null;
  readonly result: string | null;
};

/** The number of its issue stands in the row that made it, which is kept for as long as this is open. */
function* newest(profileId: string, branch: string): Operation<BrokenBase | null> {
  const found = yield* one<Found>(
    `select b.profile_id as "profileId", b.branch, b.episode, b.cause, b.sha, b.green_sha as "greenSha",
        b.opened_at as "openedAt", b.closed_at as "closedAt", o.state, o.result
       from broken_bases b left join outbox o on o.idempotency_key = b.issue_key
       where b.profile_id = @profileId and b.branch = @branch order by b.episode desc limit 1`,
    { profileId, branch },
  );
  if (!found) return null;
  const { state, result, ...base } = found;
  const { number } = fieldsOf(result === null ? null : (JSON.parse(result) as Json));
  return {
    ...base,
    issue: typeof number === "number" ? number : null,
    isRefused: state === "failed" || state === "dropped",
  };
}

/** The key keeps it from being begun twice, the index over open ones from being begun beside another. */
function* open(
  base: Parameters<BrokenBaseStore["open"]>[0],
  row: Parameters<BrokenBaseStore["open"]>[1],
  actor: string,
  now: Instant,
): Operation<boolean> {
  const { profileId, branch, episode, cause, sha } = base;
  const made = yield* count(
    `insert into broken_bases (profile_id, branch, episode, cause, sha, issue_key, opened_at)
     values (@profileId, @branch, @episode, @cause, @sha, @issueKey, @now) on conflict do nothing`,
    { profileId, branch, episode, cause, sha, issueKey: row.idempotencyKey, now },
  );
  if (made === 0) return false;
  yield* saveOutboxRows([row], { actor, taskId: null, term: null }, now);
  yield* logEvent({ kind: "base.broken", actor, profileId, body: { branch, episode, cause, sha } }, now);
  return true;
}

function* seenBroken(base: Parameters<BrokenBaseStore["seenBroken"]>[0]): Operation<boolean> {
  const { profileId, branch, episode, sha } = base;
  const changed = yield* count(
    `update broken_bases set sha = @sha, green_sha = null
       where profile_id = @profileId and branch = @branch and episode = @episode and closed_at is null
         and sha <> @sha`,
    { profileId, branch, episode, sha },
  );
  return changed > 0;
}

function* seenGreen({ profileId, branch, sha }: Parameters<BrokenBaseStore["seenGreen"]>[0]): Operation<boolean> {
  const changed = yield* count(
    `update broken_bases set green_sha = @sha
       where profile_id = @profileId and branch = @branch and closed_at is null and sha <> @sha
         and not exists (
           select 1 from baselines where profile_id = @profileId and baselines.sha = @sha and passed = 0)`,
    { profileId, branch, sha },
  );
  return changed > 0;
}

function* close(
  base: Parameters<BrokenBaseStore["close"]>[0],
  rows: Parameters<BrokenBaseStore["close"]>[1],
  actor: string,
  now: Instant,
): Operation<boolean> {
  const { profileId, branch, episode } = base;
  const closed = yield* count(
    `update broken_bases set closed_at = @now
       where profile_id = @profileId and branch = @branch and episode = @episode and closed_at is null`,
    { profileId, branch, episode, now },
  );
  if (closed === 0) return false;
  yield* saveOutboxRows(rows, { actor, taskId: null, term: null }, now);
  yield* logEvent({ kind: "base.over", actor, profileId, body: { branch, episode } }, now);
  return true;
}
