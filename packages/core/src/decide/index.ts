export { agentBranchPrefix, issueBranchPrefix } from "./branches.ts";
export { decideReconcile, type ReconcileFacts, type ReconcileStep } from "./decide-reconcile.ts";
export type { Effect, TickPlan } from "./decide-tick.ts";
export { decideTick } from "./decide-tick.ts";
export { defaultRetryLadder, retryDelayMs } from "./retry-delay.ts";
export * from "./subjects.ts";
