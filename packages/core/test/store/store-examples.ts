import type { Ending, NewSession } from "../../src/index.ts";

export function aSession(id: string, changes: Partial<NewSession> = {}): NewSession {
  return {
    id,
    profileId: "q",
    attempt: 1,
    kind: "agent",
    subject: "issue:1",
    lane: "issue-implementation",
    backend: "shell",
    runDir: `/runs/${id}`,
    worktreePath: `/worktrees/${id}`,
    branch: `acp/${id}`,
    startSha: "0".repeat(40),
    ...changes,
  };
}

export function anEnding(endedAt: number, changes: Partial<Ending> = {}): Ending {
  return {
    exitReason: "finished",
    failureReason: null,
    exitCode: 0,
    signal: null,
    startedAt: endedAt - 1000,
    endedAt,
    nativeSessionId: null,
    usage: { inputTokens: 10, costUsd: 0.01 },
    retryAt: null,
    summary: "done",
    processes: { killed: 0, survivors: 0 },
    ...changes,
  };
}
