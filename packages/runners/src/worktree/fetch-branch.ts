import { createHash } from "node:crypto";
import { type Anchor, anchorGit, anchorGitText } from "./anchor.ts";
import { deleteRef } from "./anchor-refs.ts";
import { isBranchName } from "./branch-name.ts";
import { GitError } from "./git-error.ts";
import type { GitRemote } from "./git-remote.ts";
import { withLockRetry } from "./lock-retry.ts";
import { remoteHead } from "./push-sha.ts";

/**
 * Brings the remote's `branch` into the anchor as `refs/remotes/origin/<branch>` and answers its head commit.
 * Several processes may do it at once. Throws `GitError` (`not-found` when there is no such branch).
 */
export async function fetchBranch(anchor: Anchor, remote: GitRemote, branch: string): Promise<string> {
  if (!isBranchName(branch)) throw new GitError("other", `${JSON.stringify(branch)} is not a branch name we accept`);
  return fetchInto(anchor, remote, branch, `refs/remotes/origin/${branch}`);
}

/**
 * Brings any branch of the remote into the anchor and answers its head commit; null when there is no such branch.
 * Throws `GitError`.
 */
export async function fetchHead(anchor: Anchor, remote: GitRemote, branch: string): Promise<string | null> {
  if (!isBranchName(branch)) throw new GitError("other", `${JSON.stringify(branch)} is not a branch name we accept`);
  const ref = headRef(branch);
  try {
    return await fetchInto(anchor, remote, branch, ref);
  } catch (error) {
    if (!(error instanceof GitError) || error.reason !== "not-found") throw error;
    // Either the branch or the whole repository is not there; only the first is an answer.
    if ((await remoteHead(remote, branch)) !== null) throw error;
    await deleteRef(anchor, ref);
    return null;
  }
}

/** A flat name: a branch `a/b` of today must not meet `a` of yesterday, nor `A`, in the anchor's ref folders. */
function headRef(branch: string): string {
  return `refs/acp/heads/${createHash("sha256").update(branch).digest("hex").slice(0, 40)}`;
}

async function fetchInto(anchor: Anchor, remote: GitRemote, branch: string, into: string): Promise<string> {
  await withLockRetry(anchor.path, () =>
    anchorGit(anchor, [...fetchQuietly, "--", remote.url, `+refs/heads/${branch}:${into}`], { remote }),
  );
  return anchorGitText(anchor, ["rev-parse", "--verify", `${into}^{commit}`]);
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
