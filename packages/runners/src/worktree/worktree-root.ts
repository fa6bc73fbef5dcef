import { lstat, mkdir, readdir, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, isAbsolute, join } from "node:path";
import { ownershipMark } from "@agent-control-plane/core";
import * as z from "zod";
import { checkedId } from "./anchor-refs.ts";
import { GitError } from "./git-error.ts";
import { randomName } from "./random-name.ts";
import { removeTree } from "./remove-tree.ts";

/**
 * How a worktree root looks:
 *
 *     <root>/<name>/                complete worktrees
 *     <root>/.marks/<name>.json     what we made there: the proof that a folder is ours
 *     <root>/.marks/<name>.index    git's index as it was at the start
 *     <root>/.marks/<name>.seal     how the files were, for the pool
 *     <root>/.making/<name>-<rand>  not complete yet, or left by a crash
 *     <root>/.trash/<name>-<rand>   being deleted, or cleaned for the pool
 *     <root>/.pool/                 trees of nobody, see worktree-pool.ts
 */
const markSchema = z.strictObject({
  name: z.string(),
  /** Identity of the folder; it survives renaming and cannot be chosen. */
  device: z.string(),
  inode: z.string(),
  branch: z.string().nullable(),
  startSha: z.string(),
  excludes: z.array(z.string()),
});
export type WorktreeMark = z.infer<typeof markSchema>;

export type Proof =
  | { readonly kind: "proven"; readonly path: string; readonly name: string; readonly mark: WorktreeMark }
  | { readonly kind: "absent" }
  | { readonly kind: "refused"; readonly because: string };

/** Whether `path` is a worktree that we made directly below `root`. Only a proven path may be changed or deleted. */
export async function provePath(root: string, path: string): Promise<Proof> {
  const name = basename(path);
  if (!isAbsolute(root) || !isAbsolute(path) || path.split("/").includes("..")) {
    return refused(`${JSON.stringify(path)} is not an absolute path without ".."`);
  }
  if (!isWorktreeName(name)) return refused(`${JSON.stringify(name)} is not a worktree name`);
  const realRoot = await realpath(root).catch(() => null);
  const realParent = await realpath(dirname(path)).catch(() => null);
  if (realRoot === null || realParent !== realRoot) return refused(`${path} is not directly below ${root}`);
  const real = join(realRoot, name);
  const stat = await lstat(real, { bigint: true }).catch(() => null);
  if (stat === null) return { kind: "absent" };
  if (!stat.isDirectory()) return refused(`${real} is not a folder`);
  if (!(await readdir(realRoot)).includes(name)) return refused(`${real} is spelled differently on disk`);
  const mark = await readMark(realRoot, name);
  if (mark === null) return refused(`${real} does not carry our mark`);
  if (mark.device !== String(stat.dev) || mark.inode !== String(stat.ino)) {
    return refused(`${real} is not the folder that we made`);
  }
  return { kind: "proven", path: real, name, mark };
}

export interface FoundWorktree {
  /** Of the folder or mark on disk; what `removeHalfMade` takes. */
  readonly name: string;
  readonly kind: "complete" | "half-made" | "trash" | "mark-only" | "unknown";
}

/** Everything that is on disk below `root`, for recovery. An absent root holds nothing. */
export async function listWorktrees(root: string): Promise<readonly FoundWorktree[]> {
  const named = async (folder: string) => (await readdir(join(root, folder)).catch(() => [] as string[])).sort();
  const folders = (await named(".")).filter((name) => !ownFolders.includes(name) && name !== ownershipMark);
  const marks = new Set((await named(".marks")).map((file) => file.replace(/\.(json|index|seal)(\..*)?$/, "")));
  return [
    ...folders.map((name) => ({ name, kind: marks.has(name) ? ("complete" as const) : ("unknown" as const) })),
    ...(await named(".making")).map((name) => ({ name, kind: "half-made" as const })),
    ...(await named(".trash")).map((name) => ({ name, kind: "trash" as const })),
    ...[...marks].filter((name) => !folders.includes(name)).map((name) => ({ name, kind: "mark-only" as const })),
  ];
}

