/** The named kinds of work with rules and slots of their own; each runs a session. */
export const lanes = [
  "issue-implementation",
  "scheduled-check",
  "blocked-recovery",
  "pr-review",
  "pr-fix",
  "pr-merge-repair",
] as const;
export type Lane = (typeof lanes)[number];

export const issueLanes = ["issue-implementation", "scheduled-check", "blocked-recovery"] as const;
export const pullRequestLanes = ["pr-review", "pr-fix", "pr-merge-repair"] as const;

export const isLane = (name: string): name is Lane => (lanes as readonly string[]).includes(name);
export const isPullRequestLane = (name: string): boolean => (pullRequestLanes as readonly string[]).includes(name);

/**
 * What a pull request needs next. The first five are worked by a session, `ci-refresh` by the host; at the others
 * nothing is started, because somebody else's move comes first.
 */
export const pullRequestStages = [
  "double-check-2",
  "double-check-1",
  "automerge",
  "merge-repair",
  "fix",
  "ci-refresh",
  "human-review",
  "pending",
  "blocked",
  "ignore",
] as const;
export type PullRequestStage = (typeof pullRequestStages)[number];
