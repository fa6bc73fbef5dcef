import type { Json } from "../domain/json.ts";
import type { Conversation, Resumption } from "../domain/resumption.ts";
import type { Ending, ProcessMark, Session } from "../domain/session.ts";

export const sessionColumns =
  'id, profile_id as "profileId", task_id as "taskId", term, attempt, kind, subject, lane, backend, model, coalesce(account, backend) as account, pool, state, wrapper, ' +
  'run_dir as "runDir", worktree_path as "worktreePath", branch, start_sha as "startSha", intended_at as "intendedAt", ' +
  'started_at as "startedAt", ended_at as "endedAt", concluded_at as "concludedAt", ending, outcome, evidence, conversation, resumes';

export type SessionRow = Omit<Session, JsonColumn> & {
  readonly wrapper: string | null;
  readonly ending: string | null;
  readonly evidence: string;
  readonly conversation: string | null;
  readonly resumes: string | null;
};

type JsonColumn = "wrapper" | "ending" | "evidence" | "conversation" | "resumes";

export function sessionFrom(row: SessionRow): Session {
  return {
    ...row,
    wrapper: parsed<ProcessMark>(row.wrapper),
    ending: parsed<Ending>(row.ending),
    evidence: JSON.parse(row.evidence) as Json,
    conversation: parsed<Conversation>(row.conversation),
    resumes: parsed<Resumption>(row.resumes),
  };
}

const parsed = <T>(text: string | null): T | null => (text === null ? null : (JSON.parse(text) as T));
