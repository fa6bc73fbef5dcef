import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { collectWork, createWorktree, fetchBranch, fetchHead, readDelta } from "../../src/worktree/index.ts";
import { parsePatch } from "../../src/worktree/parse-patch.ts";
import { makeProject, makeWorktree, plainGit, write } from "./fixtures/project.ts";

const author = { name: "Agent", email: "agent@example.invalid" };
const maxBytes = 1_000_000;

async function collected(change: (worktree: string) => void) {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  change(worktree);
  const work = await collectWork(project.anchor, {
    ...{ worktree, sessionId: "s-1", startSha: project.startSha },
    commitResidual: { message: "Leftovers", author },
    artefactRoot: (path) => (path.split("/")[0]?.startsWith(".tool") ? (path.split("/")[0] ?? null) : null),
  });
  const read = (most = maxBytes) =>
    readDelta(project.anchor, { startSha: project.startSha, headSha: work.resultSha, maxBytes: most });
  return { project, worktree, work, read };
}

const commitAll = (worktree: string, message = "work") => {
  plainGit(worktree, "add", "--all", "--force", ".");
  plainGit(worktree, "commit", "-q", "-m", message);
};

test("a change is read line by line, under whatever name and however much its lines look like a patch", async () => {
  const odd = 'a "b"\té\\ .txt';
  const { read } = await collected((worktree) => {
    write(worktree, { [odd]: "--- x\n+++ y\n@@ -1 +1 @@\ndiff --git a b\n", "bin.dat": "a\0b", "a.txt": "other\n" });
    rmSync(join(worktree, "dir/b.txt"));
  });
  const { files, passing, isCut } = await read();
  expect([passing, isCut]).toEqual([[], false]);
  const byPath = new Map(files.map((file) => [file.path, file]));
  expect(byPath.get(odd)?.added.map(({ line, text }) => `${line} ${text}`)).toEqual([
    "1 --- x",
    "2 +++ y",
    "3 @@ -1 +1 @@",
    "4 diff --git a b",
  ]);
  expect(byPath.get("bin.dat")).toMatchObject({ isBinary: true, added: [{ line: 1, text: "a\0b" }] });
  expect(byPath.get("dir/b.txt")).toMatchObject({ status: "deleted", added: [] });
  expect(byPath.get("dir/b.txt")?.removed.length).toBeGreaterThan(0);
});

test("what one commit added and the next took out again is read as well", async () => {
  const { read } = await collected((worktree) => {
    write(worktree, { "key.txt": "a secret\n" });
    commitAll(worktree);
    rmSync(join(worktree, "key.txt"));
    write(worktree, { "other.txt": "fine\n" });
    commitAll(worktree);
  });
  const { files, passing } = await read();
  expect(files.map(({ path }) => path)).toEqual(["other.txt"]);
  expect(passing.flatMap(({ added }) => added.map(({ text }) => text)).sort()).toEqual(["a secret", "fine"]);
});

test.each([
  ["two", ["one"]],
  ["three", ["one", "two"]],
])("what a merge of %s added of its own and a later commit took out again is read as well", async (_, branches) => {
  const { read } = await collected((worktree) => {
    const main = plainGit(worktree, "branch", "--show-current").trim();
    for (const name of branches) {
      plainGit(worktree, "checkout", "-q", "-b", name, main);
      write(worktree, { [`${name}.txt`]: `${name}\n` });
      commitAll(worktree);
    }
    plainGit(worktree, "checkout", "-q", main);
    write(worktree, { "mine.txt": "mine\n" });
    commitAll(worktree);
    plainGit(worktree, "merge", "-q", "--no-ff", "--no-commit", ...branches);
    write(worktree, { "key.txt": "a secret\n", "one.txt": "one\nof the merge\n" });
    commitAll(worktree);
    expect(plainGit(worktree, "log", "-1", "--format=%P").trim().split(" ")).toHaveLength(branches.length + 1);
    rmSync(join(worktree, "key.txt"));
    write(worktree, { "one.txt": "one\n" });
    commitAll(worktree);
  });
  const { files, passing } = await read();
  expect(files.flatMap(({ added }) => added.map(({ text }) => text)).toSorted()).toEqual(
    [...branches, "mine"].toSorted(),
  );
  const seen = passing.flatMap(({ added }) => added.map(({ text }) => text));
  expect(seen).toEqual(expect.arrayContaining(["a secret", "of the merge", ...branches, "mine"]));
});

test("neither a zero byte nor the repository's attributes hide what a file holds", async () => {
  const project = await makeProject();
  const first = await makeWorktree(project);
  write(first, { ".gitattributes": "*.key -diff\n*.bin binary\n*.pem diff=hide\n", "old.key": "old\n" });
  commitAll(first);
  const kept = { worktree: first, sessionId: "s-0", startSha: project.startSha };
  const { resultSha: startSha } = await collectWork(project.anchor, kept);
  const worktree = join(project.root, "s-2");
  await createWorktree(project.anchor, { root: project.root, path: worktree, branch: "b", sha: startSha, author });
  write(worktree, { "old.key": "a\n", "new.bin": "b\n", "new.pem": "c\n", "zero.txt": "d\0d\n" });
  write(worktree, { ".gitattributes": "* -diff\n" });
  commitAll(worktree);
  const { resultSha: headSha } = await collectWork(project.anchor, { worktree, sessionId: "s-2", startSha });
  const { files } = await readDelta(project.anchor, { startSha, headSha, maxBytes });
  const added = files.map(({ path, added }) => [path, ...added.map(({ text }) => text)]);
  expect(added).toEqual([
    [".gitattributes", "* -diff"],
    ["new.bin", "b"],
    ["new.pem", "c"],
    ["old.key", "a"],
    ["zero.txt", "d\0d"],
  ]);
});

