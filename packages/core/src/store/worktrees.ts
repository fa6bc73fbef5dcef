import type { Instant } from "../domain/time.ts";
import type { Clock } from "../ports.ts";
import { logEvent } from "./events.ts";
import type { Executor } from "./executor.ts";
import { ListQuery } from "./list-query.ts";
import { type Operation, one } from "./statement.ts";
import type { WorktreeRow, WorktreeState, WorktreeStore } from "./store.ts";

const columns =
  'path, profile_id as "profileId", session_id as "sessionId", state, base_sha as "baseSha", rescue_ref as "rescueRef", ' +
  'updated_at as "updatedAt"';

export function worktreeStore(executor: Executor, clock: Clock): WorktreeStore {
  return {
    plan: (row) => executor.write(() => planWorktree(row, clock.now())),
    setState: (path, state, rescueRef) => executor.write(() => moveWorktree(path, state, rescueRef, clock.now())),
    list: (filter) => executor.read(() => listWorktrees(filter)),
  };
}

/** A path is planned again only when its folder was seen gone, or by the same session (a repeat after a crash). */
function* planWorktree(row: Parameters<WorktreeStore["plan"]>[0], now: Instant): Operation<WorktreeRow> {
  const planned = yield* one<WorktreeRow>(
    `insert into worktrees (path, profile_id, session_id, state, base_sha, updated_at)
     values (@path, @profileId, @sessionId, 'planned', @baseSha, @now)
     on conflict (path) do update set profile_id = excluded.profile_id, session_id = excluded.session_id,
        state = 'planned', base_sha = excluded.base_sha, rescue_ref = null, updated_at = excluded.updated_at
      where worktrees.state = 'gone' or worktrees.session_id = excluded.session_id
     returning ${columns}`,
    { path: row.path, profileId: row.profileId, sessionId: row.sessionId, baseSha: row.baseSha, now },
  );
  if (!planned) {
    throw new Error(
      `Worktree ${row.path} cannot be planned for session ${row.sessionId}: another session's folder is still there. ` +
        "Retire that one first.",
    );
  }
  yield* logWorktree(planned, now);
  return planned;
}

function* moveWorktree(
  path: string,
  state: WorktreeState,
  rescueRef: string | undefined,
  now: Instant,
): Operation<void> {
  const moved = yield* one<WorktreeRow>(
    `update worktrees set state = @state, rescue_ref = coalesce(@rescueRef, rescue_ref), updated_at = @now
      where path = @path and state <> @state returning ${columns}`,
    { path, state, rescueRef: rescueRef ?? null, now },
  );
  // Said before: a step that is tried again and again leaves one line in the log.
  if (!moved && (yield* one(`select path from worktrees where path = @path`, { path }))) return;
  if (!moved) throw new Error(`Worktree ${path} is not in the store; plan it before changing its state to ${state}.`);
  yield* logWorktree(moved, now);
}

function* logWorktree(row: WorktreeRow, now: Instant): Operation<void> {
  const { path, state, baseSha, rescueRef, profileId, sessionId } = row;
  const kind = `worktree.${state}`;
  yield* logEvent({ kind, actor: sessionId, profileId, sessionId, body: { path, baseSha, rescueRef } }, now);
}

function* listWorktrees(filter: Parameters<WorktreeStore["list"]>[0]): Operation<readonly WorktreeRow[]> {
  const query = new ListQuery()
    .when("profile_id = @profileId", "profileId", filter.profileId)
    .whenOneOf("state", filter.states);
  // The index's own condition, see listTasks.
  if (filter.states && !filter.states.includes("gone")) query.and("state <> 'gone'");
  return yield* query.rows<WorktreeRow>({ columns, table: "worktrees", order: ["path"], keep: "oldest" });
}
