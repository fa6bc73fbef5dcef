import type { LiveSession, ProfileDocument, ShownSession } from "../documents/index.ts";
import type { SnapshotProfileFacts } from "./facts.ts";
import { resultOf } from "./result-of.ts";
import { failureOf, lastOf } from "./runs.ts";
import { isoOf, orEmpty, taskOf } from "./words.ts";

/**
 * Pure. The reference has a process for each issue in work; here the runtime is that process for all of them. One entry
 * for each issue under way, with the runtime's pid; what its switching of providers counts is nothing here.
 */
export const controllersOf = (profile: ProfileDocument, facts: SnapshotProfileFacts | undefined, storeFile: string) =>
  profile.live
    .filter(({ subject, kind }) => subject.startsWith("issue:") && kind === "agent")
    .map((session) => controllerOf(profile, session, facts, storeFile));

function controllerOf(
  { running, pid, retries }: ProfileDocument,
  session: LiveSession,
  facts: SnapshotProfileFacts | undefined,
  storeFile: string,
) {
  const own = facts?.sessions.get(session.id);
  const retry = retries.find(({ subject }) => subject === session.subject);
  return {
    ...{ issue_id: taskOf(session.subject).task_id, session: session.id },
    ...{ controller_pid: pid ?? 0, controller_live: running, controller_stale: !running },
    ...{ mode: "runtime", loop_count: session.attempt, state: session.state, reason: orEmpty(session.activity?.kind) },
    ...{ next_wake_at: isoOf(retry?.runAt), updated_at: isoOf(lastOf(session)) },
    ...{ worker_key: orEmpty(own?.conversationId), lane_kind: session.lane, lane_value: "" },
    ...{ provider_pool_name: orEmpty(own?.pool), provider_backend: session.backend },
    ...{ provider_model: orEmpty(session.model), provider_key: orEmpty(own?.pool) },
    ...notCounted,
    controller_file: storeFile,
  };
}

const notCounted = {
  ...{ provider_switch_count: 0, provider_failover_count: 0, provider_wait_count: 0 },
  ...{ provider_wait_total_seconds: 0, provider_last_wait_seconds: 0 },
  ...{ last_provider_switch_at: "", last_provider_switch_reason: "" },
  ...{ last_provider_from_backend: "", last_provider_from_model: "" },
  ...{ last_provider_to_backend: "", last_provider_to_model: "" },
};

/** Pure. What stays from attempt to attempt is the conversation with the backend: one entry of each, newest first. */
export function workersOf(profile: ProfileDocument, facts: SnapshotProfileFacts | undefined, storeFile: string) {
  const newestFirst = [...profile.live]
    .reverse()
    .concat(profile.recent.map((session) => ({ ...session, activity: null })));
  const byKey = new Map<string, ShownSession[]>();
  for (const session of newestFirst) {
    const key = facts?.sessions.get(session.id)?.conversationId;
    if (key) byKey.set(key, [...(byKey.get(key) ?? []), session]);
  }
  return [...byKey].map(([key, sessions]) => workerOf(key, sessions, facts, storeFile));
}

function workerOf(
  key: string,
  sessions: readonly ShownSession[],
  facts: SnapshotProfileFacts | undefined,
  storeFile: string,
) {
  const last = sessions[0] as ShownSession;
  const own = facts?.sessions.get(last.id);
  const failure = failureOf(last, own);
  const { status, outcome, action } = resultOf(last, failure);
  const { task_kind, task_id } = taskOf(last.subject);
  return {
    ...{ key, scope: task_kind, kind: task_kind, issue_id: task_id, coding_worker: last.backend },
    ...{ task_count: sessions.length, last_status: status, last_started_at: isoOf(last.startedAt) },
    ...{ last_finished_at: isoOf(last.endedAt), last_run_session: last.id, last_outcome: outcome, last_action: action },
    ...{ last_failure_reason: failure, worktree: orEmpty(own?.worktree) },
    ...{ resident_lane_kind: last.lane, resident_lane_value: task_id, resident_lane: `${last.lane}/${task_id}` },
    metadata_file: storeFile,
  };
}
