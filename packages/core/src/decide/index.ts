export { decideIssue, issueLane } from "./decide-issue.ts";
export { decideReconcile, type ReconcileFacts, type ReconcileStep } from "./decide-reconcile.ts";
export { decideTick, streamOf, type TickPlan } from "./decide-tick.ts";
export { agentBranchPrefix, issueBranchPrefix, issueNumberOf, issueSubject, linkedPullRequests } from "./issue-text.ts";
export { defaultRetryLadder, retryDelayMs } from "./retry-delay.ts";
