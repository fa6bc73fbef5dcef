import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  createWorktree,
  fetchBranch,
  fetchHead,
  hostGit,
  isAncestor,
  mergeConflicts,
  retireWorktree,
} from "../../src/worktree/index.ts";
import { serveGit } from "./fixtures/git-server.ts";
import { exists, makeProject, type Project, plainGit, write } from "./fixtures/project.ts";

const author = { name: "Agent", email: "agent@example.invalid" };

/** `main` went on after `feature` left it; both changed a.txt, only one each of the others. */
async function makePullRequest(feature = "feature") {
  const project = await makeProject();
  const clone = join(project.folder, "clone");
  plainGit(project.folder, "clone", "-q", project.origin, clone);
  const commit = (files: Record<string, string>) => {
    write(clone, files);
    plainGit(clone, "add", "-A");
    plainGit(clone, "commit", "-q", "-m", "more");
    return plainGit(clone, "rev-parse", "HEAD").trim();
  };
  plainGit(clone, "checkout", "-q", "-b", "work");
  const head = commit({ "a.txt": "theirs\n", "feature.txt": "f\n" });
  plainGit(clone, "checkout", "-q", "main");
  const base = commit({ "a.txt": "ours\n", "main.txt": "m\n" });
  const to = `refs/heads/${feature}`;
  plainGit(clone, "push", "-q", "origin", "main");
  plainGit(clone, "push", "-q", "origin", `work:${to}`);
  await fetchBranch(project.anchor, project.fileRemote, "main");
  return { project, clone, commit, feature, head, base };
}

function create(project: Project, more: { branch: string; sha: string; base?: { branch: string; sha: string } }) {
  const path = join(project.root, "s-1");
  return createWorktree(project.anchor, { root: project.root, path, author, ...more }).then(() => path);
}

test("another branch of the remote is brought in, again when it moved, and null when it is gone", async () => {
  const { project, clone, commit, head } = await makePullRequest();
  const { anchor, fileRemote } = project;
  expect(await fetchHead(anchor, fileRemote, "feature")).toBe(head);
  plainGit(clone, "checkout", "-q", "work");
  plainGit(clone, "commit", "-q", "--amend", "-m", "rewritten");
  const moved = commit({ "more.txt": "x\n" });
  plainGit(clone, "push", "-q", "-f", "origin", "work:feature");
  expect(await fetchHead(anchor, fileRemote, "feature")).toBe(moved);
  await hostGit(["cat-file", "-e", `${moved}^{commit}`], { gitDir: anchor.path });

  plainGit(clone, "push", "-q", "origin", ":feature");
  expect(await fetchHead(anchor, fileRemote, "feature")).toBeNull();
  plainGit(clone, "push", "-q", "origin", "work:refs/heads/feature/deeper", "work:refs/heads/FEATURE/Deeper");
  expect(await fetchHead(anchor, fileRemote, "feature/deeper")).toBe(moved);
  expect(await fetchHead(anchor, fileRemote, "FEATURE/Deeper")).toBe(moved);
});

test("a remote that is not there is no missing branch", async () => {
  const { project } = await makePullRequest();
  const server = await serveGit(project.folder, "token");
  const at = (name: string) => ({ url: `${server.url}/${name}`, token: "token" });
  expect(await fetchHead(project.anchor, at("origin.git"), "nothing")).toBeNull();
  await expect(fetchHead(project.anchor, at("no.git"), "nothing")).rejects.toMatchObject({ reason: "not-found" });
  server.isDown = true;
  await expect(fetchHead(project.anchor, at("origin.git"), "feature")).rejects.toMatchObject({ reason: "unreachable" });
});

test("an agent compares with the base branch and merges it, without a remote", async () => {
  const { project, head, base } = await makePullRequest();
  await fetchHead(project.anchor, project.fileRemote, "feature");
  const worktree = await create(project, { branch: "feature", sha: head, base: { branch: "main", sha: base } });
  expect(plainGit(worktree, "branch", "--show-current").trim()).toBe("feature");
  expect(plainGit(worktree, "diff", "--name-only", "origin/main...")).toBe("a.txt\nfeature.txt\n");
  expect(plainGit(worktree, "remote")).toBe("");
  plainGit(worktree, "merge", "-q", "-X", "ours", "origin/main", "-m", "merged");
  expect(exists(join(worktree, "main.txt"))).toBe(true);
  expect(plainGit(worktree, "merge-base", "HEAD", "origin/main").trim()).toBe(base);
});

