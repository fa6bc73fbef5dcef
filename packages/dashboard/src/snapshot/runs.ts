import type { Instant } from "@agent-control-plane/core";
import type { LiveSession, ProfileDocument, ShownSession } from "../documents/index.ts";
import type { SnapshotAlert } from "./alerts.ts";
import type { SnapshotProfileFacts, SnapshotSessionFacts } from "./facts.ts";
import { resultOf } from "./result-of.ts";
import { isoOf, orEmpty, taskOf } from "./words.ts";

const mostRecent = 8;

/** Pure. Sessions under way, as the reference's `runs`. */
export const runsOf = (
  { live }: ProfileDocument,
  facts: SnapshotProfileFacts | undefined,
  alerts: readonly SnapshotAlert[],
) => live.map((session) => runOf(session, facts?.sessions.get(session.id), alertsOf(session, alerts)));

export type SnapshotRun = ReturnType<typeof runsOf>[number];

function runOf(session: LiveSession, facts: SnapshotSessionFacts | undefined, alerts: readonly SnapshotAlert[]) {
  const failure = failureOf(session, facts);
  const { status, ...result } = resultOf(session, failure);
  return {
    ...{ session: session.id, ...taskOf(session.subject), mode: "" },
    ...{ status, lifecycle_status: status, started_at: isoOf(session.startedAt), updated_at: isoOf(lastOf(session)) },
    ...{ coding_worker: session.backend, branch: orEmpty(facts?.branch), worktree: orEmpty(facts?.worktree) },
    ...{ thread_id: orEmpty(facts?.threadId), failure_reason: failure, ...result, result_only_completion: "no" },
    ...{ resident_worker_key: orEmpty(facts?.conversationId), provider_model: orEmpty(session.model) },
    ...{ provider_pool_name: orEmpty(facts?.pool), run_dir: orEmpty(facts?.runDir), alerts },
    // Ours besides.
    ...{ kind: session.kind, lane: session.lane, attempt: session.attempt, activity: session.activity },
  };
}

/** Pure. The newest sessions that are over. */
export function recentHistoryOf({ recent }: ProfileDocument, facts: SnapshotProfileFacts | undefined) {
  return recent.slice(0, mostRecent).map((session) => {
    const own = facts?.sessions.get(session.id);
    const failure = failureOf(session, own);
    const { status, ...result } = resultOf(session, failure);
    return {
      ...{ session: session.id, ...taskOf(session.subject), status, lifecycle_status: status },
      ...{ updated_at: isoOf(session.endedAt), coding_worker: session.backend, failure_reason: failure, ...result },
      ...{ run_dir: orEmpty(own?.runDir), archived: true, alerts: [] as readonly SnapshotAlert[] },
      ...{ kind: session.kind, lane: session.lane, attempt: session.attempt, summary: orEmpty(session.summary) },
    };
  });
}

export type SnapshotHistory = ReturnType<typeof recentHistoryOf>[number];

/** Pure. When something was last heard of it. */
export const lastOf = ({ activity, startedAt, intendedAt }: LiveSession): Instant =>
  activity?.at ?? startedAt ?? intendedAt;

/** Pure. Why it failed; empty: it did not. */
export function failureOf(session: ShownSession, facts: SnapshotSessionFacts | undefined): string {
  if (facts?.failureReason) return facts.failureReason;
  if (session.exitReason !== null && session.exitReason !== "finished") return session.exitReason;
  return session.outcome === "try-again" || session.outcome === "not-started" ? session.outcome : "";
}

/** Of the very session, or of the issue or pull request it works on. */
function alertsOf({ id, subject }: ShownSession, alerts: readonly SnapshotAlert[]): readonly SnapshotAlert[] {
  const { task_kind, task_id } = taskOf(subject);
  return alerts.filter(
    (alert) =>
      alert.session === id || (alert.task_id !== "" && alert.task_kind === task_kind && alert.task_id === task_id),
  );
}
