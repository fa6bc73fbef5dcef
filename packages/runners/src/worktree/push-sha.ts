import { type Anchor, anchorGit } from "./anchor.ts";
import { checkedSha } from "./anchor-refs.ts";
import { isBranchName } from "./branch-name.ts";
import { GitError } from "./git-error.ts";
import type { GitRemote } from "./git-remote.ts";
import { hostGitText } from "./host-git.ts";

/** `moved`: the branch has another head than expected (null: it is gone) and was left alone. */
export type PushResult =
  | { readonly kind: "pushed" }
  | { readonly kind: "already" }
  | { readonly kind: "moved"; readonly actual: string | null };

export interface Push {
  readonly branch: string;
  readonly sha: string;
  /** The head the branch must have now; null: it must not exist. */
  readonly expectedSha: string | null;
  /** Never pushed to. */
  readonly defaultBranch: string;
}

/**
 * Makes the remote's `branch` point to exactly `sha`, if it still is what we expect. Safe to repeat after a lost
 * reply. Throws `GitError` (`unreachable`: it may have been applied).
 */
export async function pushSha(anchor: Anchor, remote: GitRemote, push: Push): Promise<PushResult> {
  if (!isBranchName(push.branch) || push.branch.toLowerCase() === push.defaultBranch.toLowerCase()) {
    throw new GitError("refused", `will not push to ${JSON.stringify(push.branch)}: expected a branch of our own`);
  }
  const ref = `refs/heads/${push.branch}`;
  const lease = `--force-with-lease=${ref}:${push.expectedSha === null ? "" : checkedSha(push.expectedSha)}`;
  const args = ["push", "--porcelain", "--no-verify", lease, "--", remote.url, `${checkedSha(push.sha)}:${ref}`];
  try {
    const { stdout } = await anchorGit(anchor, args, { remote });
    return { kind: /^=\t/m.test(stdout.toString("utf8")) ? "already" : "pushed" };
  } catch (error) {
    if (!(error instanceof GitError) || !isRejection(error)) throw error;
    return afterRejection(remote, push, error);
  }
}

/** The commit the remote's branch points to; null when there is no such branch. Throws `GitError`. */
export async function remoteHead(remote: GitRemote, branch: string): Promise<string | null> {
  if (!isBranchName(branch)) throw new GitError("other", `${JSON.stringify(branch)} is not a branch name we accept`);
  const ref = `refs/heads/${branch}`;
  const text = await hostGitText(["ls-remote", "--quiet", "--", remote.url, ref], { remote, timeoutMs: 60_000 });
  const line = text.split("\n").find((l) => l.slice(41) === ref);
  return line === undefined ? null : checkedSha(line.slice(0, 40));
}

function isRejection(error: GitError): boolean {
  return (
    error.reason === "non-fast-forward" || error.reason === "refused" || /failed to push some refs/.test(error.message)
  );
}

/** Git's words say that it did not go through; what the branch is now says whether and why. */
async function afterRejection(remote: GitRemote, push: Push, error: GitError): Promise<PushResult> {
  const actual = await remoteHead(remote, push.branch);
  if (actual === push.sha) return { kind: "already" };
  if (actual !== push.expectedSha) return { kind: "moved", actual };
  throw error.reason === "unreachable" || error.reason === "auth"
    ? error
    : new GitError("refused", error.message, error);
}
