import type { LiveSession, ProfileDocument, ShownSession, ShownWrite } from "../../../src/index.ts";

export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;

export type Decision = ProfileDocument["decisions"][number];

/** A decision that holds; `ago` in minutes. */
export const hold =
  (profileId: string, now: number) =>
  (subject: string, lane: string, reason: string, ago: number, more: Partial<Decision> = {}): Decision => ({
    ...{ profileId, subject, lane, verdict: "hold", reason, detail: "", place: null, decidedAt: now - ago * minute },
    ...more,
  });

export const session = (now: number, id: string, subject: string, ago: number, more: object = {}): ShownSession => ({
  ...{ id, subject, lane: "issue-implementation", kind: "agent", state: "running", backend: "claude" },
  ...{ model: "sonnet-4.5", attempt: 1, intendedAt: now - ago * minute - second, startedAt: now - ago * minute },
  ...{ endedAt: null, outcome: null, exitReason: null, summary: null },
  spend: { usage: { inputTokens: ago * 9_000, outputTokens: ago * 1_100, costUsd: ago * 0.061 }, costKind: "reported" },
  ...more,
});

export const live = (
  now: number,
  ...[id, subject, ago, activity, more]: [string, string, number, Partial<LiveSession["activity"]> | null, object?]
): LiveSession => ({
  ...session(now, id, subject, ago, more),
  activity: activity && { at: now - 3 * second, kind: "tool-start", tool: null, text: null, ...activity },
});

export const ended = (
  now: number,
  ...[id, subject, ago, tookMinutes, outcome, more]: [string, string, number, number, string, object?]
): ShownSession =>
  session(now, id, subject, ago + tookMinutes, {
    ...{ state: "concluded", outcome, exitReason: "finished", endedAt: now - ago * minute },
    ...more,
  });

export const write = (now: number, id: number, kind: ShownWrite["kind"], ago: number, more: object): ShownWrite => ({
  ...{ id, kind, state: "pending", createdAt: now - ago * minute, number: null, preview: "", tries: 0 },
  ...{ lastError: null, nextAt: null, sentAt: null, awaits: false },
  ...more,
});
