import { type Anchor, anchorGit, anchorGitText } from "./anchor.ts";
import { isBranchName } from "./branch-name.ts";
import { GitError } from "./git-error.ts";
import type { GitRemote } from "./git-remote.ts";
import { withLockRetry } from "./lock-retry.ts";

/**
 * Brings the remote's `branch` into the anchor as `refs/remotes/origin/<branch>` and answers its head commit.
 * Several processes may do it at once. Throws `GitError` (`not-found` when there is no such branch).
 */
export async function fetchBranch(anchor: Anchor, remote: GitRemote, branch: string): Promise<string> {
  if (!isBranchName(branch)) throw new GitError("other", `${JSON.stringify(branch)} is not a branch name we accept`);
  const tracking = `refs/remotes/origin/${branch}`;
  await withLockRetry(anchor.path, () =>
    anchorGit(anchor, [...fetchQuietly, "--", remote.url, `+refs/heads/${branch}:${tracking}`], { remote }),
  );
  return anchorGitText(anchor, ["rev-parse", "--verify", `${tracking}^{commit}`]);
}

/** A fetch that writes the named refs and nothing else. */
export const fetchQuietly = [
  "fetch",
  "--quiet",
  "--no-tags",
  "--no-write-fetch-head",
  "--no-auto-maintenance",
  "--no-recurse-submodules",
  "--refmap=",
] as const;
