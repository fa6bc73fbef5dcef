import { lstat, readdir, rename, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { randomName } from "./random-name.ts";
import { removeTree } from "./remove-tree.ts";
import { readSeal, type TreeSeal } from "./seal-tree.ts";

/**
 * Trees of retired worktrees, cleaned and proven, for the next sessions:
 *
 *     <root>/.pool/<id>/tree/      the files of one commit, without a repository
 *     <root>/.pool/<id>/index      git's index of them, the host's own
 *     <root>/.pool/<id>/seal.json  how the host left them, and for whom
 *
 * An entry comes and goes as one rename of `<id>`: it is complete, or it is not there.
 */
export const poolFolder = ".pool";

export interface PoolEntry {
  readonly id: string;
  readonly path: string;
  /** Null: not one of ours any more. */
  readonly seal: TreeSeal | null;
  readonly pooledAtMs: number;
}

/** What `<root>/.pool` holds, the newest first. */
async function poolEntries(root: string): Promise<readonly PoolEntry[]> {
  const folder = join(root, poolFolder);
  if (!(await lstat(folder).catch(() => null))?.isDirectory()) return [];
  const entries: PoolEntry[] = [];
  for (const id of await readdir(folder)) {
    const path = join(folder, id);
    const stat = await lstat(path).catch(() => null);
    if (stat === null) continue;
    entries.push({ id, path, seal: await readSeal(join(path, "seal.json")), pooledAtMs: stat.mtimeMs });
  }
  return entries.sort((a, b) => b.pooledAtMs - a.pooledAtMs || (a.id < b.id ? 1 : -1));
}

/**
 * Moves the newest tree for `trust` to the new folder `to`, so that nobody else gets it. False when there is none.
 * Trees of another trust are left alone.
 */
export async function claimPooled(root: string, trust: string, to: string): Promise<boolean> {
  for (const entry of await poolEntries(root)) {
    if (entry.seal?.trust !== trust) continue;
    const isOurs = await rename(entry.path, to).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return false;
        throw error;
      },
    );
    if (isOurs) return true;
  }
  return false;
}

/**
 * Whether one more tree for `trust` may be kept. Makes room by dropping the oldest of another trust: a tag that nobody
 * asks for any more would hold its place for ever. On a disk that is short the whole pool goes.
 */
export async function makeRoom(
  root: string,
  of: { readonly size: number; readonly trust: string; readonly leastFreeBytes?: number },
): Promise<boolean> {
  const size = (await isDiskShort(root, of.leastFreeBytes ?? leastFreeBytes)) ? 0 : of.size;
  await trimPool(root, size);
  const kept = await poolEntries(root);
  if (kept.length < size) return true;
  const other = kept.findLast((entry) => entry.seal?.trust !== of.trust);
  if (size === 0 || other === undefined) return false;
  await discard(root, other);
  return true;
}

/** Drops what is not readable, then the oldest until at most `size` are left. */
export async function trimPool(root: string, size: number): Promise<void> {
  const entries = await poolEntries(root);
  const readable = entries.filter((entry) => entry.seal !== null);
  const kept = new Set(readable.slice(0, size));
  for (const entry of entries) if (!kept.has(entry)) await discard(root, entry);
}

/** Under another name first, so that nobody claims what is going; without its seal a rest is dropped the next time. */
async function discard(root: string, entry: PoolEntry): Promise<void> {
  const going = join(root, poolFolder, `going-${randomName()}`);
  try {
    await rename(entry.path, going);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  await rm(join(going, "seal.json"), { recursive: true, force: true });
  await removeTree(going);
}

/** Below this the next checkout, or a database, may not find the room it needs. */
const leastFreeBytes = 2 * 1024 ** 3;

async function isDiskShort(root: string, leastBytes: number): Promise<boolean> {
  const { bavail, bsize } = await statfs(root);
  return bavail * bsize < leastBytes;
}
