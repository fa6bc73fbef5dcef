import { readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import {
  fetchBranch,
  hostGit,
  listWorktrees,
  openAnchor,
  provePath,
  removeHalfMade,
} from "../../src/worktree/index.ts";
import { exists, makeProject, makeWorktree, plainGit, tempFolder, write } from "./fixtures/project.ts";
import { bundleProgram, exitOf, startProgram, waitForFile } from "./fixtures/run-program.ts";
import { stallingGit } from "./fixtures/stalling-git.ts";

test("kill -9 while files are being checked out leaves only what removeHalfMade cleans", async () => {
  const project = await makeProject();
  const program = await bundleProgram(project.folder);
  const reached = join(project.folder, "reached");
  const path = stallingGit(project.folder, "read-tree", reached);
  const child = startProgram(program, ["create", project.anchor.path, project.root, project.startSha], path);
  const ended = exitOf(child);
  await waitForFile(reached);
  child.kill("SIGKILL");
  expect(await ended).toBe("SIGKILL");
  const stalled = Number(readFileSync(reached, "utf8"));
  process.kill(stalled, "SIGKILL");

  const found = await listWorktrees(project.root);
  expect(found).toMatchObject([{ kind: "half-made", name: expect.stringMatching(/^s-1-/) }]);
  expect(exists(join(project.root, "s-1"))).toBe(false);
  for (const { name } of found) await removeHalfMade(project.root, name);
  expect(await listWorktrees(project.root)).toEqual([]);

  const again = await makeWorktree(project);
  expect(plainGit(again, "status", "--porcelain")).toBe("");
});

test("a crash between the mark and the last rename is cleaned as well", async () => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  renameSync(worktree, join(project.root, ".making/s-1-0000"));
  const found = await listWorktrees(project.root);
  expect(found).toEqual([
    { name: "s-1-0000", kind: "half-made" },
    { name: "s-1", kind: "mark-only" },
  ]);
  expect(await provePath(project.root, worktree)).toEqual({ kind: "absent" });
  for (const { name } of found) await removeHalfMade(project.root, name);
  expect(await listWorktrees(project.root)).toEqual([]);
});

test("a crash while deleting is finished by removeHalfMade", async () => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  renameSync(worktree, join(project.root, ".trash/s-1-0000"));
  for (const { name } of await listWorktrees(project.root)) await removeHalfMade(project.root, name);
  expect(await listWorktrees(project.root)).toEqual([]);
});

test("processes that fetch into one anchor at once all succeed", async () => {
  const project = await makeProject();
  const program = await bundleProgram(project.folder);
  const path = join(project.folder, "fresh/anchor.git");
  const children = [0, 1, 2].map(() => startProgram(program, ["fetch", path, project.origin, "2"]));
  expect(await Promise.all(children.map(exitOf))).toEqual([0, 0, 0]);
  const anchor = await openAnchor({ path });
  expect(await fetchBranch(anchor, project.fileRemote, "main")).toBe(project.startSha);
  await hostGit(["fsck", "--connectivity-only"], { gitDir: path });
});

test("a lock that a killed fetch left is removed once nobody moves it", async () => {
  const project = await makeProject();
  const clone = join(project.folder, "clone");
  plainGit(project.folder, "clone", "-q", project.origin, clone);
  plainGit(clone, "commit", "-q", "--allow-empty", "-m", "second");
  plainGit(clone, "push", "-q", "origin", "main");
  const lock = join(project.anchor.path, "refs/remotes/origin/main.lock");
  write(project.anchor.path, { "refs/remotes/origin/main.lock": "" });
  const sha = await fetchBranch(project.anchor, project.fileRemote, "main");
  expect(sha).toBe(plainGit(clone, "rev-parse", "HEAD").trim());
  expect(exists(lock)).toBe(false);
});

test("a git that does not end is ended with its children", async () => {
  const folder = tempFolder();
  const reached = join(folder, "reached");
  const before = process.env.PATH ?? "";
  process.env.PATH = stallingGit(folder, "version", reached);
  onTestFinished(() => {
    process.env.PATH = before;
  });
  await expect(hostGit(["version"], { timeoutMs: 2_000 })).rejects.toMatchObject({ reason: "timeout" });
  await waitForFile(reached);
  expect(isRunning(Number(readFileSync(reached, "utf8")))).toBe(false);
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
