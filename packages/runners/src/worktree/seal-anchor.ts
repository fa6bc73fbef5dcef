import { lstat, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { GitError } from "./git-error.ts";
import { randomName } from "./random-name.ts";

/**
 * Puts the host's git dir back into the state we made: known configuration, nothing that redirects git or changes what
 * it reads. Runs before each host operation, because an agent of the same user can write there.
 * Answers what was found changed. Throws `GitError` when it is no git dir any more.
 */
export async function sealGitDir(gitDir: string): Promise<readonly string[]> {
  for (const folder of ["objects", "refs"]) await mustBeFolder(gitDir, folder);
  const changed: string[] = [];
  for (const [name, content] of Object.entries(sealedFiles())) {
    if ((await contentOf(join(gitDir, name))) === content) continue;
    await replaceFile(join(gitDir, name), content);
    changed.push(name);
  }
  for (const name of foreign) {
    if (!(await exists(join(gitDir, name)))) continue;
    await rm(join(gitDir, name), { recursive: true, force: true });
    changed.push(name);
  }
  return changed;
}

/** A new, empty, sealed git dir at `gitDir`, which must not exist. Without a process. */
export async function makeSealedGitDir(gitDir: string): Promise<void> {
  await mkdir(join(gitDir, "objects", "info"), { recursive: true });
  await mkdir(join(gitDir, "objects", "pack"));
  await mkdir(join(gitDir, "refs", "heads"), { recursive: true });
  for (const [name, content] of Object.entries(sealedFiles())) await writeFile(join(gitDir, name), content);
}

function sealedFiles(): Readonly<Record<string, string>> {
  const folding = process.platform === "darwin" ? "\tignorecase = true\n\tprecomposeunicode = true\n" : "";
  return {
    HEAD: "ref: refs/heads/none\n",
    config:
      "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n" +
      `\tcommitGraph = false\n\thooksPath = /dev/null\n${folding}` +
      "[gc]\n\tauto = 0\n\tpruneExpire = never\n[maintenance]\n\tauto = false\n",
  };
}

/** Everything that makes git run something, read elsewhere, or see another history than the objects hold. */
const foreign = [
  "hooks",
  "commondir",
  "gitdir",
  "config.worktree",
  "info/attributes",
  "info/grafts",
  "info/exclude",
  "info/sparse-checkout",
  "shallow",
  "worktrees",
  "modules",
  "remotes",
  "branches",
  "refs/replace",
  "objects/info/alternates",
  "objects/info/http-alternates",
];

async function mustBeFolder(gitDir: string, name: string): Promise<void> {
  const stat = await lstat(join(gitDir, name)).catch(() => null);
  if (stat?.isDirectory()) return;
  throw new GitError("other", `${join(gitDir, name)} is damaged: expected a folder; move it away to have it made anew`);
}

async function contentOf(file: string): Promise<string | null> {
  const stat = await lstat(file).catch(() => null);
  if (!stat?.isFile() || stat.size > 10_000) return null;
  return readFile(file, "utf8").catch(() => null);
}

async function replaceFile(file: string, content: string): Promise<void> {
  const made = `${file}.${randomName()}`;
  await writeFile(made, content, { flag: "wx" });
  const stat = await lstat(file).catch(() => null);
  if (stat?.isDirectory()) await rm(file, { recursive: true, force: true });
  await rename(made, file);
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null)) !== null;
}
