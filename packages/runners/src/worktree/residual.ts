import { constants } from "node:fs";
import { access, chmod, lstat, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { copyIndex } from "./copy-index.ts";
import { openFolders, pathBelow } from "./remove-tree.ts";
import type { Scratch } from "./scratch-repository.ts";

/** A file that could not be taken as it is. */
export interface ResidualProblem {
  /** For people. */
  readonly path: string;
  /** The name's bytes, in latin1. */
  readonly rawPath: string;
  readonly problem:
    | "nested-repository"
    | "special-file"
    | "unreadable"
    | "unstorable-name"
    | "stored-without-conversion";
}

export interface Residual {
  /** Paths that differ from the base commit, ignored ones left out. */
  readonly files: readonly string[];
  readonly problems: readonly ResidualProblem[];
  /** The base with the residual changes. */
  readonly tree: string;
  /** Size of the changed files on disk. */
  readonly bytes: number;
}

/**
 * Stages what the worktree holds beyond `base` (null: an empty tree) into the scratch repository's index and writes
 * the tree. Runs no program of a nested repository: those are named as problems and not entered.
 */
export async function stageResidual(
  scratch: Scratch,
  from: { readonly base: string | null; readonly startIndex: string | null; readonly maxBytes?: number },
): Promise<Residual | { readonly tooLarge: number }> {
  await readBase(scratch, from);
  const found = await sortOut(scratch.worktree, await differingPaths(scratch));
  if (found.bytes > (from.maxBytes ?? Number.POSITIVE_INFINITY)) return { tooLarge: found.bytes };
  await updateIndex(scratch, ["--force-remove"], found.removed);
  const problems = [...found.problems, ...(await stage(scratch, found.paths))];
  return {
    files: [...found.removed, ...found.paths].map(readable),
    problems,
    tree: await scratch.text(["write-tree"]),
    bytes: found.bytes,
  };
}

/** The index at the start saves hashing unchanged files; its entries count only where they match `base`. */
async function readBase(
  scratch: Scratch,
  from: { readonly base: string | null; readonly startIndex: string | null },
): Promise<void> {
  if (from.base === null) {
    await scratch.git(["read-tree", "--empty"]);
    return;
  }
  const index = join(scratch.gitDir, "index");
  if (from.startIndex !== null) await copyIndex(from.startIndex, index).catch(() => rm(index, { force: true }));
  await scratch.git(["read-tree", "--reset", from.base]).catch(async () => {
    await scratch.git(["read-tree", "--empty"]);
    await scratch.git(["read-tree", "--reset", from.base ?? ""]);
  });
}

/** Names as bytes in latin1, so that any name survives. */
async function differingPaths(scratch: Scratch): Promise<readonly string[]> {
  const args = ["ls-files", "-z", "-m", "-d", "-o", "--exclude-standard"];
  let listed = await scratch.git(args, { okCodes: [0, 128] });
  if (listed.exitCode !== 0 || /Permission denied/.test(listed.stderr)) {
    await openFolders(Buffer.from(scratch.worktree));
    listed = await scratch.git(args);
  }
  return [...new Set(listed.stdout.toString("latin1").split("\0"))].filter((path) => path !== "");
}

interface Sorted {
  readonly paths: readonly string[];
  /** Tracked paths that are a folder now, or whose folder is a link or a file. */
  readonly removed: readonly string[];
  readonly problems: readonly ResidualProblem[];
  readonly bytes: number;
}

async function sortOut(worktree: string, listed: readonly string[]): Promise<Sorted> {
  const isFolder = folderCheck(worktree);
  const paths: string[] = [];
  const removed: string[] = [];
  const problems: ResidualProblem[] = [];
  let bytes = 0;
  for (const path of listed) {
    const folder = path.replace(/\/$/, "").split("/").slice(0, -1).join("/");
    if (!(await isFolder(folder))) {
      removed.push(path);
      continue;
    }
    const { problem, bytes: size, isFolder: tookItsPlace } = await look(worktree, path);
    bytes += size;
    if (tookItsPlace) removed.push(path);
    else if (problem === null) paths.push(path);
    else problems.push(problemAt(path.replace(/\/$/, ""), problem));
  }
  return { paths, removed, problems, bytes };
}

/** Whether each part of a path is a real folder or gone; git refuses paths beyond a link. */
function folderCheck(worktree: string): (folder: string) => Promise<boolean> {
  const known = new Map<string, boolean>([["", true]]);
  return async function isFolder(folder): Promise<boolean> {
    const before = known.get(folder);
    if (before !== undefined) return before;
    const stat = await lstat(pathBelow(Buffer.from(worktree), Buffer.from(folder, "latin1"))).catch(() => null);
    const answer = (stat === null || stat.isDirectory()) && (await isFolder(folder.split("/").slice(0, -1).join("/")));
    known.set(folder, answer);
    return answer;
  };
}

interface Seen {
  readonly problem: ResidualProblem["problem"] | null;
  readonly bytes: number;
  readonly isFolder?: boolean;
}

async function look(worktree: string, path: string): Promise<Seen> {
  if (path.endsWith("/")) return seen("nested-repository");
  if (path.split("/").some((part) => gitLikeName.test(part))) return seen("unstorable-name");
  const real = pathBelow(Buffer.from(worktree), Buffer.from(path, "latin1"));
  const stat = await lstat(real).catch(() => null);
  if (stat === null) return seen(null);
  if (stat.isDirectory()) {
    const nested = await lstat(pathBelow(real, Buffer.from(".git"))).catch(() => null);
    return nested === null ? { ...seen(null), isFolder: true } : seen("nested-repository");
  }
  if (stat.isSymbolicLink()) return seen(null, stat.size);
  if (!stat.isFile()) return seen("special-file");
  return (await makeReadable(real, stat.mode)) ? seen(null, stat.size) : seen("unreadable");
}

function seen(problem: Seen["problem"], bytes = 0): Seen {
  return { problem, bytes };
}

async function makeReadable(path: Buffer, mode: number): Promise<boolean> {
  const readableNow = () =>
    access(path, constants.R_OK).then(
      () => true,
      () => false,
    );
  if (await readableNow()) return true;
  await chmod(path, (mode & 0o777) | 0o400).catch(() => {});
  return readableNow();
}

/** Attributes in the tree can make conversion fail; then the bytes are taken as they are. */
async function stage(scratch: Scratch, paths: readonly string[]): Promise<readonly ResidualProblem[]> {
  const args = ["--add", "--remove", "--replace"];
  try {
    await updateIndex(scratch, args, paths);
    return [];
  } catch (error) {
    const raw = "* -text -eol -crlf -ident -filter -working-tree-encoding\n";
    await writeFile(join(scratch.gitDir, "info/attributes"), raw);
    await updateIndex(scratch, args, paths).catch(() => {
      throw error;
    });
    return [problemAt(".gitattributes", "stored-without-conversion")];
  }
}

async function updateIndex(scratch: Scratch, args: readonly string[], paths: readonly string[]): Promise<void> {
  if (paths.length === 0) return;
  const input = Buffer.from(paths.map((path) => `${path}\0`).join(""), "latin1");
  await scratch.git(["update-index", ...args, "-z", "--stdin"], { input });
}

/** Names that git refuses to store because some file system takes them for `.git`. */
export const gitLikeName = /^(\.git|git~\d+)$/i;

function problemAt(rawPath: string, problem: ResidualProblem["problem"]): ResidualProblem {
  return { path: readable(rawPath), rawPath, problem };
}

function readable(path: string): string {
  return Buffer.from(path, "latin1").toString("utf8");
}
