import { readdirSync } from "node:fs";
import { join } from "node:path";
import { parseProfile } from "@agent-control-plane/core";
import { expect, test } from "vitest";
import { backends } from "../../src/backends/index.ts";
import { createProfileWorktrees } from "../../src/profile-worktrees.ts";
import { makePoolProject, type PoolProject, publish, quietInodes } from "./fixtures/pooled.ts";
import { plainGit, write } from "./fixtures/project.ts";

const log = { debug() {}, info() {}, warn() {}, error() {} };

function worktreesOf({ folder, fileRemote }: PoolProject, poolSize?: number, base = "main") {
  const text = `id: web
repo: { slug: o/n }
runtime: { orchestrator_agent_root: ${folder}/agents2, worktree_root: ${folder}/worktrees }
execution: { shell: { command: "true" } }
`;
  const parsed = parseProfile({ text, file: join(folder, "p.yaml"), env: {}, runtimeHome: folder, backends });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return createProfileWorktrees({
    profile: parsed.profile,
    remote: fileRemote,
    defaultBranch: async () => base,
    log,
    ...(poolSize === undefined ? {} : { poolSize }),
  });
}

test("a profile's sessions use each other's trees, of equal trust, without asking for it", async () => {
  const project = await makePoolProject();
  const worktrees = worktreesOf(project);
  const { sha } = await worktrees.fetchBase();
  const branch = "agent/web/issue-1";
  await worktrees.create({ sessionId: "s-1", branch, sha });
  const inodes = quietInodes(worktrees.pathFor("s-1"));
  write(worktrees.pathFor("s-1"), { "dir/work.txt": "work" });
  expect(await worktrees.retire("s-1", { abandoned: false })).toEqual({ rescueRef: "refs/acp/rescue/s-1" });
  expect(await worktrees.onDisk()).toEqual([]);
  await worktrees.createCheckout({ sessionId: "v-1", sha });
  await worktrees.create({ sessionId: "s-2", branch, sha, trust: "fork" });
  await worktrees.create({ sessionId: "s-3", branch, sha });
  const found = ["v-1", "s-2", "s-3"].map((id) => quietInodes(worktrees.pathFor(id)));
  expect(found.map((one) => JSON.stringify(one) === JSON.stringify(inodes))).toEqual([false, false, true]);
  await worktrees.retire("s-2", { abandoned: true });
  expect(readdirSync(join(project.root, ".pool"))).toHaveLength(1);
});

test("a base branch of any name is fetched and worked from, and what lies in the agent's own folder is no work", async () => {
  const project = await makePoolProject();
  plainGit(project.clone, "push", "-q", project.origin, "HEAD:refs/heads/trunk/next");
  const worktrees = worktreesOf(project, 0, "trunk/next");
  const { sha, branch } = await worktrees.fetchBase();
  expect(branch).toBe("trunk/next");
  await worktrees.create({ sessionId: "s-1", branch: "agent/web/issue-1", sha });
  write(worktrees.pathFor("s-1"), { ".acp/prompt.md": "do it", ".acp/notes/own.txt": "mine", "dir/work.txt": "work" });
  const work = await worktrees.collect({
    ...{ sessionId: "s-1", branch: "agent/web/issue-1", startSha: sha, message: "m" },
    mayPublish: () => true,
  });
  expect(work?.files.map(({ path }) => path)).toEqual(["dir/work.txt"]);
});

test("without a pool nothing is kept", async () => {
  const project = await makePoolProject();
  const worktrees = worktreesOf(project, 0);
  const { sha } = await worktrees.fetchBase();
  await worktrees.create({ sessionId: "s-1", branch: "b", sha });
  await worktrees.retire("s-1", { abandoned: false });
  expect(readdirSync(join(project.root, ".pool"))).toEqual([]);
  expect(readdirSync(join(project.root, ".trash"))).toEqual([]);
});

