import { verdictAnswers } from "../../domain/flow-decision.ts";
import { failureAnswers } from "../../domain/flow-plan.ts";
import type { FlowFacts, NewDecision, Step, TaskFacts } from "./facts.ts";

export interface Consequence {
  readonly step: Step;
  readonly decision?: NewDecision;
  /** Nothing else of the flow begins. */
  readonly failsFlow?: boolean;
}

/** Pure. What the failure of a task comes to by its policy, after its retries. Nobody is asked once the flow is to end. */
export function failTask(task: TaskFacts, reason: string, flow: FlowFacts): Consequence {
  const failed: Step = { taskId: task.id, from: task.state, state: "failed", reason, isTolerated: false };
  if (flow.ending !== null) return { step: failed };
  switch (task.onFail) {
    case "skip_dependents":
      return { step: failed };
    case "continue":
      return { step: { ...failed, isTolerated: true } };
    case "fail":
      return { step: failed, failsFlow: true };
    case "ask":
      return { step: { ...failed, state: "asking" }, decision: questionOf(task, "failure", flow) };
    default:
      throw new Error(`Unknown policy: ${JSON.stringify(task.onFail satisfies never)}`);
  }
}

/** Answered by itself as the plan says of the task; a judge's question is answered by what comes nearest. */
export function questionOf(task: TaskFacts, kind: NewDecision["kind"], { now }: FlowFacts): NewDecision {
  const { ask } = task;
  return {
    taskId: task.id,
    kind,
    options: kind === "failure" ? failureAnswers : verdictAnswers,
    fallback: ask === null ? null : kind === "failure" ? ask.answer : verdictFor[ask.answer],
    expiresAt: ask === null ? null : now + ask.expiresMs,
  };
}

const verdictFor = { retry: "retry", continue: "pass", skip: "fail", fail: "fail" } as const;
