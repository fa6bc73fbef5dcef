import { lstat, readdir, readlink } from "node:fs/promises";
import { GitError } from "./git-error.ts";
import { pathBelow } from "./remove-tree.ts";
import { gitLikeName, type ResidualProblem } from "./residual.ts";
import type { Scratch } from "./scratch-repository.ts";

/**
 * Adds to the scratch index what git would not take by itself: nested repositories with everything in them, and names
 * that look like `.git`, which get the prefix `saved`. Bytes as they are. Throws `GitError` for what cannot be read.
 */
export async function stageVerbatim(
  scratch: Scratch,
  problems: readonly ResidualProblem[],
  maxBytes: number,
): Promise<{ readonly stored: number } | { readonly tooLarge: number }> {
  const unreadable = problems.find(({ problem }) => problem === "unreadable");
  if (unreadable) throw new GitError("other", `${unreadable.path} cannot be read; give its owner the right to read it`);
  const wanted = problems.filter(({ problem }) => problem === "nested-repository" || problem === "unstorable-name");
  const files: Found[] = [];
  for (const { rawPath } of wanted) await walk(scratch.worktree, rawPath, files);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes > maxBytes) return { tooLarge: bytes };
  if (files.length > 0) await store(scratch, files);
  return { stored: files.length };
}

interface Found {
  /** Below the worktree, in latin1. */
  readonly path: string;
  readonly mode: "100644" | "100755" | "120000";
  readonly bytes: number;
}

async function walk(worktree: string, path: string, into: Found[]): Promise<void> {
  const real = absolute(worktree, path);
  const stat = await lstat(real).catch(() => null);
  if (stat?.isDirectory()) {
    for (const name of await readdir(real, { encoding: "buffer" })) {
      await walk(worktree, `${path}/${name.toString("latin1")}`, into);
    }
  } else if (stat?.isSymbolicLink()) into.push({ path, mode: "120000", bytes: stat.size });
  else if (stat?.isFile()) into.push({ path, mode: stat.mode & 0o100 ? "100755" : "100644", bytes: stat.size });
}

async function store(scratch: Scratch, files: readonly Found[]): Promise<void> {
  const plain = files.filter((file) => file.mode !== "120000" && !file.path.includes("\n"));
  const shas = await hashMany(scratch, plain);
  const entries = plain.map((file, i) => entry(file, shas[i] ?? ""));
  for (const file of files) if (!plain.includes(file)) entries.push(entry(file, await hashOne(scratch, file)));
  const input = Buffer.from(entries.join(""), "latin1");
  await scratch.git(["update-index", "--replace", "-z", "--index-info"], { input });
}

async function hashMany(scratch: Scratch, files: readonly Found[]): Promise<readonly string[]> {
  const input = Buffer.from(files.map(({ path }) => `./${path}\n`).join(""), "latin1");
  return (await scratch.text(["hash-object", "-w", "--no-filters", "--stdin-paths"], { input })).split("\n");
}

async function hashOne(scratch: Scratch, file: Found): Promise<string> {
  if (file.mode !== "120000") {
    const utf8 = Buffer.from(file.path, "latin1").toString("utf8");
    return scratch.text(["hash-object", "-w", "--no-filters", "--", `./${utf8}`]);
  }
  const input = await readlink(absolute(scratch.worktree, file.path), { encoding: "buffer" });
  return scratch.text(["hash-object", "-w", "--stdin"], { input });
}

function entry(file: Found, sha: string): string {
  const path = file.path.split("/").map((part) => (gitLikeName.test(part) ? `saved${part}` : part));
  return `${file.mode} ${sha}\t${path.join("/")}\0`;
}

function absolute(worktree: string, path: string): Buffer {
  return pathBelow(Buffer.from(worktree), Buffer.from(path, "latin1"));
}
