import {
  appendFileSync,
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { foldersOf, readIndexEntries } from "../../src/worktree/index-entries.ts";
import { proveTree } from "../../src/worktree/prove-tree.ts";
import { plainGit, tempFolder, write } from "./fixtures/project.ts";

/** A checkout, with the repository beside it. */
function makeTree(): { readonly tree: string; readonly git: string } {
  const folder = tempFolder();
  const tree = join(folder, "tree");
  mkdirSync(tree);
  plainGit(tree, "init", "-q");
  write(tree, { "a.txt": "a\n", "dir/deep/b.txt": "b\n", [`dir/${"long".repeat(50)}.txt`]: "c\n", "tool.sh": "#!\n" });
  chmodSync(join(tree, "tool.sh"), 0o755);
  symlinkSync("a.txt", join(tree, "link"));
  plainGit(tree, "add", "-A");
  plainGit(tree, "commit", "-q", "-m", "x");
  renameSync(join(tree, ".git"), join(folder, "git"));
  return { tree, git: join(folder, "git") };
}

const entriesOf = (git: string) => readIndexEntries(readFileSync(join(git, "index")));

async function odd(change: (tree: string) => void): Promise<string | null> {
  const { tree, git } = makeTree();
  change(tree);
  return proveTree(tree, entriesOf(git) ?? new Map());
}

test("an index is read as git wrote it", () => {
  const { tree, git } = makeTree();
  const entries = entriesOf(git);
  expect([...(entries ?? [])].map(([path, { kind }]) => `${kind} ${path}`)).toEqual([
    "file a.txt",
    "file dir/deep/b.txt",
    `file dir/${"long".repeat(50)}.txt`,
    "link link",
    "executable tool.sh",
  ]);
  const { size, ctimeNs, mtimeNs, ino } = lstatSync(join(tree, "dir/deep/b.txt"), { bigint: true });
  const found = { kind: "file", size, changedAtNs: ctimeNs, writtenAtNs: mtimeNs, inode: BigInt.asUintN(32, ino) };
  expect(entries?.get("dir/deep/b.txt")).toEqual(found);
  expect([...foldersOf(entries?.keys() ?? [])].sort()).toEqual(["dir", "dir/deep"]);
});

test.each<[string, (repository: string) => void]>([
  ["skips a file", (r) => void plainGit(r, "update-index", "--skip-worktree", "a.txt")],
  ["trusts a file", (r) => void plainGit(r, "update-index", "--assume-unchanged", "a.txt")],
  ["has a submodule", (r) => void plainGit(r, "update-index", "--add", "--cacheinfo", `160000,${"1".repeat(40)},sub`)],
  [
    "has a conflict",
    (r) => {
      const blob = plainGit(r, "rev-parse", "HEAD:a.txt").trim();
      write(r, { in: `0 ${"0".repeat(40)}\ta.txt\n100644 ${blob} 1\ta.txt\n` });
      plainGit(r, "-c", `alias.x=!git update-index --index-info <'${join(r, "in")}'`, "x");
    },
  ],
])("an index that %s is not read", (_, change) => {
  const { tree, git } = makeTree();
  renameSync(git, join(tree, ".git"));
  expect(entriesOf(join(tree, ".git"))).not.toBeNull();
  change(tree);
  expect(entriesOf(join(tree, ".git"))).toBeNull();
});

test("what is no index is not read", () => {
  expect(readIndexEntries(Buffer.from("planted"))).toBeNull();
  expect(readIndexEntries(Buffer.alloc(0))).toBeNull();
});

test("a tree as git wrote it is proven", async () => {
  expect(await odd(() => {})).toBeNull();
});

test.each<[string, (tree: string) => void]>([
  ["dir/x is not in the index", (t) => write(t, { "dir/x": "" })],
  ["dir/x is not in the index", (t) => mkdirSync(join(t, "dir/x"))],
  [".git is not in the index", (t) => mkdirSync(join(t, ".git"))],
  ["1 files are missing", (t) => rmSync(join(t, "dir/deep"), { recursive: true })],
  ["a.txt is not the file that git wrote", (t) => appendFileSync(join(t, "a.txt"), "x")],
  ["a.txt is not the file that git wrote", (t) => utimesSync(join(t, "a.txt"), 1, 1)],
  ["a.txt is not the file that git wrote", (t) => linkSync(join(t, "a.txt"), `${t}-second-name`)],
  ["a.txt is not the file that git wrote", (t) => chmodSync(join(t, "a.txt"), 0o600)],
  // Only its change time moves.
  ["a.txt is not the file that git wrote", (t) => chmodSync(join(t, "a.txt"), lstatSync(join(t, "a.txt")).mode)],
  ["dir/deep has other rights than a new folder", (t) => chmodSync(join(t, "dir/deep"), 0o777)],
  [
    "dir is not in the index",
    (t) => {
      renameSync(join(t, "dir"), `${t}-dir`);
      symlinkSync(`${t}-dir`, join(t, "dir"));
    },
  ],
])("a tree is not proven: %s", async (message, change) => {
  expect(await odd(change)).toBe(message);
});
