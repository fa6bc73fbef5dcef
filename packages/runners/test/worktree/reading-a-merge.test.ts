import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { collectWork, createWorktree, fetchBranch, fetchHead, readDelta } from "../../src/worktree/index.ts";
import { makeProject, plainGit, write } from "./fixtures/project.ts";

const author = { name: "Agent", email: "agent@example.invalid" };
const numbered = (first: string, last: string) => `${first}\n2\n3\n4\n5\n6\n7\n8\n${last}\n`;

/** Both sides changed `both.txt` in one line and `far.txt` in two that lie apart; `main` added `main.txt`. */
async function merging(act: (worktree: string) => void) {
  const project = await makeProject();
  const clone = join(project.folder, "clone");
  plainGit(project.folder, "clone", "-q", project.origin, clone);
  const commit = (files: Record<string, string>) => {
    write(clone, files);
    plainGit(clone, "add", "--all");
    plainGit(clone, "commit", "-q", "-m", "work");
    return plainGit(clone, "rev-parse", "HEAD").trim();
  };
  commit({ "both.txt": "old\n", "far.txt": numbered("1", "9") });
  plainGit(clone, "checkout", "-q", "-b", "feature");
  const head = commit({ "both.txt": "feature\n", "far.txt": numbered("feature", "9"), "feature.txt": "f\n" });
  plainGit(clone, "checkout", "-q", "main");
  const base = commit({ "both.txt": "main\n", "far.txt": numbered("1", "main"), "main.txt": "m\n" });
  plainGit(clone, "push", "-q", "origin", "main", "feature");
  await fetchBranch(project.anchor, project.fileRemote, "main");
  await fetchHead(project.anchor, project.fileRemote, "feature");
  const worktree = join(project.root, "s-1");
  const given = { branch: "feature", sha: head, base: { branch: "main", sha: base } };
  await createWorktree(project.anchor, { root: project.root, path: worktree, author, ...given });
  act(worktree);
  const { resultSha } = await collectWork(project.anchor, {
    ...{ worktree, sessionId: "s-1", startSha: head, baseSha: base },
    commitResidual: { message: "Repair", author },
  });
  const read = { startSha: head, headSha: resultSha, baseSha: base, maxBytes: 1_000_000 };
  const delta = await readDelta(project.anchor, read);
  return { ...delta, own: delta.files.map(({ path, added }) => [path, ...added.map(({ text }) => text)]) };
}

/** `git merge` of `main`, which stops at `both.txt`. */
function startMerge(worktree: string): void {
  expect(() => plainGit(worktree, "merge", "-q", "--no-ff", "origin/main", "-m", "merge")).toThrow();
}

function conclude(worktree: string): void {
  plainGit(worktree, "add", "--all");
  plainGit(worktree, "commit", "-q", "-m", "merge");
}

test("a merge that takes nothing of the base is seen, with what it throws away", async () => {
  const { droppedOfBase, own } = await merging((worktree) => {
    plainGit(worktree, "merge", "-q", "--no-ff", "-s", "ours", "origin/main", "-m", "merge");
  });
  expect(droppedOfBase).toEqual({ merged: ["far.txt", "main.txt"], conflicting: ["both.txt"] });
  // The agent's own doing, against git's own merge.
  expect(own).toEqual([["far.txt", "9"], ["main.txt"]]);
});

test("a conflict in which nothing of the base's side was taken is named", async () => {
  const { droppedOfBase, own } = await merging((worktree) => {
    startMerge(worktree);
    plainGit(worktree, "checkout", "--ours", "both.txt");
    conclude(worktree);
  });
  expect(droppedOfBase).toEqual({ merged: [], conflicting: ["both.txt"] });
  expect(own).toEqual([]);
});

test("of an honest merge nothing is missing, and only what it adds is its own", async () => {
  const { droppedOfBase, own } = await merging((worktree) => {
    startMerge(worktree);
    writeFileSync(join(worktree, "both.txt"), "feature\nmain\nnew\n");
    conclude(worktree);
  });
  expect(droppedOfBase).toEqual({ merged: [], conflicting: [] });
  expect(own).toEqual([["both.txt", "new"]]);
});

test("what is changed besides in a file that merges cleanly is the agent's own, though either side has such lines", async () => {
  const { droppedOfBase, own } = await merging((worktree) => {
    startMerge(worktree);
    writeFileSync(join(worktree, "both.txt"), "feature\nmain\n");
    writeFileSync(join(worktree, "far.txt"), numbered("1", "main"));
    conclude(worktree);
  });
  expect(droppedOfBase).toEqual({ merged: [], conflicting: [] });
  expect(own).toEqual([["far.txt", "1"], ["both.txt"]]);
});
