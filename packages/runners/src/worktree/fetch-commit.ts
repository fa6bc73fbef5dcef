import { lstat, readFile } from "node:fs/promises";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { type Anchor, anchorGit } from "./anchor.ts";
import { fetchQuietly } from "./fetch-branch.ts";
import { GitError } from "./git-error.ts";
import { hostGitText } from "./host-git.ts";
import { withLockRetry } from "./lock-retry.ts";

/**
 * Brings one commit of a repository on this host into the anchor, with its history, and answers its id. The repository is
 * only read. `name`: a branch, tag or commit of it; null: what is checked out there. Throws `GitError` (`not-found` when
 * the repository or the commit is not there).
 */
export async function fetchCommit(
  anchor: Anchor,
  of: { readonly repository: string; readonly name: string | null },
): Promise<string> {
  const gitDir = await gitDirOf(of.repository);
  const wanted = `${of.name ?? "HEAD"}^{commit}`;
  const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", wanted];
  const sha = await hostGitText(args, { gitDir, okCodes: [0, 1, 128] });
  if (sha === "") {
    const what = of.name === null ? "no commit" : `no branch, tag or commit "${of.name}"`;
    throw new GitError("not-found", `The repository ${of.repository} has ${what}`);
  }
  if (!(await hasCommit(anchor, sha))) {
    const from = await commonDirOf(gitDir);
    await withLockRetry(anchor.path, () =>
      anchorGit(anchor, [...fetchQuietly, "--", from, `+${sha}:refs/acp/heads/${sha}`], { timeoutMs: 600_000 }),
    );
  }
  return sha;
}

export async function hasCommit(anchor: Anchor, sha: string): Promise<boolean> {
  const found = await anchorGit(anchor, ["cat-file", "-e", `${sha}^{commit}`], { okCodes: [0, 1, 128] });
  return found.exitCode === 0;
}

/** As git finds it: in the folder or one above it, a folder, a file that names one, or the bare repository itself. */
async function gitDirOf(folder: string): Promise<string> {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const entry = await lstat(join(at, ".git")).catch(() => null);
    if (entry?.isDirectory()) return join(at, ".git");
    if (entry?.isFile()) {
      const named = /^gitdir: (.+)$/m.exec(await readFile(join(at, ".git"), "utf8"))?.[1]?.trim();
      if (named) return isAbsolute(named) ? named : resolve(at, named);
    }
    const bare = await Promise.all(["HEAD", "objects", "refs"].map((name) => lstat(join(at, name)).catch(() => null)));
    if (bare.every((each) => each !== null)) return at;
    if (at === dirname(at)) throw new GitError("not-found", `There is no git repository at ${folder}`);
  }
}

/** Where the objects are: a linked worktree has them in its main repository. */
async function commonDirOf(gitDir: string): Promise<string> {
  const named = await readFile(join(gitDir, "commondir"), "utf8").catch(() => null);
  return named === null ? gitDir : resolve(gitDir, named.trim());
}
