import { constants } from "node:fs";
import { lstat, open, readdir } from "node:fs/promises";
import { join } from "node:path";

/** Where an agent's HEAD is. `broken`: not a repository any more, or not one that we read. */
export type Head =
  | { readonly kind: "commit"; readonly sha: string; readonly ref: string | null }
  | { readonly kind: "unborn"; readonly ref: string }
  | { readonly kind: "broken"; readonly because: string };

/**
 * Reads HEAD of an agent's repository with our own code: as files, following no link, running no git, so that nothing
 * the agent wrote there can redirect it.
 */
export async function readHead(worktree: string): Promise<Head> {
  const gitDir = join(worktree, ".git");
  if (!(await isFolder(gitDir))) return { kind: "broken", because: ".git is not a folder" };
  let text = await readSmall(join(gitDir, "HEAD"));
  if (text === null) return { kind: "broken", because: "HEAD is not readable" };
  const refs = await readRefs(worktree);
  let ref: string | null = null;
  for (let depth = 0; depth < 5; depth += 1) {
    const sha = shaIn(text);
    if (sha !== null) return { kind: "commit", sha, ref };
    ref = /^ref: *(refs\/\S+)\s*$/.exec(text)?.[1] ?? null;
    if (ref === null || !isRefName(ref)) return { kind: "broken", because: "HEAD names no ref" };
    const direct = refs.get(ref);
    if (direct !== undefined) return { kind: "commit", sha: direct, ref };
    const next = await readSmall(join(gitDir, ref));
    if (next === null) return { kind: "unborn", ref };
    text = next;
  }
  return { kind: "broken", because: "HEAD goes in circles" };
}

/** All refs of an agent's repository that name an object directly: branches, tags, stash, whatever it made. */
export async function readRefs(worktree: string): Promise<ReadonlyMap<string, string>> {
  const gitDir = join(worktree, ".git");
  const refs = new Map<string, string>();
  if (!(await isFolder(gitDir))) return refs;
  const packed = (await readSmall(join(gitDir, "packed-refs"), 32 * 1024 * 1024)) ?? "";
  for (const line of packed.split("\n")) {
    const found = /^([0-9a-f]{40}) (refs\/\S+)$/.exec(line);
    if (found?.[1] && found[2]) refs.set(found[2], found[1]);
  }
  await addLooseRefs(gitDir, "refs", refs);
  return refs;
}

const mostRefs = 10_000;

async function addLooseRefs(gitDir: string, name: string, into: Map<string, string>): Promise<void> {
  if (into.size > mostRefs || name.split("/").length > 20 || !(await isFolder(join(gitDir, name)))) return;
  for (const entry of await readdir(join(gitDir, name), { withFileTypes: true }).catch(() => [])) {
    const ref = `${name}/${entry.name}`;
    if (entry.isDirectory()) await addLooseRefs(gitDir, ref, into);
    if (!entry.isFile() || entry.name.endsWith(".lock")) continue;
    const sha = shaIn((await readSmall(join(gitDir, ref))) ?? "");
    if (sha !== null) into.set(ref, sha);
  }
}

function isRefName(ref: string): boolean {
  return ref.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

function shaIn(text: string): string | null {
  return /^([0-9a-f]{40})\s*$/.exec(text)?.[1] ?? null;
}

async function isFolder(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null))?.isDirectory() ?? false;
}

/** A regular file's text; null for anything else. Never waits on a pipe. */
async function readSmall(path: string, most = 4096): Promise<string | null> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch(() => null);
  if (file === null) return null;
  try {
    const stat = await file.stat();
    return stat.isFile() && stat.size <= most ? await file.readFile("utf8") : null;
  } catch {
    return null;
  } finally {
    await file.close();
  }
}
