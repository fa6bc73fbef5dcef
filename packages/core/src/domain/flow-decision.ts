import type { Instant } from "./time.ts";

export const flowDecisionStates = ["open", "answered", "expired", "void"] as const;
export type FlowDecisionState = (typeof flowDecisionStates)[number];

/** A question to a person that holds one task, and nothing else. */
export interface FlowDecision {
  /** `d` and letters, digits; of its own over all flows. */
  readonly ref: string;
  readonly flowId: string;
  readonly taskId: string;
  readonly question: string;
  /** What may be answered. */
  readonly options: readonly string[];
  readonly state: FlowDecisionState;
  readonly answer: string | null;
  readonly answeredBy: string | null;
  readonly askedAt: Instant;
  /** Answered with `fallback` by itself then; null: never. */
  readonly expiresAt: Instant | null;
  readonly fallback: string | null;
  readonly answeredAt: Instant | null;
}

/** What a judge says in its `result.json`: `{ "verdict": "pass" | "retry" | "fail" | "ask", "feedback": "..." }`. */
export const judgeVerdicts = ["pass", "retry", "fail", "ask"] as const;
export type JudgeVerdict = (typeof judgeVerdicts)[number];

/** What may be answered to a question of a judge: as its verdict would be. */
export const verdictAnswers = ["pass", "retry", "fail"] as const;
export type VerdictAnswer = (typeof verdictAnswers)[number];
