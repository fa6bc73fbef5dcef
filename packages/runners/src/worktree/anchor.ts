import { lstat, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, isAbsolute, join } from "node:path";
import { GitError } from "./git-error.ts";
import { type HostGitOptions, type HostGitResult, hostGit } from "./host-git.ts";
import { isOrphaned, ownedName } from "./owned-name.ts";
import { makeSealedGitDir, sealGitDir } from "./seal-anchor.ts";

/** The host's own bare repository of one project. Worktrees borrow its objects and share nothing else. */
export interface Anchor {
  readonly path: string;
  /** Told what somebody else changed in the anchor, after it was repaired. */
  readonly tampered: (what: readonly string[]) => void;
}

/**
 * The anchor at `path`, made when it is not there, cleaned of what dead processes left. Safe to call at any time from
 * several processes. Throws `GitError` when something that we did not make is in the way.
 */
export async function openAnchor(of: {
  readonly path: string;
  readonly tampered?: (what: readonly string[]) => void;
}): Promise<Anchor> {
  if (!isAbsolute(of.path) || of.path.includes("\n")) {
    throw new GitError("other", `anchor path ${JSON.stringify(of.path)}: expected an absolute path on one line`);
  }
  if ((await lstat(of.path).catch(() => null)) === null) await makeAnchor(of.path);
  const mark = await lstat(join(of.path, markName)).catch(() => null);
  if (!mark?.isFile() || (await lstat(of.path)).isSymbolicLink()) {
    throw new GitError("other", `${of.path} is not an anchor repository of ours; choose another agent root`);
  }
  await removeLeftovers(of.path);
  const anchor: Anchor = { path: of.path, tampered: of.tampered ?? (() => {}) };
  await seal(anchor);
  return anchor;
}

/** A git command on the sealed anchor. */
export async function anchorGit(
  anchor: Anchor,
  args: readonly string[],
  options: Omit<HostGitOptions, "gitDir"> = {},
): Promise<HostGitResult> {
  await seal(anchor);
  return hostGit(args, { ...options, gitDir: anchor.path });
}

/** Standard output of a git command on the sealed anchor, without its last newline. */
export async function anchorGitText(
  anchor: Anchor,
  args: readonly string[],
  options: Omit<HostGitOptions, "gitDir"> = {},
): Promise<string> {
  return (await anchorGit(anchor, args, options)).stdout.toString("utf8").replace(/\n$/, "");
}

/** Where host-owned repositories for one operation live; named by the process that made them. */
export function scratchFolder(anchor: Anchor): string {
  return `${anchor.path}.scratch`;
}

/** The file that says that a repository is ours. */
export const markName = "acp-anchor";

async function seal(anchor: Anchor): Promise<void> {
  const changed = await sealGitDir(anchor.path);
  if (changed.length > 0) anchor.tampered(changed);
}

async function makeAnchor(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const made = `${path}.making-${ownedName()}`;
  await makeSealedGitDir(made);
  await writeFile(join(made, markName), "The host's repository of agent-control-plane. Not for hand editing.\n");
  await rename(made, path).catch(async (error: NodeJS.ErrnoException) => {
    await rm(made, { recursive: true, force: true });
    if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
  });
}

async function removeLeftovers(path: string): Promise<void> {
  const making = `${basename(path)}.making-`;
  const siblings = await readdir(dirname(path));
  const halfMade = siblings.filter((n) => n.startsWith(making)).map((n) => [n.slice(making.length), n] as const);
  const scratch = await readdir(`${path}.scratch`).catch(() => []);
  const left = [...halfMade, ...scratch.map((n) => [n, join(`${basename(path)}.scratch`, n)] as const)];
  for (const [owner, name] of left) {
    // A git that its dead owner had started may still write a last file there.
    if (isOrphaned(owner)) await rm(join(dirname(path), name), { recursive: true, force: true, maxRetries: 5 });
  }
}
