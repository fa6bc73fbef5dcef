import { type BigIntStats, lstatSync } from "node:fs";
import { lstat, readFile, rm, writeFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import * as z from "zod";
import { foldersOf, type IndexEntry, readIndexEntries } from "./index-entries.ts";
import { makePace } from "./pace.ts";
import { pathBelow } from "./remove-tree.ts";

const folderSchema = z.object({ inode: z.string(), changedAtNs: z.string() });

const sealSchema = z.object({
  version: z.literal(1),
  /** Trees go only to sessions of the same tag. */
  trust: z.string(),
  sha: z.string(),
  /** After the checkout; no agent was there before. */
  sealedAtNs: z.string(),
  /** By path, in latin1. */
  folders: z.record(z.string(), folderSchema),
});

/** How the host left a tree; with git's index it says of each file and folder whether anybody touched it since. */
export type TreeSeal = z.infer<typeof sealSchema>;

/**
 * Looks at a tree that git has just checked out. Null when its index is not one that we read.
 * The change time is the one thing about a file that a program cannot set: contents, rights, links to it, extended
 * attributes, all move it.
 */
export async function sealTree(of: {
  readonly tree: string;
  readonly index: string;
  readonly trust: string;
  readonly sha: string;
  /** A free path beside the tree. */
  readonly probe: string;
}): Promise<TreeSeal | null> {
  const entries = readIndexEntries(await readFile(of.index));
  if (entries === null) return null;
  const pace = makePace();
  const root = Buffer.from(of.tree);
  const folders: TreeSeal["folders"] = Object.create(null);
  for (const folder of foldersOf(entries.keys())) {
    await pace();
    folders[folder] = sealedFolder(root, folder);
  }
  return { version: 1, trust: of.trust, sha: of.sha, sealedAtNs: await instantAfterIndex(of), folders };
}

/** The seal of a tree that git has just brought to another commit: of the old one, but for what `differing` lies in. */
export async function resealTree(
  seal: TreeSeal,
  of: {
    readonly tree: string;
    readonly index: string;
    readonly sha: string;
    /** Every path that differs between the two commits, in latin1. */
    readonly differing: readonly string[];
    readonly probe: string;
  },
): Promise<TreeSeal> {
  const root = Buffer.from(of.tree);
  const folders: TreeSeal["folders"] = Object.assign(Object.create(null), seal.folders);
  for (const folder of foldersOf(of.differing)) {
    delete folders[folder];
    if (isFolder(root, folder)) folders[folder] = sealedFolder(root, folder);
  }
  return { ...seal, sha: of.sha, sealedAtNs: await instantAfterIndex(of), folders };
}

function isFolder(root: Buffer, folder: string): boolean {
  try {
    return lstatSync(pathBelow(root, Buffer.from(folder, "latin1"))).isDirectory();
  } catch {
    return false;
  }
}

function sealedFolder(root: Buffer, folder: string): z.infer<typeof folderSchema> {
  const { ino, ctimeNs } = lstatSync(pathBelow(root, Buffer.from(folder, "latin1")), { bigint: true });
  return { inode: String(ino), changedAtNs: String(ctimeNs) };
}

async function instantAfterIndex(of: { readonly index: string; readonly probe: string }): Promise<string> {
  const { mtimeNs } = await lstat(of.index, { bigint: true });
  return String(await instantAfter(mtimeNs, of.probe));
}

/**
 * The file system's time now, which moves in steps of some milliseconds, as soon as it is past `instant`. Where the
 * steps are long it is not waited for; files of the last step then count as touched.
 */
async function instantAfter(instant: bigint, probe: string): Promise<bigint> {
  for (let tries = 0; ; tries += 1) {
    await writeFile(probe, String(tries));
    const { mtimeNs } = await lstat(probe, { bigint: true });
    if (mtimeNs > instant || tries === 10) {
      await rm(probe);
      return mtimeNs;
    }
    await wait(2);
  }
}

export async function writeSeal(file: string, seal: TreeSeal): Promise<void> {
  await writeFile(file, JSON.stringify(seal));
}

/** Null when there is none, or none that we read. */
export async function readSeal(file: string): Promise<TreeSeal | null> {
  try {
    const seal = sealSchema.safeParse(JSON.parse(await readFile(file, "utf8")));
    return seal.success ? seal.data : null;
  } catch {
    return null;
  }
}

/** Whether a file is the one that the host checked out, not touched since `sealedAtNs` (null: whenever). */
export function isUntouchedFile(stat: BigIntStats, entry: IndexEntry, sealedAtNs: bigint | null): boolean {
  return (
    (entry.kind === "link" ? stat.isSymbolicLink() : stat.isFile()) &&
    stat.nlink === 1n &&
    BigInt.asUintN(32, stat.ino) === entry.inode &&
    BigInt.asUintN(32, stat.size) === entry.size &&
    stat.ctimeNs === entry.changedAtNs &&
    stat.mtimeNs === entry.writtenAtNs &&
    // What changed in the very instant of the seal could have been changed again within it.
    (sealedAtNs === null || stat.ctimeNs < sealedAtNs)
  );
}

export function isUntouchedFolder(stat: BigIntStats, path: string, seal: TreeSeal): boolean {
  const sealed = Object.hasOwn(seal.folders, path) ? seal.folders[path] : undefined;
  return (
    sealed !== undefined &&
    stat.isDirectory() &&
    String(stat.ino) === sealed.inode &&
    String(stat.ctimeNs) === sealed.changedAtNs &&
    stat.ctimeNs < BigInt(seal.sealedAtNs)
  );
}
