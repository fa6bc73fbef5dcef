import { existsSync, statSync } from "node:fs";
import { appendFile, mkdir, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Git } from "./run-git.ts";

/**
 * Creates the bare repository at `path`, with the current branch of `importFrom` when given.
 * The source is only read. Nothing is left at `path` when this throws. Returns the default branch.
 */
export async function createBareRepository(
  git: Git,
  path: string,
  wanted: { defaultBranch?: string | undefined; importFrom?: string | undefined },
): Promise<string> {
  const building = `${path}.creating`;
  await rm(building, { recursive: true, force: true });
  await mkdir(dirname(path), { recursive: true });
  const source = wanted.importFrom === undefined ? null : resolve(wanted.importFrom);
  const branch = wanted.defaultBranch ?? (source === null ? "main" : await currentBranch(git, source));
  try {
    await git.output(dirname(path), ["init", "--bare", "--quiet", `--initial-branch=${branch}`, building]);
    await appendFile(join(building, "config"), bareConfiguration);
    if (source !== null) await importHead(git, building, source, branch);
    await rename(building, path);
    return branch;
  } finally {
    await rm(building, { recursive: true, force: true });
  }
}

const bareConfiguration = `[http]
\treceivepack = true
[core]
\thooksPath = /dev/null
[receive]
\thideRefs = refs/pull
[uploadpack]
\tallowReachableSHA1InWant = true
`;

/** `main` for a bundle, a detached head, and what is no repository: importing it says so. */
async function currentBranch(git: Git, source: string): Promise<string> {
  if (!existsSync(source) || statSync(source).isFile()) return "main";
  const current = await git.attempt(source, ["symbolic-ref", "--short", "HEAD"]);
  return current.code === 0 ? current.stdout.trim() : "main";
}

async function importHead(git: Git, into: string, source: string, branch: string): Promise<void> {
  if (!existsSync(source)) throw new Error(`cannot import ${source}: there is no such file or folder`);
  const head = statSync(source).isFile() ? await headOfBundle(git, into, source) : "HEAD";
  const refs = `+${head}:refs/heads/${branch}`;
  const fetched = await git.attempt(into, ["fetch", "--quiet", "--no-tags", "--update-shallow", source, refs]);
  if (fetched.code !== 0) throw new Error(`cannot import ${source}: ${fetched.stderr.trim()}`);
}

/** The whole of `from` (branches only) as a new bare repository at `path`. Nothing is left at `path` when this throws. */
export async function forkBareRepository(git: Git, from: string, path: string, defaultBranch: string): Promise<void> {
  const building = `${path}.forking`;
  await rm(building, { recursive: true, force: true });
  try {
    await createBareRepository(git, building, { defaultBranch });
    await git.output(building, ["fetch", "--quiet", "--no-tags", from, "+refs/heads/*:refs/heads/*"]);
    await mkdir(dirname(path), { recursive: true });
    await rename(building, path);
  } finally {
    await rm(building, { recursive: true, force: true });
  }
}

/** Brings a commit of another repository of the forge into this one, for a ref to be made of it. */
export async function fetchCommit(git: Git, path: string, from: string, sha: string): Promise<void> {
  await git.output(path, ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", from, sha]);
}

/** A bundle made of a branch alone has no HEAD; its first ref then is what it carries. */
async function headOfBundle(git: Git, cwd: string, bundle: string): Promise<string> {
  const listed = await git.attempt(cwd, ["bundle", "list-heads", bundle]);
  if (listed.code !== 0) throw new Error(`cannot import ${bundle}: it is not a git bundle (${listed.stderr.trim()})`);
  const refs = listed.stdout.split("\n").flatMap((line) => line.split(" ").slice(1, 2));
  return refs.includes("HEAD") ? "HEAD" : (refs[0] ?? "HEAD");
}

export async function listBranches(git: Git, path: string): Promise<Map<string, string>> {
  const text = await git.output(path, ["for-each-ref", "--format=%(objectname) %(refname:lstrip=2)", "refs/heads"]);
  const lines = text.split("\n").filter((line) => line !== "");
  return new Map(lines.map((line) => [line.slice(41), line.slice(0, 40)]));
}

/** The commit a branch, tag or SHA names; null when it names none. */
export async function resolveCommit(git: Git, path: string, ref: string): Promise<string | null> {
  if (ref.startsWith("-")) return null;
  const names = /^[\da-f]{40}$/.test(ref) ? [ref] : [`refs/heads/${ref}`, `refs/tags/${ref}`, ref];
  for (const name of names) {
    const found = await git.attempt(path, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`]);
    if (found.code === 0) return found.stdout.trim();
  }
  return null;
}

/** Moves or deletes (`to` null) a ref only when it still is at `from`; `from` null means any. */
export async function updateRef(
  git: Git,
  path: string,
  ref: string,
  to: string | null,
  from: string | null,
): Promise<boolean> {
  const expected = from === null ? [] : [from];
  const args = to === null ? ["update-ref", "-d", ref, ...expected] : ["update-ref", ref, to, ...expected];
  return (await git.attempt(path, args)).code === 0;
}

export async function isAncestor(git: Git, path: string, ancestor: string, of: string): Promise<boolean> {
  return (await git.attempt(path, ["merge-base", "--is-ancestor", ancestor, of])).code === 0;
}
