import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import type { Anchor } from "./anchor.ts";
import { copyIndex } from "./copy-index.ts";
import { readIndexEntries } from "./index-entries.ts";
import { proveTree } from "./prove-tree.ts";
import { randomName } from "./random-name.ts";
import { removeTree } from "./remove-tree.ts";
import { withScratch } from "./scratch-repository.ts";
import { readSeal, sealTree, writeSeal } from "./seal-tree.ts";
import { sieveTree } from "./sieve-tree.ts";
import { makeRoom, poolFolder } from "./worktree-pool.ts";
import { startIndex, startSeal } from "./worktree-root.ts";

export interface Pooling {
  /** Where it was as a worktree of this name; its index and seal are still there. */
  readonly root: string;
  readonly name: string;
  /** A folder in the trash, with the worktree as `old` in it. */
  readonly container: string;
  readonly size: number;
  /** With less room than this on the disk nothing is pooled and the pool is emptied. Default 2 GiB. */
  readonly leastFreeBytes?: number;
  /** Told of each step that is done; for tests. */
  readonly reached?: (step: PoolingStep) => void | Promise<void>;
}

export type PoolingStep = "sieved" | "restored" | "proven" | "sealed" | "pooled";

/**
 * Makes a tree for the pool of what an agent left: what nobody touched is kept, all else is removed and checked out
 * again, and the whole is proven. Answers `null`, or why the tree is not kept; then the container is to be removed.
 * Until its last step everything is in the trash. Throws `GitError` and the system's errors.
 */
export async function poolWorktree(anchor: Anchor, of: Pooling): Promise<string | null> {
  const { root, name, container } = of;
  const seal = await readSeal(startSeal(root, name));
  if (seal === null) return "it was not sealed when it was made";
  const entries = readIndexEntries(await readFile(startIndex(root, name)));
  if (entries === null) return "its index is not one that can be proven";
  const room = { size: of.size, trust: seal.trust };
  const least = of.leastFreeBytes === undefined ? {} : { leastFreeBytes: of.leastFreeBytes };
  if (!(await makeRoom(root, { ...room, ...least }))) return "there is no room for it";

  const [old, tree, junk] = [join(container, "old"), join(container, "tree"), join(container, "junk")];
  await sieveTree({ from: old, to: tree, junk, entries, seal });
  await removeTree(old);
  await removeTree(junk);
  await of.reached?.("sieved");

  const odd = await withScratch(anchor, { worktree: tree, excludes: [] }, async (scratch) => {
    const index = join(scratch.gitDir, "index");
    await copyIndex(startIndex(root, name), index);
    await scratch.git(["read-tree", "--reset", "-u", seal.sha]);
    await of.reached?.("restored");
    const restored = readIndexEntries(await readFile(index));
    const problem = restored === null ? "its index cannot be read" : await proveTree(tree, restored);
    if (problem !== null) return problem;
    await of.reached?.("proven");
    const sealed = await sealTree({ tree, index, trust: seal.trust, sha: seal.sha, probe: junk });
    if (sealed === null) return "its index cannot be read";
    await copyIndex(index, join(container, "index"));
    await writeSeal(join(container, "seal.json"), sealed);
    return null;
  });
  if (odd !== null) return odd;
  await of.reached?.("sealed");
  await rename(container, join(root, poolFolder, `${name}-${randomName()}`));
  await of.reached?.("pooled");
  return null;
}
