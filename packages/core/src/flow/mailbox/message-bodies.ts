import type { FlowMessageType } from "../../domain/flow.ts";

/** What a line of the outbox has next to `seq`, `at`, `type`, `flow` and `task`; a question mark: not always. */
export const messageFields = {
  TASK_STARTED: ["attempt", "round", "worker", "folder"],
  PROGRESS: ["text"],
  TASK_DONE: ["attempt", "round", "summary?", "result?", "outputs?", "durationMs"],
  TASK_FAILED: ["attempt", "round", "state", "reason", "summary", "result?", "durationMs?"],
  DECISION_NEEDED: ["ref", "question", "options", "expiresAt?", "fallback?"],
  ERROR: ["line?", "command?", "reason", "fix"],
  ALL_DONE: ["state", "reason?", "counts", "durationMs"],
} as const satisfies Readonly<Record<FlowMessageType, readonly string[]>>;