test("the base commit stays in the anchor for as long as the worktree, also when its branch is rewritten", async () => {
  const { project, clone, head, base } = await makePullRequest();
  const { anchor, root } = project;
  await fetchHead(anchor, project.fileRemote, "feature");
  const path = await create(project, { branch: "feature", sha: head, base: { branch: "main", sha: base } });
  plainGit(clone, "push", "-q", "-f", "origin", `${project.startSha}:main`);
  await fetchBranch(anchor, project.fileRemote, "main");
  const kept = async () =>
    (
      await hostGit(["for-each-ref", "--format=%(refname)", "--contains", base], { gitDir: anchor.path })
    ).stdout.toString();
  expect(await kept()).toBe("refs/acp/bases/s-1.onto\n");
  expect(await retireWorktree(anchor, { root, path, sessionId: "s-1" })).toMatchObject({ kind: "retired" });
  expect(await kept()).toBe("");
});

test.each(["feature", "user/with.dots+plus#hash@home=x", "HEAD", "origin/main", "refs/heads/main", "a/-b/--c"])(
  "a pull request from a branch called %s is worked on",
  async (feature) => {
    const { project, head, base } = await makePullRequest(feature);
    expect(await fetchHead(project.anchor, project.fileRemote, feature)).toBe(head);
    const worktree = await create(project, { branch: feature, sha: head, base: { branch: "main", sha: base } });
    expect(plainGit(worktree, "symbolic-ref", "HEAD").trim()).toBe(`refs/heads/${feature}`);
    expect(plainGit(worktree, "rev-parse", "refs/remotes/origin/main").trim()).toBe(base);
    expect(plainGit(worktree, "status", "--porcelain")).toBe("");
  },
);

test.each(["../../../hooks/post-checkout", "--upload-pack=x", "a..b", "x.lock", "a b", "x\nref", ""])(
  "%j is no branch we fetch, check out or compare with",
  async (name) => {
    const { project, head, base } = await makePullRequest();
    const { anchor, fileRemote, startSha } = project;
    await expect(fetchHead(anchor, fileRemote, name)).rejects.toThrow(/not a branch name/);
    await expect(create(project, { branch: name, sha: startSha })).rejects.toThrow(/no branch name/);
    const onto = { branch: "feature", sha: startSha, base: { branch: name, sha: base } };
    await expect(create(project, onto)).rejects.toThrow(/no branch name/);
    expect(exists(join(project.root, "s-1"))).toBe(false);
    expect(head).not.toBe(base);
  },
);

test("the host sees whether one commit holds another and which paths would conflict, and keeps nothing of it", async () => {
  const { project, commit, clone, head, base } = await makePullRequest();
  const { anchor, startSha } = project;
  await fetchHead(anchor, project.fileRemote, "feature");
  expect(await isAncestor(anchor, startSha, head)).toBe(true);
  expect(await isAncestor(anchor, head, head)).toBe(true);
  expect(await isAncestor(anchor, base, head)).toBe(false);
  const objects = () => readdirSync(join(anchor.path, "objects"), { recursive: true }).length;
  const before = objects();
  expect(await mergeConflicts(anchor, head, base)).toEqual(["a.txt"]);
  expect(await mergeConflicts(anchor, head, startSha)).toEqual([]);
  expect(objects()).toBe(before);
  expect(readdirSync(`${anchor.path}.scratch`)).toEqual([]);

  plainGit(clone, "checkout", "-q", "-b", "clean", startSha);
  commit({ "line\nbreak ü.txt": "x\n", "a.txt": "third\n" });
  const odd = commit({ "dir/b.txt": "changed\n" });
  plainGit(clone, "checkout", "-q", "-b", "other", startSha);
  const other = commit({ "line\nbreak ü.txt": "y\n" });
  plainGit(clone, "push", "-q", "origin", "clean", "other");
  for (const branch of ["clean", "other"]) await fetchHead(anchor, project.fileRemote, branch);
  expect(await mergeConflicts(anchor, odd, other)).toEqual(["line\nbreak ü.txt"]);
  await expect(mergeConflicts(anchor, "1".repeat(40), other)).rejects.toMatchObject({ name: "GitError" });
  await expect(isAncestor(anchor, "1".repeat(40), other)).rejects.toMatchObject({ name: "GitError" });
});
