import { lstat, mkdir, rename, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Anchor } from "./anchor.ts";
import { baseRef, checkedId, checkedSha, keepRef, ontoRef } from "./anchor-refs.ts";
import { isBranchName } from "./branch-name.ts";
import { copyIndex } from "./copy-index.ts";
import { GitError } from "./git-error.ts";
import { hostGit } from "./host-git.ts";
import { randomName } from "./random-name.ts";
import { removeTree } from "./remove-tree.ts";
import { sealTree, type TreeSeal, writeSeal } from "./seal-tree.ts";
import { takePooled } from "./take-pooled.ts";
import { prepareRoot, startIndex, startSeal, writeMark } from "./worktree-root.ts";

export interface Identity {
  readonly name: string;
  readonly email: string;
}

export interface NewWorktree {
  readonly root: string;
  /** Directly below `root`; its last part names the worktree. */
  readonly path: string;
  readonly branch: string;
  readonly sha: string;
  /** The worktree names it `origin/<branch>`; the commit must be in the anchor. */
  readonly base?: Base;
  /** Patterns that never count as the agent's work, for example `/.acp/`. */
  readonly excludes?: readonly string[];
  /** Whom the agent's commits name. */
  readonly author: Identity;
  /** Take a tree from the pool, and let it go back there, among sessions of equal trust only. */
  readonly pool?: { readonly trust: string };
}

export interface Base {
  readonly branch: string;
  readonly sha: string;
}

/**
 * Makes `path` a private repository with `branch` checked out at `sha`: no remote, no hook, objects borrowed from the
 * anchor. `path` is complete or absent at any moment; a crash leaves something for `removeHalfMade`.
 * Throws `GitError`.
 */
export async function createWorktree(anchor: Anchor, wanted: NewWorktree): Promise<void> {
  for (const branch of [wanted.branch, ...(wanted.base ? [wanted.base.branch] : [])]) {
    if (!isBranchName(branch)) throw new GitError("other", `${JSON.stringify(branch)} is no branch name`);
  }
  await make(anchor, {
    ...wanted,
    base: wanted.base ?? null,
    pool: wanted.pool ?? null,
    excludes: wanted.excludes ?? [],
  });
}

/** Makes `path` a clean checkout of `sha` on no branch, for running checks. Otherwise like `createWorktree`. */
export async function createCheckout(
  anchor: Anchor,
  wanted: { readonly root: string; readonly path: string; readonly sha: string },
): Promise<void> {
  await make(anchor, { ...wanted, branch: null, base: null, pool: null, excludes: [], author: null });
}

interface Making {
  readonly root: string;
  readonly path: string;
  readonly branch: string | null;
  readonly sha: string;
  readonly base: Base | null;
  readonly excludes: readonly string[];
  readonly author: Identity | null;
  readonly pool: { readonly trust: string } | null;
}

async function make(anchor: Anchor, wanted: Making): Promise<void> {
  const name = checkedId(basename(wanted.path));
  const root = await prepareRoot(wanted.root);
  await mustBeFree(root, wanted.path);
  await keepRef(anchor, baseRef(name), wanted.sha);
  if (wanted.base) await keepRef(anchor, ontoRef(name), wanted.base.sha);
  const container = join(root, ".making", `${name}-${randomName()}`);
  const made = join(container, "tree");
  try {
    const seal = (await reuse(anchor, root, container, wanted)) ?? (await checkOut(anchor, container, wanted));
    const { dev, ino } = await lstat(made, { bigint: true });
    // What the host knows of the files before an agent sees them.
    await copyIndex(join(made, ".git", "index"), startIndex(root, name));
    if (seal !== null) await writeSeal(startSeal(root, name), seal);
    await writeMark(root, {
      name,
      device: String(dev),
      inode: String(ino),
      branch: wanted.branch,
      startSha: wanted.sha,
      excludes: [...wanted.excludes],
    });
    await rename(made, join(root, name));
    await removeTree(container);
  } catch (error) {
    await removeTree(container).catch(() => {});
    throw asGitError(error, `worktree ${name}`);
  }
}

