import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Anchor, anchorGit, scratchFolder } from "./anchor.ts";
import { checkedSha } from "./anchor-refs.ts";
import { GitError } from "./git-error.ts";
import { ownedName } from "./owned-name.ts";

/** What git itself makes of merging two commits. */
export interface TriedMerge {
  readonly tree: string;
  /** Empty when they merge cleanly. */
  readonly conflicting: readonly string[];
  /** With which a git command on the anchor sees `tree`. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The paths that conflict when two commits of the anchor are merged; empty when they merge cleanly. Throws `GitError`,
 * also when the two have no common history.
 */
export async function mergeConflicts(anchor: Anchor, sha: string, otherSha: string): Promise<readonly string[]> {
  return withTriedMerge(anchor, [sha, otherSha], [], async ({ conflicting }) => conflicting);
}

/** As `use` sees the merge of two commits, in objects of its own, which are thrown away. Throws `GitError`. */
export async function withTriedMerge<T>(
  anchor: Anchor,
  [sha, otherSha]: readonly [string, string],
  options: readonly "--allow-unrelated-histories"[],
  use: (merge: TriedMerge) => Promise<T>,
): Promise<T> {
  const shape = ["--write-tree", "--name-only", "--no-messages", "-z"];
  const args = ["merge-tree", ...shape, ...options, checkedSha(sha), checkedSha(otherSha)];
  const objects = join(scratchFolder(anchor), ownedName());
  await mkdir(objects, { recursive: true });
  try {
    const env = {
      GIT_OBJECT_DIRECTORY: objects,
      GIT_ALTERNATE_OBJECT_DIRECTORIES: JSON.stringify(join(anchor.path, "objects")),
    };
    const merged = await anchorGit(anchor, args, { env, okCodes: [0, 1, 129] });
    if (merged.exitCode === 129)
      throw new GitError("other", "git merge-tree knows no --write-tree; install git 2.38 or newer");
    const [tree = "", ...paths] = merged.stdout.toString("utf8").split("\0");
    // Exit code 1 without a tree is no answer about the merge.
    if (!/^[0-9a-f]{40}$/.test(tree)) throw new GitError("other", `git merge-tree failed: ${merged.stderr.trim()}`);
    const conflicting = merged.exitCode === 0 ? [] : [...new Set(paths)].filter((path) => path !== "");
    return await use({ tree, conflicting, env });
  } finally {
    await rm(objects, { recursive: true, force: true });
  }
}
