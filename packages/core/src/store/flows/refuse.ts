import type { Flow } from "../../domain/flow.ts";
import type { FlowAnswer, FlowRefusal } from "../ports/flows.ts";
import type { Operation } from "../statement.ts";
import { isFlowOver, readFlow } from "./flow-row.ts";

export const applied: FlowAnswer = { kind: "applied" };

export const refused = (reason: FlowRefusal, summary: string): FlowAnswer => ({ kind: "refused", reason, summary });

/** The flow, or why nothing can be asked of it any more. */
export function* liveFlow(flowId: string): Operation<Flow | FlowAnswer> {
  const flow = yield* readFlow(flowId);
  if (!flow) return refused("unknown-flow", `There is no flow ${flowId}.`);
  if (isFlowOver(flow)) return refused("flow-over", `Flow ${flowId} is over: it ${wordFor[flow.state]}.`);
  return flow;
}

/** The same of what would begin something. */
export function* growingFlow(flowId: string): Operation<Flow | FlowAnswer> {
  const flow = yield* liveFlow(flowId);
  if ("kind" in flow || flow.ending === null) return flow;
  return refused(
    "flow-ending",
    `Flow ${flowId} is about to end (${flow.reason ?? flow.ending}): nothing begins in it.`,
  );
}

const wordFor = {
  running: "runs",
  paused: "is paused",
  succeeded: "succeeded",
  failed: "failed",
  cancelled: "was cancelled",
} as const;
