import type { FlowState } from "../../domain/flow.ts";

/** Pure. How a flow ends whose tasks have all ended. */
export function endOfFlow(flow: {
  readonly ending: "fail" | "cancel" | null;
  readonly reason: string | null;
  /** A task failed, and its failure counts. */
  readonly hasFailed: boolean;
}): { readonly state: FlowState; readonly reason: string | null } {
  if (flow.ending === "cancel") return { state: "cancelled", reason: flow.reason ?? "cancelled" };
  if (flow.ending === "fail") return { state: "failed", reason: flow.reason ?? "task-failed" };
  return flow.hasFailed ? { state: "failed", reason: "task-failed" } : { state: "succeeded", reason: null };
}