test("a pull request is worked on at its head, with its base at hand, also in a pooled tree", async () => {
  const project = await makePoolProject();
  const worktrees = worktreesOf(project);
  const { sha, branch } = await worktrees.fetchBase();
  await worktrees.create({ sessionId: "s-1", branch: "b", sha });
  const inodes = quietInodes(worktrees.pathFor("s-1"));
  await worktrees.retire("s-1", { abandoned: false });
  plainGit(project.clone, "checkout", "-q", "-b", "feature");
  write(project.clone, { "a.txt": "theirs\n" });
  plainGit(project.clone, "commit", "-q", "-am", "theirs");
  plainGit(project.clone, "push", "-q", project.origin, "feature");
  plainGit(project.clone, "checkout", "-q", "main");
  const main = await publish(project, project.clone, { "a.txt": "ours\n" });

  const head = await worktrees.fetchBranch("feature");
  const base = await worktrees.fetchBase();
  expect(base).toEqual({ sha: main, branch });
  expect(await worktrees.fetchBranch("nothing")).toBeNull();
  expect(await worktrees.conflicts(head?.sha ?? "", main)).toEqual(["a.txt"]);
  expect(await worktrees.isAncestor(sha, main)).toBe(true);
  await worktrees.create({ sessionId: "s-2", branch: "feature", sha: head?.sha ?? "", base });
  const path = worktrees.pathFor("s-2");
  expect(quietInodes(path)).toEqual(inodes);
  expect(plainGit(path, "log", "--format=%s", "origin/main..HEAD")).toBe("theirs\n");
  expect(plainGit(path, "status", "--porcelain")).toBe("");
});

test("work that a later attempt goes on with is all collected, from where the first attempt started", async () => {
  const project = await makePoolProject();
  const worktrees = worktreesOf(project);
  const { sha } = await worktrees.fetchBase();
  const collect = (sessionId: string) =>
    worktrees.collect({
      ...{ sessionId, branch: `agent/web/issue-1-${sessionId}`, startSha: sha },
      ...{ message: "Work left", mayPublish: () => true },
    });
  await worktrees.create({ sessionId: "s-1", branch: "agent/web/issue-1-s-1", sha });
  const first = worktrees.pathFor("s-1");
  write(first, { "one.txt": "committed" });
  plainGit(first, "add", "-A");
  plainGit(first, "commit", "-q", "-m", "One");
  write(first, { "two.txt": "left" });
  const left = await collect("s-1");
  await worktrees.retire("s-1", { abandoned: false });
  await publish(project, project.clone, { "elsewhere.txt": "main has moved\n" });
  const base = await worktrees.fetchBase();
  const leftSha = left?.headSha ?? "";
  expect([await worktrees.isAncestor(sha, base.sha), await worktrees.isAncestor(sha, leftSha)]).toEqual([true, true]);

  await worktrees.create({ sessionId: "s-2", branch: "agent/web/issue-1-s-2", sha: leftSha });
  const second = worktrees.pathFor("s-2");
  expect(plainGit(second, "status", "--porcelain")).toBe("");
  expect(plainGit(second, "log", "--format=%s", `${sha}..HEAD`)).toBe("Work left\nOne\n");
  // Nothing done is all of the work that was there, and not a commit more.
  expect(await collect("s-2")).toMatchObject({ headSha: leftSha, commits: 2, hostCommit: false });
  write(second, { "one.txt": "put right" });
  const all = await collect("s-2");
  expect(all?.files.map(({ path }) => path).sort()).toEqual(["one.txt", "two.txt"]);
  expect(await worktrees.isAncestor(leftSha, all?.headSha ?? "")).toBe(true);
  expect(await worktrees.describe({ startSha: sha, headSha: all?.headSha ?? "" })).toMatchObject({ files: all?.files });
  const oneCommit = await worktrees.collect({
    sessionId: "s-2",
    branch: "agent/web/issue-1-s-2",
    startSha: sha,
    message: "All of it",
    mayPublish: () => false,
  });
  expect(oneCommit?.files.map(({ path }) => path).sort()).toEqual(["one.txt", "two.txt"]);
});

test("what changed between two heads is known by its lines, and not once one of them is nowhere", async () => {
  const project = await makePoolProject();
  const worktrees = worktreesOf(project);
  const before = await publish(project, project.clone, { "lines.txt": "1\n2\n3\n4\n5\n", "gone.txt": "x\n" });
  plainGit(project.clone, "rm", "-q", "gone.txt");
  const after = await publish(project, project.clone, { "lines.txt": "1\ntwo\n3\n5\n6\n", "new file.txt": "a\nb\n" });
  await worktrees.fetchBase();
  expect(await worktrees.changedLines({ fromSha: before, toSha: after })).toEqual([
    { path: "lines.txt", from: 2, to: 2 },
    { path: "lines.txt", from: 3, to: 4 },
    { path: "lines.txt", from: 5, to: 5 },
    { path: "new file.txt", from: 1, to: 2 },
  ]);
  await expect(worktrees.changedLines({ fromSha: "1".repeat(40), toSha: after })).rejects.toThrow();
});
