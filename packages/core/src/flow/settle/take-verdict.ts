import type { JudgeVerdict } from "../../domain/flow-decision.ts";
import type { FlowFacts, TaskFacts } from "./facts.ts";
import { type Consequence, failTask, questionOf } from "./policy.ts";

/**
 * Pure. What a judge's verdict does to the work and to the judge: the judge is over with the work, and waits again while
 * the work is done anew or a person is asked. A verdict about work that ended meanwhile changes nothing of it.
 */
export function takeVerdict(
  judge: TaskFacts,
  work: TaskFacts | null,
  said: { readonly verdict: JudgeVerdict; readonly feedback: string },
  flow: FlowFacts,
): readonly Consequence[] {
  const spoken: Consequence = {
    step: { taskId: judge.id, from: judge.state, state: "succeeded", reason: null, isTolerated: false },
  };
  if (work?.state !== "judging") return [spoken];
  const { step, ...others } = judgeWork(judge, work, said.verdict, flow);
  const judged = { ...others, step: { ...step, feedback: said.feedback, isJudged: step.state !== "queued" } };
  return [judged, step.state === "queued" || step.state === "asking" ? waitsAgain(judge) : spoken];
}

function judgeWork(judge: TaskFacts, work: TaskFacts, verdict: JudgeVerdict, flow: FlowFacts): Consequence {
  const at = { taskId: work.id, from: work.state };
  switch (verdict) {
    case "pass":
      return { step: { ...at, state: "succeeded", reason: null, isTolerated: false } };
    case "fail":
      return failTask(work, "judge-failed", flow);
    case "retry":
      if (flow.ending !== null) return { step: { ...at, state: "cancelled", reason: "flow-ending" } };
      if (work.round >= judge.rounds) return failTask(work, "rounds-used-up", flow);
      return { step: { ...at, state: "queued", reason: "judge-retry", round: work.round + 1, runAt: flow.now } };
    case "ask":
      if (flow.ending !== null) return { step: { ...at, state: "cancelled", reason: "flow-ending" } };
      return { step: { ...at, state: "asking", reason: "judge-asks" }, decision: questionOf(work, "verdict", flow) };
    default:
      throw new Error(`Unknown verdict: ${JSON.stringify(verdict satisfies never)}`);
  }
}

/** For the work alone: everything else that it needs is there. */
const waitsAgain = (judge: TaskFacts): Consequence => ({
  step: { taskId: judge.id, from: judge.state, state: "waiting", reason: "judge-waits", unmet: 1 },
});
