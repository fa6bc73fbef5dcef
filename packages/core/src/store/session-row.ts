import type { Json } from "../domain/json.ts";
import type { Ending, ProcessMark, Session } from "../domain/session.ts";

export const sessionColumns =
  'id, profile_id as "profileId", task_id as "taskId", term, attempt, kind, subject, lane, backend, state, wrapper, ' +
  'run_dir as "runDir", worktree_path as "worktreePath", branch, start_sha as "startSha", intended_at as "intendedAt", ' +
  'started_at as "startedAt", ended_at as "endedAt", concluded_at as "concludedAt", ending, outcome, evidence';

export type SessionRow = Omit<Session, "wrapper" | "ending" | "evidence"> & {
  readonly wrapper: string | null;
  readonly ending: string | null;
  readonly evidence: string;
};

export function sessionFrom(row: SessionRow): Session {
  return {
    ...row,
    wrapper: row.wrapper === null ? null : (JSON.parse(row.wrapper) as ProcessMark),
    ending: row.ending === null ? null : (JSON.parse(row.ending) as Ending),
    evidence: JSON.parse(row.evidence) as Json,
  };
}
