/**
 * Why a session or its reconciliation failed: one list, so that retry policy, `why`, the dashboard and the tests speak
 * of the same things. What the host says of a failure is typed with it. The names people know from the reference are kept.
 */
export const failureReasons = [
  // The agent's side: the backend's own structured evidence, or what the wrapper saw.
  "usage-limit",
  "auth-401",
  "account-banned",
  "auth-failure",
  "provider-quota-limit",
  "provider-error",
  "model-unavailable",
  "network-connection",
  "context-length-exceeded",
  "turn-limit",
  "budget-exhausted",
  "agent-not-found",
  // The backend knows nothing of the conversation it was to go on with; nothing was done.
  "resume-refused",
  "worker-exit-failed",
  "worker-tool-exec-empty-command",
  // It asked whether it may do something; nobody is there to answer.
  "approval-asked",
  "no-terminal-event",
  "worker-killed",
  // Our limits and our supervision.
  "no-agent-output-before-stall-threshold",
  "no-agent-progress-before-stall-threshold",
  "timeout",
  "runner-aborted-before-completion",
  "launch-failed",
  "not-started",
  "session-lost",
  "lease-lost",
  "lease-expired",
  "store-unreachable",
  "survivors-after-kill",
  // The result the agent left.
  "missing-result-contract",
  "invalid-result-contract",
  "contract-of-another-item",
  "issue-worker-blocked",
  "pr-worker-blocked",
  "no-change-needed",
  "worker-environment-blocked",
  "external-network-access-blocked",
  "no-publishable-commits",
  "no-publishable-delta",
  "unpublishable-tree",
  "wrong-branch",
  "old-commits",
  "history-rewritten",
  "agent-artefacts-only",
  "worktree-missing",
  "work-unreadable",
  // The host's checks and its publishing.
  "no-verification-configured",
  "verification-failed",
  "verification-timed-out",
  "verification-interrupted",
  "baseline-broken",
  "remaining-merge-conflicts-after-updated-branch",
  "remaining-merge-conflicts-after-no-change-needed",
  "base-changes-dropped",
  "verification-guard-blocked",
  "scope-guard-blocked",
  "secret-in-diff",
  "protected-paths",
  "weakened-tests",
  "localization-guard-blocked",
  "host-publish-failed",
  "github-api-rate-limit",
  "superseded-by-follow-ups",
] as const;

export type FailureReason = (typeof failureReasons)[number];

export function isFailureReason(text: string): text is FailureReason {
  return (failureReasons as readonly string[]).includes(text);
}