const folderOfKind = {
  complete: ".",
  unknown: ".",
  "half-made": ".making",
  trash: ".trash",
  "mark-only": ".marks",
} as const satisfies Record<FoundWorktree["kind"], string>;

/** Where it lies; of a mark alone: what its files begin with. */
export const pathOfFound = (root: string, { kind, name }: FoundWorktree): string =>
  join(root, folderOfKind[kind], name);

/** The session it was made for: half-made and half-deleted folders carry a random end behind its name. */
export const sessionOfFound = ({ kind, name }: FoundWorktree): string =>
  kind === "half-made" || kind === "trash" ? name.replace(/-[^-]*$/, "") : name;

/** Removes what a crash left of making or deleting a worktree. Never touches a complete one. */
export async function removeHalfMade(root: string, name: string): Promise<void> {
  if (!isWorktreeName(name)) throw new GitError("other", `${JSON.stringify(name)} is not a worktree name`);
  const realRoot = await realpath(root);
  for (const folder of [".making", ".trash"]) {
    if (await isOwnFolder(join(realRoot, folder))) await removeTree(join(realRoot, folder, name));
  }
  if ((await lstat(join(realRoot, name)).catch(() => null)) === null) await removeMark(realRoot, name);
}

/** The root with its own folders, none of them a link. */
export async function prepareRoot(root: string): Promise<string> {
  if (!isAbsolute(root) || root.includes("\n")) {
    throw new GitError("other", `worktree root ${JSON.stringify(root)}: expected an absolute path on one line`);
  }
  await mkdir(root, { recursive: true });
  const real = await realpath(root);
  for (const folder of ownFolders) {
    await mkdir(join(real, folder), { recursive: true });
    if (await isOwnFolder(join(real, folder))) continue;
    throw new GitError("other", `${join(real, folder)} is not a folder of ours; move it away`);
  }
  return real;
}

export async function writeMark(root: string, mark: WorktreeMark): Promise<void> {
  const file = join(root, ".marks", `${checkedId(mark.name)}.json`);
  const made = `${file}.${randomName()}`;
  await writeFile(made, `${JSON.stringify(mark, null, 2)}\n`, { flag: "wx", flush: true });
  await rename(made, file);
}

export async function removeMark(root: string, name: string): Promise<void> {
  const files = await readdir(join(root, ".marks")).catch(() => [] as string[]);
  for (const file of files) {
    if (file.startsWith(`${name}.`)) await rm(join(root, ".marks", file), { force: true });
  }
}

/** Git's index as it was when the worktree was made. */
export function startIndex(root: string, name: string): string {
  return join(root, ".marks", `${name}.index`);
}

/** How the worktree's files were when it was made. */
export function startSeal(root: string, name: string): string {
  return join(root, ".marks", `${name}.seal`);
}

/** Of a root, and of no worktree. */
export const ownFolders: readonly string[] = [".marks", ".making", ".trash", ".pool"];

function isWorktreeName(name: string): boolean {
  return /^[a-z0-9][a-z0-9-]{0,150}$/.test(name);
}

async function readMark(root: string, name: string): Promise<WorktreeMark | null> {
  if (!(await isOwnFolder(join(root, ".marks")))) return null;
  const file = join(root, ".marks", `${name}.json`);
  const stat = await lstat(file).catch(() => null);
  if (!stat?.isFile() || stat.size > 100_000) return null;
  try {
    const mark = markSchema.safeParse(JSON.parse(await readFile(file, "utf8")));
    return mark.success && mark.data.name === name ? mark.data : null;
  } catch {
    return null;
  }
}

async function isOwnFolder(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null))?.isDirectory() ?? false;
}

function refused(because: string): Proof {
  return { kind: "refused", because };
}
