import type { FlowTaskState } from "../../domain/flow.ts";
import type { FailureAnswer, FailurePolicy } from "../../domain/flow-plan.ts";
import type { Instant, Millis } from "../../domain/time.ts";

/** What settling needs to know of one task. */
export interface TaskFacts {
  readonly id: string;
  readonly state: FlowTaskState;
  readonly onFail: FailurePolicy;
  /** The task whose work it judges. */
  readonly judges: string | null;
  /** The task that judges its work. */
  readonly judge: string | null;
  /** Of a judge: how often the work may be done anew. */
  readonly rounds: number;
  readonly round: number;
  /** How many of the tasks that it needs do not let it begin yet. */
  readonly unmet: number;
  /** It ended badly, and what needs it begins all the same. */
  readonly isTolerated: boolean;
  /** Its judge has spoken about its present round. */
  readonly isJudged: boolean;
  readonly ask: { readonly expiresMs: Millis; readonly answer: FailureAnswer } | null;
}

export interface FlowFacts {
  readonly ending: "fail" | "cancel" | null;
  readonly now: Instant;
}

/** One task's change; what is left out stays as it is. */
export interface Step {
  readonly taskId: string;
  readonly from: FlowTaskState;
  readonly state: FlowTaskState;
  readonly reason: string | null;
  readonly isTolerated?: boolean;
  readonly isJudged?: boolean;
  readonly round?: number;
  readonly unmet?: number;
  readonly feedback?: string;
  /** Of a queued task: not before. */
  readonly runAt?: Instant;
}

export interface NewDecision {
  readonly taskId: string;
  readonly kind: "failure" | "verdict";
  readonly options: readonly string[];
  readonly fallback: string | null;
  readonly expiresAt: Instant | null;
}

export interface Ending {
  readonly kind: "fail" | "cancel";
  readonly reason: string;
  /** What runs is asked to stop. */
  readonly stopsRunning: boolean;
}

/** What follows, each task once, in the state that it comes to. */
export interface Settled {
  readonly steps: readonly Step[];
  readonly decisions: readonly NewDecision[];
  /** Running tasks that are to be asked to stop. */
  readonly stops: readonly string[];
  /** New with this change; null: none. */
  readonly ending: Ending | null;
}

/** What settling asks for while it computes: the tasks beside these ones, or every task that has not ended. */
export type FactsWanted = { readonly beside: readonly string[] } | { readonly open: true };

/** `needs`: of each dependent, which of the tasks that were asked about it needs. */
export interface Facts {
  readonly tasks: readonly TaskFacts[];
  readonly needs: readonly { readonly taskId: string; readonly needsId: string }[];
}

export const isOver = ({ state }: { readonly state: FlowTaskState }): boolean =>
  state === "succeeded" || state === "failed" || state === "skipped" || state === "cancelled";

/** Whether what needs it may begin. */
export const lets = (task: { readonly state: FlowTaskState; readonly isTolerated: boolean }): boolean =>
  task.state === "succeeded" || (isOver(task) && task.isTolerated);
