import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { checkedSha } from "./anchor-refs.ts";
import { copyIndex } from "./copy-index.ts";
import { hostGit } from "./host-git.ts";
import { removeTree } from "./remove-tree.ts";
import { readSeal, resealTree, type TreeSeal } from "./seal-tree.ts";
import { claimPooled } from "./worktree-pool.ts";

/**
 * Puts a pooled tree for `trust` into `container` as `tree`, brought to `sha`, with a repository of its own that
 * `layOut` makes. Answers its new seal; null when there is none or it is not as it was pooled, and nothing is left.
 * Throws `GitError` when git fails.
 */
export async function takePooled(of: {
  readonly root: string;
  readonly trust: string;
  /** A new folder. */
  readonly container: string;
  readonly sha: string;
  readonly layOut: (gitDir: string) => Promise<void>;
}): Promise<TreeSeal | null> {
  const { container } = of;
  const sha = checkedSha(of.sha);
  while (await claimPooled(of.root, of.trust, container)) {
    const tree = join(container, "tree");
    const gitDir = join(tree, ".git");
    const git = async (...args: string[]) => {
      const { stdout } = await hostGit(args, { gitDir, cwd: tree, env: { GIT_WORK_TREE: tree }, timeoutMs: 600_000 });
      return stdout.toString("latin1").split("\0").slice(0, -1);
    };
    const seal = await readSeal(join(container, "seal.json"));
    // Fails when there is one: a pooled tree has none.
    await mkdir(gitDir);
    await of.layOut(gitDir);
    await copyIndex(join(container, "index"), join(gitDir, "index"));
    const [differing, touched, foreign] = await Promise.all([
      git("diff-index", "--cached", "--name-only", "--no-renames", "-z", sha),
      git("diff-files", "--name-only", "-z"),
      git("ls-files", "--others", "--directory", "-z"),
    ]);
    if (seal !== null && touched.length === 0 && foreign.length === 0 && !differing.some(isAttributes)) {
      await git("read-tree", "-m", "-u", sha);
      return resealTree(seal, { tree, index: join(gitDir, "index"), sha, differing, probe: join(container, "probe") });
    }
    await removeTree(container);
  }
  return null;
}

/** They say how contents are written to disk; git would not write the files again that they now fit. */
function isAttributes(path: string): boolean {
  return /(^|\/)\.gitattributes$/i.test(path);
}
