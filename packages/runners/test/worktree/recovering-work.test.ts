// A worktree that vanished before its work was judged: somebody deleted it, or a disk came back without it.
import { rmSync } from "node:fs";
import { parseProfile } from "@agent-control-plane/core";
import { expect, test } from "vitest";
import { backends } from "../../src/backends/index.ts";
import { createProfileWorktrees } from "../../src/profile-worktrees.ts";
import { runRef } from "../../src/worktree/anchor-refs.ts";
import { makePoolProject, type PoolProject } from "./fixtures/pooled.ts";
import { plainGit, write } from "./fixtures/project.ts";

async function makeWorked() {
  const project = await makePoolProject();
  const { worktrees, anchor } = worktreesOf(project);
  const { sha } = await worktrees.fetchBase();
  await worktrees.create({ sessionId: "s-1", branch: "agent/web/issue-1", sha });
  const path = worktrees.pathFor("s-1");
  write(path, { "dir/committed.txt": "one\n" });
  plainGit(path, "add", "--all");
  plainGit(path, "-c", "user.name=A", "-c", "user.email=a@example.test", "commit", "-q", "-m", "one");
  write(path, { "dir/left.txt": "two\n" });
  const collect = (mayPublish = true) =>
    worktrees.collect({
      sessionId: "s-1",
      branch: "agent/web/issue-1",
      startSha: sha,
      message: "work",
      mayPublish: () => mayPublish,
    });
  return { anchor, worktrees, sha, path, collect };
}

function worktreesOf({ folder, fileRemote }: PoolProject) {
  const text = `id: web
repo: { slug: o/n }
runtime: { orchestrator_agent_root: ${folder}/agents, worktree_root: ${folder}/worktrees }
execution: { shell: { command: "true" } }
`;
  const parsed = parseProfile({ text, file: `${folder}/p.yaml`, env: {}, runtimeHome: folder, backends });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const worktrees = createProfileWorktrees({
    profile: parsed.profile,
    remote: fileRemote,
    defaultBranch: async () => "main",
    log,
  });
  return { worktrees, anchor: parsed.profile.runtime.agentRepoRoot };
}

test("work whose folder was deleted after it was collected goes on from the commit in the anchor", async () => {
  const { path, collect } = await makeWorked();
  const before = await collect();
  rmSync(path, { recursive: true, force: true });
  const after = await collect();
  expect(after?.headSha).toBe(before?.headSha);
  expect(after?.files).toEqual(before?.files);
  expect(after?.files.map((file) => file.path)).toEqual(["dir/committed.txt", "dir/left.txt"]);
  expect(after?.problems).toEqual([]);
});

test("work whose folder was deleted before it was collected is gone, and nothing else is taken for it", async () => {
  const { path, collect } = await makeWorked();
  rmSync(path, { recursive: true, force: true });
  expect(await collect()).toBeNull();
});

test("a collect that was killed halfway leaves no work to recover: what was not committed is missing in it", async () => {
  const { anchor, path, sha, collect } = await makeWorked();
  // As it is after the agent's commits were imported, and before what it left uncommitted.
  const head = plainGit(path, "rev-parse", "HEAD").trim();
  plainGit(path, "push", "-q", anchor, `HEAD:${runRef("s-1")}`);
  rmSync(path, { recursive: true, force: true });
  expect(head).not.toBe(sha);
  expect(await collect()).toBeNull();
});

test("a tree with something in it that cannot be published does not become publishable by losing its folder", async () => {
  const { path, collect } = await makeWorked();
  expect((await collect())?.problems).toEqual([]);
  plainGit(path, "init", "-q", "dir/nested");
  write(path, { "dir/nested/x.txt": "x" });
  expect((await collect())?.problems).toHaveLength(1);
  rmSync(path, { recursive: true, force: true });
  expect(await collect()).toBeNull();
});

test("commits whose messages may not be published are not recovered under those messages", async () => {
  const { anchor, path, collect } = await makeWorked();
  const before = await collect(false);
  rmSync(path, { recursive: true, force: true });
  const after = await collect(false);
  expect(after?.headSha).toBe(before?.headSha);
  const log = plainGit(anchor, "log", "--format=%s", `${after?.headSha}`);
  expect(log.split("\n")[0]).toBe("work");
});

test("of an abandoned session what was collected is rescued all the same, and the mark of it goes", async () => {
  const { anchor, worktrees, collect } = await makeWorked();
  const work = await collect();
  const { rescueRef } = await worktrees.retire("s-1", { abandoned: true });
  expect(rescueRef).toBe("refs/acp/rescue/s-1");
  expect(plainGit(anchor, "show", `${rescueRef}:dir/left.txt`)).toBe("two\n");
  expect(plainGit(anchor, "for-each-ref", "--format=%(refname)", "refs/acp/collected")).toBe("");
  expect(work?.headSha).toBe(plainGit(anchor, "rev-parse", runRef("s-1")).trim());
});

test("commits on another branch than the session's do not become its work by losing the folder", async () => {
  const { path, collect } = await makeWorked();
  plainGit(path, "checkout", "-q", "-b", "elsewhere");
  expect((await collect())?.strayed).toEqual({ kind: "other-branch", ref: "refs/heads/elsewhere" });
  rmSync(path, { recursive: true, force: true });
  expect(await collect()).toBeNull();
});
