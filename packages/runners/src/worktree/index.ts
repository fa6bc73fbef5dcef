export { type Anchor, openAnchor } from "./anchor.ts";
export { type ChangedFile, changedFiles, type DiffStat, diff } from "./anchor-diff.ts";
export { deleteRef, dropRun, isAncestor, keepRef, rescueRef, runRef } from "./anchor-refs.ts";
export { branchName, isBranchName } from "./branch-name.ts";
export { changedLines, parseChangedLines } from "./changed-lines.ts";

export { type CollectedWork, type Collecting, collectedBefore, collectWork } from "./collect-work.ts";
export { commitsOf } from "./commits-of.ts";

export { type Base, createCheckout, createWorktree, type Identity, type NewWorktree } from "./create-worktree.ts";
export { fetchBranch, fetchHead } from "./fetch-branch.ts";
export { fetchCommit, hasCommit } from "./fetch-commit.ts";
export { GitError, type GitFailure, gitFailures } from "./git-error.ts";
export type { GitRemote } from "./git-remote.ts";
export { type HostGitOptions, type HostGitResult, hostGit } from "./host-git.ts";
export { mergeConflicts } from "./merge-conflicts.ts";
export { packAnchor } from "./pack-anchor.ts";
export { pruneRefs } from "./prune-refs.ts";
export { type Push, type PushResult, pushSha, remoteHead } from "./push-sha.ts";
export { readDelta } from "./read-delta.ts";
export type { ResidualProblem } from "./residual.ts";
export { type Retirement, type Retiring, retireWorktree } from "./retire-worktree.ts";
export { type SavedWork, savedWork } from "./saved-work.ts";
export {
  type FoundWorktree,
  listWorktrees,
  type Proof,
  pathOfFound,
  provePath,
  removeHalfMade,
  sessionOfFound,
} from "./worktree-root.ts";
