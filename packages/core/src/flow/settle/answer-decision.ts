import type { FlowFacts, NewDecision, TaskFacts } from "./facts.ts";
import { type Consequence, failTask } from "./policy.ts";

/**
 * Pure. What an answer does to the one task that the decision holds. The answer is one of the decision's options, and the
 * task is asking.
 */
export function answerDecision(
  task: TaskFacts,
  kind: NewDecision["kind"],
  answer: string,
  flow: FlowFacts,
): Consequence {
  const at = { taskId: task.id, from: task.state };
  const failed = { ...at, state: "failed", isTolerated: false } as const;
  switch (`${kind}:${answer}`) {
    case "failure:retry":
      return { step: { ...at, state: "queued", reason: "answered-retry", isJudged: false, runAt: flow.now } };
    case "failure:continue":
      return { step: { ...failed, reason: "answered-continue", isTolerated: true } };
    case "failure:skip":
      return { step: { ...failed, reason: "answered-skip" } };
    case "failure:fail":
      return { step: { ...failed, reason: "answered-fail" }, failsFlow: true };
    case "verdict:pass":
      return { step: { ...at, state: "succeeded", reason: "answered-pass", isTolerated: false } };
    case "verdict:retry":
      return {
        step: {
          ...{ ...at, state: "queued", reason: "answered-retry", isJudged: false, runAt: flow.now },
          round: task.round + 1,
        },
      };
    case "verdict:fail":
      // A person has spoken: nobody is asked once more.
      return failTask(
        { ...task, onFail: task.onFail === "ask" ? "skip_dependents" : task.onFail },
        "answered-fail",
        flow,
      );
    default:
      throw new Error(`A decision of kind ${kind} has no answer ${JSON.stringify(answer)}`);
  }
}
