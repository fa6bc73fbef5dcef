import type { Json } from "../domain/json.ts";
import type { Conversation, Resumption } from "../domain/resumption.ts";
import type { Ending, ProcessMark, Session, Usage } from "../domain/session.ts";
import type { CostKind } from "../domain/spend.ts";

export const sessionColumns =
  'id, profile_id as "profileId", task_id as "taskId", term, attempt, kind, subject, lane, backend, model, served_model as "servedModel", coalesce(account, backend) as account, pool, state, wrapper, ' +
  'run_dir as "runDir", worktree_path as "worktreePath", branch, start_sha as "startSha", intended_at as "intendedAt", ' +
  'started_at as "startedAt", ended_at as "endedAt", concluded_at as "concludedAt", ending, outcome, evidence, conversation, resumes, usage, cost_kind as "costKind"';

export type SessionRow = Omit<Session, JsonColumn> & {
  readonly wrapper: string | null;
  readonly ending: string | null;
  readonly evidence: string;
  readonly conversation: string | null;
  readonly resumes: string | null;
  readonly usage: string | null;
  readonly costKind: CostKind | null;
};

type JsonColumn = "wrapper" | "ending" | "evidence" | "conversation" | "resumes" | "spend";

export function sessionFrom({ usage, costKind, ...row }: SessionRow): Session {
  return {
    ...row,
    wrapper: parsed<ProcessMark>(row.wrapper),
    ending: parsed<Ending>(row.ending),
    evidence: JSON.parse(row.evidence) as Json,
    conversation: parsed<Conversation>(row.conversation),
    resumes: parsed<Resumption>(row.resumes),
    spend: usage === null ? null : { usage: JSON.parse(usage) as Usage, costKind },
  };
}

export const parsed = <T>(text: string | null): T | null => (text === null ? null : (JSON.parse(text) as T));
