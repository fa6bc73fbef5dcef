import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { checkedSha } from "./anchor-refs.ts";
import { copyIndex } from "./copy-index.ts";
import { hostGit } from "./host-git.ts";
import { removeTree } from "./remove-tree.ts";
import { claimPooled } from "./worktree-pool.ts";

/**
 * Puts a pooled tree for `trust` into `container` as `tree`, brought to `sha`, with a repository of its own that
 * `layOut` makes. False when there is none or it does not come out as a new checkout would; then nothing is left.
 * Throws `GitError` when git fails.
 */
export async function takePooled(of: {
  readonly root: string;
  readonly trust: string;
  /** A new folder. */
  readonly container: string;
  readonly sha: string;
  readonly layOut: (gitDir: string) => Promise<void>;
}): Promise<boolean> {
  const { container } = of;
  const sha = checkedSha(of.sha);
  while (await claimPooled(of.root, of.trust, container)) {
    const tree = join(container, "tree");
    const gitDir = join(tree, ".git");
    const git = async (...args: string[]) =>
      (await hostGit(args, { gitDir, cwd: tree, env: { GIT_WORK_TREE: tree }, timeoutMs: 600_000 })).stdout;
    // Fails when there is one: a pooled tree has none.
    await mkdir(gitDir);
    await of.layOut(gitDir);
    await copyIndex(join(container, "index"), join(gitDir, "index"));
    const differing = (await git("diff-index", "--cached", "--name-only", "--no-renames", "-z", sha)).toString(
      "latin1",
    );
    // Attributes say how contents are written to disk; git would not write the files again that they now fit.
    if (!/(^|[/\0])\.gitattributes\0/i.test(differing)) {
      await git("read-tree", "--reset", "-u", sha);
      const odd = await git("ls-files", "-z", "--modified", "--deleted", "--others", "--directory");
      if (odd.length === 0) return true;
    }
    await removeTree(container);
  }
  return false;
}
