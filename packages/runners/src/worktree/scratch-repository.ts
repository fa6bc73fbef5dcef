import { lstat, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Anchor, anchorGit, scratchFolder } from "./anchor.ts";
import { fetchQuietly } from "./fetch-branch.ts";
import { type HostGitOptions, type HostGitResult, hostGit } from "./host-git.ts";
import { withLockRetry } from "./lock-retry.ts";
import { ownedName } from "./owned-name.ts";
import { randomName } from "./random-name.ts";
import { makeSealedGitDir } from "./seal-anchor.ts";

/** A repository of the host's that sees the objects of the anchor and of one worktree, and the worktree's files. */
export interface Scratch {
  readonly gitDir: string;
  readonly worktree: string;
  git(args: readonly string[], options?: Omit<HostGitOptions, "gitDir">): Promise<HostGitResult>;
  text(args: readonly string[], options?: Omit<HostGitOptions, "gitDir">): Promise<string>;
}

/**
 * Lends a scratch repository for reading an agent's tree: git sees the agent's objects and files but none of its
 * configuration, hooks, refs or index.
 */
export async function withScratch<T>(
  anchor: Anchor,
  of: { readonly worktree: string; readonly excludes: readonly string[] },
  use: (scratch: Scratch) => Promise<T>,
): Promise<T> {
  const gitDir = join(scratchFolder(anchor), ownedName());
  await mkdir(scratchFolder(anchor), { recursive: true });
  try {
    await makeSealedGitDir(gitDir);
    await mkdir(join(gitDir, "info"));
    await writeFile(join(gitDir, "info/exclude"), of.excludes.map((pattern) => `${pattern}\n`).join(""));
    await writeFile(join(gitDir, "objects/info/alternates"), await alternates(anchor, of.worktree));
    return await use(scratchAt(gitDir, of.worktree));
  } finally {
    await rm(gitDir, { recursive: true, force: true });
  }
}

/**
 * Brings `sha` with all it needs from the scratch repository into the anchor as `ref`. The anchor hashes every object
 * again and refuses a history with holes, so a later loss of the worktree loses nothing.
 */
export async function importCommit(anchor: Anchor, scratch: Scratch, sha: string, ref: string): Promise<void> {
  const tip = `refs/acp/tips/${randomName()}`;
  await scratch.git(["update-ref", tip, sha]);
  await withLockRetry(anchor.path, () =>
    anchorGit(anchor, [...fetchQuietly, "--", scratch.gitDir, `+${tip}:${ref}`], { timeoutMs: 600_000 }),
  );
}

/** `sha` when it is a commit that the scratch repository can read. */
export async function commitOrNull(scratch: Scratch, sha: string): Promise<string | null> {
  const found = await scratch.git(["rev-parse", "--verify", "--quiet", `${sha}^{commit}`], { okCodes: [0, 1, 128] });
  return found.exitCode === 0 ? found.stdout.toString("utf8").trim() : null;
}

function scratchAt(gitDir: string, worktree: string): Scratch {
  const git: Scratch["git"] = (args, options = {}) =>
    hostGit(args, {
      timeoutMs: 600_000,
      cwd: worktree,
      ...options,
      gitDir,
      env: { GIT_WORK_TREE: worktree, GIT_INDEX_FILE: join(gitDir, "index"), ...options.env },
    });
  return {
    gitDir,
    worktree,
    git,
    text: async (args, options) => (await git(args, options)).stdout.toString("utf8").replace(/\n$/, ""),
  };
}

async function alternates(anchor: Anchor, worktree: string): Promise<string> {
  const lines = [join(anchor.path, "objects")];
  // A link would lead out of the worktree; whatever it points to is not this agent's work.
  const folders = [join(worktree, ".git"), join(worktree, ".git/objects")];
  const stats = await Promise.all(folders.map((folder) => lstat(folder).catch(() => null)));
  if (stats.every((stat) => stat?.isDirectory())) lines.push(join(worktree, ".git/objects"));
  return `${lines.join("\n")}\n`;
}
