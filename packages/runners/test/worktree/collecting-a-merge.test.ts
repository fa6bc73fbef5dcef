import { join } from "node:path";
import { expect, test } from "vitest";
import { collectWork, createWorktree, fetchBranch, fetchHead, isAncestor } from "../../src/worktree/index.ts";
import { makeProject, plainGit, write } from "./fixtures/project.ts";

const author = { name: "Agent", email: "agent@example.invalid" };

/** `main` went on after `feature` left it, with a commit whose message would close an issue. */
async function mergeInWorktree(message: string) {
  const project = await makeProject();
  const clone = join(project.folder, "clone");
  plainGit(project.folder, "clone", "-q", project.origin, clone);
  const commit = (files: Record<string, string>, said: string) => {
    write(clone, files);
    plainGit(clone, "add", "-A");
    plainGit(clone, "commit", "-q", "-m", said);
    return plainGit(clone, "rev-parse", "HEAD").trim();
  };
  plainGit(clone, "checkout", "-q", "-b", "feature");
  const head = commit({ "feature.txt": "f\n" }, "feature");
  plainGit(clone, "checkout", "-q", "main");
  const base = commit({ "main.txt": "m\n" }, "Closes #99");
  plainGit(clone, "push", "-q", "origin", "main", "feature");
  await fetchBranch(project.anchor, project.fileRemote, "main");
  await fetchHead(project.anchor, project.fileRemote, "feature");
  const worktree = join(project.root, "s-1");
  const given = { branch: "feature", sha: head, base: { branch: "main", sha: base } };
  await createWorktree(project.anchor, { root: project.root, path: worktree, author, ...given });
  plainGit(worktree, "merge", "-q", "--no-ff", "origin/main", "-m", message);
  const collect = (baseSha?: string) =>
    collectWork(project.anchor, {
      worktree,
      sessionId: "s-1",
      startSha: head,
      ...(baseSha === undefined ? {} : { baseSha }),
      commitResidual: { message: "Repair", author },
      mayPublish: (said) => !said.includes("#99"),
    });
  return { project, worktree, head, base, collect };
}

test("what an agent merged of the base branch is no work of its own, so its messages are not asked about", async () => {
  const { worktree, base, collect } = await mergeInWorktree("Merge main");
  const merge = plainGit(worktree, "rev-parse", "HEAD").trim();
  expect(await collect(base)).toMatchObject({ resultSha: merge, snapshotSha: null, commits: 1 });
});

test("without the base being known, one such message costs the merge", async () => {
  const { project, base, collect } = await mergeInWorktree("Merge main");
  const { resultSha } = await collect();
  expect(await isAncestor(project.anchor, base, resultSha)).toBe(false);
});

test("a commit of ours in place of the agent's merge is a merge of the same two", async () => {
  const { project, worktree, head, base, collect } = await mergeInWorktree("Merge main, closes #99");
  const { resultSha, snapshotSha } = await collect(base);
  expect(resultSha).toBe(snapshotSha);
  const git = (...args: string[]) => plainGit(project.anchor.path, ...args).trim();
  expect(git("log", "-1", "--format=%P %B", resultSha)).toBe(`${head} ${base} Repair`);
  expect(git("rev-parse", `${resultSha}^{tree}`)).toBe(plainGit(worktree, "rev-parse", "HEAD^{tree}").trim());
  expect((await collect(base)).resultSha).not.toBe(head);
});
