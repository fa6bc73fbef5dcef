import type { Instant } from "@agent-control-plane/core";
import type { ProfileDocument } from "../documents/index.ts";
import { epochOf, isoOf, orEmpty, taskOf } from "./words.ts";

/** Pure. Issues that come round by a schedule; 0 seconds: by the calendar, at no fixed distance. */
export const scheduledOf = ({ schedule }: ProfileDocument, storeFile: string) =>
  schedule.map(({ subject, everyMs, lastAt, dueAt }) => ({
    ...{ issue_id: taskOf(subject).task_id, interval_seconds: Math.round((everyMs ?? 0) / 1000) },
    ...{ last_started_at: isoOf(lastAt), next_due_at: isoOf(dueAt), updated_at: isoOf(lastAt), state_file: storeFile },
  }));

/** Pure. What failed and is tried again. */
export function retriesOf(profile: ProfileDocument, now: Instant, storeFile: string) {
  const retries = profile.retries.map(({ subject, attempts, runAt, reason }) => {
    const last = profile.recent.find((session) => session.subject === subject);
    return {
      ...{ ...taskOf(subject), attempts, next_attempt_epoch: epochOf(runAt), next_attempt_at: isoOf(runAt) },
      ...{ last_reason: orEmpty(reason), updated_at: isoOf(last?.endedAt), ready: runAt <= now, state_file: storeFile },
    };
  });
  const of = (kind: string) => retries.filter(({ task_kind }) => task_kind === kind);
  return {
    issue_retries: of("issue").map(({ task_kind, task_id, ...retry }) => ({ issue_id: task_id, ...retry })),
    pr_retries: of("pr").map(({ task_kind, task_id, ...retry }) => ({ pr_number: task_id, ...retry })),
  };
}

/** Pure. Issues that wait for room, in the order of their turn, and those that are claimed. */
export function issueQueueOf(profile: ProfileDocument, storeFile: string) {
  const { next, live, decisions, pid } = profile;
  const item = (subject: string, session: string, claimedBy: string, at: Instant | undefined) => ({
    ...{ issue_id: taskOf(subject).task_id, session, claim_file: "", queued_by: "runtime", claimed_by: claimedBy },
    ...{ claimer: claimedBy, state_kind: session === "" ? "pending" : "claimed", state_format_version: "1" },
    ...{ updated_at: isoOf(at), state_file: storeFile },
  });
  const issues = <T extends { readonly subject: string }>(all: readonly T[]) =>
    all.filter(({ subject }) => subject.startsWith("issue:"));
  return {
    pending: issues(next).map(({ subject }) =>
      item(subject, "", "", decisions.find((decision) => decision.subject === subject)?.decidedAt),
    ),
    claims: issues(live.filter(({ kind }) => kind === "agent")).map(({ subject, id, intendedAt }) =>
      item(subject, id, String(pid ?? ""), intendedAt),
    ),
  };
}
