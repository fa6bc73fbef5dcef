import { readdirSync } from "node:fs";
import { join } from "node:path";
import { parseProfile } from "@agent-control-plane/core";
import { expect, test } from "vitest";
import { createProfileWorktrees } from "../../src/profile-worktrees.ts";
import { makePoolProject, type PoolProject, publish, quietInodes } from "./fixtures/pooled.ts";
import { plainGit, write } from "./fixtures/project.ts";

const log = { debug() {}, info() {}, warn() {}, error() {} };

function worktreesOf({ folder, fileRemote }: PoolProject, poolSize?: number) {
  const text = `id: web
repo: { slug: o/n }
runtime: { orchestrator_agent_root: ${folder}/agents2, worktree_root: ${folder}/worktrees }
execution: { shell: { command: "true" } }
`;
  const parsed = parseProfile({ text, file: join(folder, "p.yaml"), env: {}, runtimeHome: folder });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return createProfileWorktrees({
    profile: parsed.profile,
    remote: fileRemote,
    defaultBranch: async () => "main",
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
