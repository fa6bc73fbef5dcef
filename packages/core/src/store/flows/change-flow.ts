import type { FlowState } from "../../domain/flow.ts";
import type { FlowStopMode } from "../../domain/flow-mailbox.ts";
import type { Instant } from "../../domain/time.ts";
import type { FlowAnswer } from "../ports/flows.ts";
import { count, type Operation } from "../statement.ts";
import { addMessages } from "./flow-messages.ts";
import { logFlow } from "./log-flow.ts";
import { applied, growingFlow, liveFlow, refused } from "./refuse.ts";
import { settleFlow } from "./settle-flow.ts";

export function* pauseFlow(flowId: string, actor: string, now: Instant): Operation<FlowAnswer> {
  const flow = yield* growingFlow(flowId);
  if ("kind" in flow) return flow;
  if (flow.state !== "running") return refused("flow-not-running", `Flow ${flowId} is ${flow.state} already.`);
  yield* turn(flowId, "paused", actor, now);
  yield* addMessages({ flow, actor, now }, [
    { type: "PROGRESS", taskId: null, body: { text: `It was paused by ${actor}.`, state: "paused" } },
  ]);
  return applied;
}

export function* resumeFlow(flowId: string, actor: string, now: Instant): Operation<FlowAnswer> {
  const flow = yield* growingFlow(flowId);
  if ("kind" in flow) return flow;
  if (flow.state !== "paused") return refused("flow-not-paused", `Flow ${flowId} is not paused.`);
  yield* turn(flowId, "running", actor, now);
  yield* addMessages({ flow, actor, now }, [
    { type: "PROGRESS", taskId: null, body: { text: `It was resumed by ${actor}.`, state: "running" } },
  ]);
  return applied;
}

export function* turn(flowId: string, state: FlowState, actor: string, now: Instant): Operation<void> {
  yield* count(`update flows set state = @state where id = @flowId`, { flowId, state });
  yield* logFlow(flowId, [{ kind: `flow.${state}`, body: { state } }], actor, now);
}

/** A flow that is to end already may still be told to end at once. */
export function* stopFlow(flowId: string, mode: FlowStopMode, actor: string, now: Instant): Operation<FlowAnswer> {
  const flow = yield* liveFlow(flowId);
  if ("kind" in flow) return flow;
  const kind = flow.ending === "fail" ? "fail" : "cancel";
  const reason = flow.ending === "fail" ? (flow.reason ?? "task-failed") : "cancelled";
  const ending = { kind, reason, stopsRunning: mode === "now" } as const;
  yield* settleFlow({ flow, actor, now }, { first: [], tasks: [], ending });
  return applied;
}