async function reuse(anchor: Anchor, root: string, container: string, wanted: Making): Promise<TreeSeal | null> {
  if (wanted.pool === null) return null;
  const layOut = (gitDir: string) => layOutRepository(anchor, gitDir, wanted);
  try {
    return await takePooled({ root, container, trust: wanted.pool.trust, sha: wanted.sha, layOut });
  } catch {
    // A pooled tree is only ever a short cut; a new checkout finds out what is really wrong.
    await removeTree(container);
    return null;
  }
}

/** Answers the seal of a tree that may go to the pool. */
async function checkOut(anchor: Anchor, container: string, wanted: Making): Promise<TreeSeal | null> {
  const { sha, pool } = wanted;
  const tree = join(container, "tree");
  const gitDir = join(tree, ".git");
  await mkdir(tree, { recursive: true });
  await layOutRepository(anchor, gitDir, wanted);
  const env = { GIT_WORK_TREE: tree };
  await hostGit(["read-tree", "-m", "-u", sha], { gitDir, cwd: tree, env, timeoutMs: 600_000 });
  const probe = join(container, "probe");
  return pool === null ? null : sealTree({ tree, index: join(gitDir, "index"), trust: pool.trust, sha, probe });
}

async function mustBeFree(root: string, path: string): Promise<void> {
  const parent = await lstat(dirname(path)).catch(() => null);
  const same = parent && (await lstat(root));
  if (!same || !parent?.isDirectory() || parent.ino !== same.ino || parent.dev !== same.dev) {
    throw new GitError("other", `${path} is not directly below ${root}`);
  }
  if ((await lstat(join(root, basename(path))).catch(() => null)) !== null) {
    throw new GitError("other", `${path} is already there; retire it first`);
  }
}

/** What `git clone --shared --no-checkout` makes, less the remote; written by hand to save its processes. */
async function layOutRepository(anchor: Anchor, gitDir: string, wanted: Making): Promise<void> {
  const sha = checkedSha(wanted.sha);
  for (const folder of ["objects/info", "objects/pack", "refs/heads", "refs/tags", "info"]) {
    await mkdir(join(gitDir, folder), { recursive: true });
  }
  await writeFile(join(gitDir, "config"), agentConfig(wanted.author));
  await writeFile(join(gitDir, "objects/info/alternates"), `${join(anchor.path, "objects")}\n`);
  await writeFile(join(gitDir, "info/exclude"), wanted.excludes.map((pattern) => `${pattern}\n`).join(""));
  await writeFile(join(gitDir, "HEAD"), wanted.branch === null ? `${sha}\n` : `ref: refs/heads/${wanted.branch}\n`);
  if (wanted.branch !== null) await writeRef(gitDir, `refs/heads/${wanted.branch}`, sha);
  if (wanted.base) await writeRef(gitDir, `refs/remotes/origin/${wanted.base.branch}`, checkedSha(wanted.base.sha));
}

async function writeRef(gitDir: string, ref: string, sha: string): Promise<void> {
  await mkdir(dirname(join(gitDir, ref)), { recursive: true });
  await writeFile(join(gitDir, ref), `${sha}\n`);
}

function agentConfig(author: Identity | null): string {
  const folding = process.platform === "darwin" ? "\tignorecase = true\n\tprecomposeunicode = true\n" : "";
  const core = `[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n\tlogallrefupdates = true\n${folding}`;
  if (author === null) return core;
  return `${core}[user]\n\tname = ${quoted(author.name)}\n\temail = ${quoted(author.email)}\n`;
}

function quoted(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to drop
  return `"${value.replace(/[\x00-\x1f]/g, " ").replace(/["\\]/g, "\\$&")}"`;
}

export function asGitError(error: unknown, step: string): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === "ENOSPC" || code === "EDQUOT") return new GitError("disk-full", `${step}: no space left`, error);
  return error;
}
