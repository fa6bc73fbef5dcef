import type { FlowTaskSpec } from "./flow-plan.ts";
import type { Json } from "./json.ts";
import type { Instant } from "./time.ts";

/** Lines of `outbox.jsonl`: `{"seq":1,"at":"<ISO>","type":"TASK_STARTED","flow":"f…","task":"build", …}`. */
export const flowMessageTypes = [
  "TASK_STARTED",
  "PROGRESS",
  "TASK_DONE",
  "TASK_FAILED",
  "DECISION_NEEDED",
  "ERROR",
  "ALL_DONE",
] as const;
export type FlowMessageType = (typeof flowMessageTypes)[number];

export interface FlowMessage {
  /** From 1, without gaps, per flow. */
  readonly seq: number;
  readonly at: Instant;
  readonly type: FlowMessageType;
  readonly taskId: string | null;
  readonly body: Json;
}

/** Lines of `inbox.jsonl`. `id` is optional; a line whose id was there before is refused as a repeat. */
export const flowCommandTypes = [
  "ADD_TASK",
  "UPDATE_TASK",
  "CANCEL_TASK",
  "DECIDE",
  "PAUSE",
  "RESUME",
  "STOP",
] as const;
export type FlowCommandType = (typeof flowCommandTypes)[number];

/** What may be changed of a task that has not begun; its place in the graph stays. */
export type FlowTaskChange = Partial<Omit<FlowTaskSpec, "id" | "dependsOn" | "judges">>;

/** `drain`: nothing new begins and what runs may end; `now`: what runs is asked to stop. The flow is cancelled by both. */
export const flowStopModes = ["drain", "now"] as const;
export type FlowStopMode = (typeof flowStopModes)[number];

/** A line of `inbox.jsonl` as it was understood, its tasks complete and checked against the plan. */
export type ReadyFlowCommand = { readonly id: string | null } & (
  | { readonly type: "ADD_TASK"; readonly tasks: readonly FlowTaskSpec[] }
  | { readonly type: "UPDATE_TASK"; readonly taskId: string; readonly change: FlowTaskChange }
  | { readonly type: "CANCEL_TASK"; readonly taskId: string; readonly reason: string | null }
  | { readonly type: "DECIDE"; readonly ref: string; readonly answer: string; readonly comment: string | null }
  | { readonly type: "PAUSE" }
  | { readonly type: "RESUME" }
  | { readonly type: "STOP"; readonly mode: FlowStopMode }
);
