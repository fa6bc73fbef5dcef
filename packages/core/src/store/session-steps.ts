import type { Json, JsonObject } from "../domain/json.ts";
import type { Ending, ProcessMark, Session } from "../domain/session.ts";
import type { LeaseKey, Task } from "../domain/task.ts";
import type { Instant } from "../domain/time.ts";
import { jsonWithoutTokens, withoutTokens } from "../profile/redaction.ts";
import { recordEndedTry, recordReasonOfTry, recordStartedTry } from "./attempts.ts";
import { logEvent } from "./events.ts";
import { leaveAccount } from "./held-slots.ts";
import { handOverLease, holderOf } from "./leases.ts";
import { type SessionRow, sessionColumns, sessionFrom } from "./session-row.ts";
import { countSpend } from "./spend-of-session.ts";
import { must, type Operation, one } from "./statement.ts";
import type { Lost, NewSession } from "./store.ts";

/** The legal steps of `sessionSteps`; each is a guarded update, so an illegal one changes nothing. */
export function* intendSession(lease: LeaseKey, wanted: NewSession, now: Instant): Operation<Session | Lost> {
  const owner = yield* holderOf(lease);
  if (owner === undefined) return "lost";
  const row = yield* must<SessionRow>(
    `insert into sessions (id, profile_id, task_id, term, attempt, kind, subject, lane, backend, state, run_dir,
        worktree_path, branch, start_sha, intended_at, conversation, resumes, model, account, pool)
     values (@id, @profileId, @taskId, @term, @attempt, @kind, @subject, @lane, @backend, 'intended', @runDir,
        @worktreePath, @branch, @startSha, @now, @conversation, @resumes, @model, @account, @pool)
     returning ${sessionColumns}`,
    {
      ...wanted,
      conversation: jsonOrNull(wanted.conversation),
      resumes: jsonOrNull(wanted.resumes),
      model: wanted.model ?? null,
      account: wanted.account ?? null,
      pool: wanted.pool ?? null,
      taskId: lease.taskId,
      term: lease.term,
      now,
    },
  );
  const session = sessionFrom(row);
  if (wanted.kind === "verify") yield* leaveAccountOf(session, owner, now);
  yield* recordStartedTry(session);
  yield* logSession(session, "session.intended", owner, now, {
    attempt: session.attempt,
    lane: session.lane,
    backend: session.backend,
    ...(session.model === null ? {} : { model: session.model }),
    ...(session.pool === null ? {} : { pool: session.pool }),
    branch: session.branch,
    startSha: session.startSha,
    ...(session.resumes ? { resumes: { ...session.resumes } } : {}),
  });
  return session;
}

function* leaveAccountOf({ taskId, term, profileId, subject }: Session, actor: string, now: Instant): Operation<void> {
  const slots = yield* leaveAccount(taskId);
  if (slots === null) return;
  yield* logEvent({ kind: "task.slots-taken", actor, profileId, subject, taskId, term, body: { slots } }, now);
}

const jsonOrNull = (value: object | null | undefined): string | null => (value ? JSON.stringify(value) : null);

/** Lost when the task moved to another term meanwhile: the wrapper must not start its agent. */
export function* startSession(
  sessionId: string,
  term: number,
  wrapper: ProcessMark,
  now: Instant,
): Operation<"applied" | Lost> {
  const row = yield* one<SessionRow>(
    `update sessions set state = 'running', wrapper = @wrapper, started_at = @now
      where id = @sessionId and term = @term and state = 'intended'
        and exists (select 1 from leases l where l.task_id = sessions.task_id and l.term = sessions.term
                       and l.owner <> '')
     returning ${sessionColumns}`,
    { sessionId, term, wrapper: JSON.stringify(wrapper), now },
  );
  if (!row) return "lost";
  yield* logSession(sessionFrom(row), "session.started", sessionId, now, { ...wrapper });
  return "applied";
}

/** Saved whatever became of the lease: that the process tree is gone is a fact, and the first to say it is right. */
export function* endSession(
  sessionId: string,
  term: number,
  given: Ending,
  asSeen: "intended" | "running" | undefined,
  now: Instant,
): Operation<"applied" | Lost> {
  const session = yield* noteEnding(sessionId, term, given, asSeen, now);
  if (session === null) return "lost";
  yield* handOverLease({ taskId: session.taskId, term }, now);
  return "applied";
}

/** The same by the holder of the lease itself, who keeps it because it concludes the session in the same transaction. */
export function* noteEnding(
  sessionId: string,
  term: number,
  given: Ending,
  asSeen: "intended" | "running" | undefined,
  now: Instant,
): Operation<Session | null> {
  const ending = { ...given, summary: withoutTokens(given.summary) };
  const row = yield* one<SessionRow>(
    `update sessions set state = 'ended', ending = @ending, ended_at = @endedAt
      where id = @sessionId and term = @term and state in ('intended', 'running')
        and state = coalesce(@asSeen, state) returning ${sessionColumns}`,
    { sessionId, term, ending: JSON.stringify(ending), endedAt: ending.endedAt, asSeen: asSeen ?? null },
  );
  if (!row) return null;
  const session = sessionFrom(row);
  yield* countSpend({ id: sessionId, term }, { usage: ending.usage, costKind: ending.costKind ?? null }, now);
  yield* recordEndedTry(sessionId, ending);
  yield* logSession(session, "session.ended", sessionId, now, {
    exitReason: ending.exitReason,
    failureReason: ending.failureReason,
    exitCode: ending.exitCode,
    signal: ending.signal,
    usage: { ...ending.usage },
    summary: ending.summary,
  });
  return session;
}

/** Part of a release. Concluding a session that has not ended is a mistake of the caller and undoes the release. */
export function* concludeSession(
  task: Task,
  conclusion: { readonly sessionId: string; readonly outcome: string; readonly evidence: Json },
  reason: string | null,
  actor: string,
  now: Instant,
): Operation<void> {
  const row = yield* one<SessionRow>(
    `update sessions set state = 'concluded', outcome = @outcome, evidence = @evidence, concluded_at = @now
      where id = @sessionId and task_id = @taskId and state = 'ended' returning ${sessionColumns}`,
    {
      sessionId: conclusion.sessionId,
      taskId: task.id,
      outcome: conclusion.outcome,
      evidence: JSON.stringify(jsonWithoutTokens(conclusion.evidence)),
      now,
    },
  );
  if (!row) {
    throw new Error(
      `Session ${conclusion.sessionId} cannot be concluded with task ${task.id}: it is not an ended session of that ` +
        "task. End it first, and conclude it once.",
    );
  }
  yield* recordReasonOfTry(conclusion.sessionId, reason);
  yield* logSession(sessionFrom(row), "session.concluded", actor, now, { outcome: conclusion.outcome });
}

function* logSession(session: Session, kind: string, actor: string, now: Instant, body: JsonObject): Operation<void> {
  yield* logEvent(
    {
      kind,
      actor,
      profileId: session.profileId,
      subject: session.subject,
      taskId: session.taskId,
      sessionId: session.id,
      term: session.term,
      body: { sessionKind: session.kind, ...body },
    },
    now,
  );
}