test("a change that is larger than what is read says so", async () => {
  const { read } = await collected((worktree) => write(worktree, { "big.txt": "line\n".repeat(5_000) }));
  expect((await read(2_000)).isCut).toBe(true);
});

test("of a merge only what neither side had is read", async () => {
  const project = await makeProject();
  const clone = join(project.folder, "clone");
  plainGit(project.folder, "clone", "-q", project.origin, clone);
  const commit = (files: Record<string, string>) => {
    write(clone, files);
    commitAll(clone);
    return plainGit(clone, "rev-parse", "HEAD").trim();
  };
  plainGit(clone, "checkout", "-q", "-b", "feature");
  const head = commit({ "both.txt": "feature\n", "feature.txt": "f\n" });
  plainGit(clone, "checkout", "-q", "main");
  const base = commit({ "both.txt": "main\n", "main.txt": "m\n" });
  plainGit(clone, "push", "-q", "origin", "main", "feature");
  await fetchBranch(project.anchor, project.fileRemote, "main");
  await fetchHead(project.anchor, project.fileRemote, "feature");
  const worktree = join(project.root, "s-1");
  const given = { branch: "feature", sha: head, base: { branch: "main", sha: base } };
  await createWorktree(project.anchor, { root: project.root, path: worktree, author, ...given });
  plainGit(worktree, "merge", "-q", "--no-ff", "-s", "ours", "origin/main", "-m", "merge");
  write(worktree, { "both.txt": "feature\nmain\nnew\n", "main.txt": "m\n" });
  const { resultSha } = await collectWork(project.anchor, {
    ...{ worktree, sessionId: "s-1", startSha: head, baseSha: base },
    commitResidual: { message: "Repair", author },
  });
  const { files } = await readDelta(project.anchor, { startSha: head, headSha: resultSha, baseSha: base, maxBytes });
  expect(files.map(({ path, added }) => [path, added.map(({ text }) => text)])).toEqual([["both.txt", ["new"]]]);
});

test("files of agent tools are left out, committed or not, and the work beside them is kept", async () => {
  const { project, work } = await collected((worktree) => {
    write(worktree, { ".tool/state.json": "{}\n", "real.txt": "work\n" });
    commitAll(worktree);
    write(worktree, { ".tool-b/log": "x\n" });
  });
  expect(work.leftOut.toSorted()).toEqual([".tool-b/log", ".tool/state.json"]);
  expect(work.changedFiles.map(({ path }) => path)).toEqual(["real.txt"]);
  // The agent's commit would have carried them out with it.
  expect(plainGit(project.anchor.path, "rev-list", "--count", `${project.startSha}..${work.resultSha}`).trim()).toBe(
    "1",
  );
  expect(work.snapshotSha).toBe(work.resultSha);
});

test("files of agent tools that a later commit took out again do not go out in the history", async () => {
  const { project, work } = await collected((worktree) => {
    write(worktree, { ".tool/state.json": "{}\n", "real.txt": "work\n" });
    commitAll(worktree);
    rmSync(join(worktree, ".tool"), { recursive: true });
    commitAll(worktree, "cleaned up");
  });
  expect(work.leftOut).toEqual([".tool/state.json"]);
  expect(
    plainGit(project.anchor.path, "log", "--format=", "--name-only", `${project.startSha}..${work.resultSha}`).trim(),
  ).toBe("real.txt");
});

test("what the repository has in that place is its own", async () => {
  const project = await makeProject();
  const first = await makeWorktree(project);
  write(first, { ".tool/kept.json": "{}\n" });
  commitAll(first);
  const kept = { worktree: first, sessionId: "s-0", startSha: project.startSha };
  const { resultSha: startSha } = await collectWork(project.anchor, kept);
  const worktree = join(project.root, "s-2");
  await createWorktree(project.anchor, { root: project.root, path: worktree, branch: "b", sha: startSha, author });
  write(worktree, { ".tool/more.json": "{}\n" });
  const work = await collectWork(project.anchor, {
    ...{ worktree, sessionId: "s-2", startSha, commitResidual: { message: "More", author } },
    artefactRoot: () => ".tool",
  });
  expect([work.leftOut, work.changedFiles.map(({ path }) => path)]).toEqual([[], [".tool/more.json"]]);
});

test.each([
  ["the start's parent", ["reset", "--hard", "HEAD~1"], true],
  ["another history", ["commit", "--amend", "--allow-empty", "-m", "rewritten"], false],
] as const)("a head at %s does not hold the start", async (_, command, isOlder) => {
  const project = await makeProject();
  const first = await makeWorktree(project);
  write(first, { "second.txt": "2\n" });
  commitAll(first);
  const kept = { worktree: first, sessionId: "s-0", startSha: project.startSha };
  const { resultSha: startSha } = await collectWork(project.anchor, kept);
  const worktree = join(project.root, "s-2");
  await createWorktree(project.anchor, { root: project.root, path: worktree, branch: "b", sha: startSha, author });
  plainGit(worktree, ...command);
  const work = await collectWork(project.anchor, { worktree, sessionId: "s-2", startSha });
  expect([work.baseIsAncestor, work.isOlder]).toEqual([false, isOlder]);
});

test("a patch without hunks, and an empty one, have no lines", () => {
  expect(parsePatch("")).toEqual([]);
  expect(parsePatch("diff --git a b\nold mode 100644\nnew mode 100755\n")).toEqual([]);
});
