import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  collectWork,
  createCheckout,
  hostGit,
  listWorktrees,
  provePath,
  removeHalfMade,
  retireWorktree,
} from "../../src/worktree/index.ts";
import { exists, makeProject, makeWorktree, type Project, plainGit, tempFolder, write } from "./fixtures/project.ts";

function retire(project: Project, path: string, more: object = {}) {
  return retireWorktree(project.anchor, { root: project.root, path, sessionId: "s-1", ...more });
}

async function inAnchor(project: Project, ...args: string[]): Promise<string> {
  return (await hostGit(args, { gitDir: project.anchor.path })).stdout.toString("utf8").trim();
}

test("a worktree without work leaves nothing behind", async () => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  expect(await retire(project, worktree)).toEqual({
    kind: "retired",
    rescueRef: null,
    leftInTrash: null,
    notPooled: "there is no pool",
  });
  expect(await listWorktrees(project.root)).toEqual([]);
  expect(await inAnchor(project, "for-each-ref", "--format=%(refname)")).toBe("refs/remotes/origin/main");
  expect(await retire(project, worktree)).toEqual({ kind: "absent" });
});

test("commits, changes, new files, other branches and the stash survive in the rescue ref", async () => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  plainGit(worktree, "checkout", "-q", "-b", "side");
  write(worktree, { "side.txt": "side\n" });
  plainGit(worktree, "add", "-A");
  plainGit(worktree, "commit", "-q", "-m", "on the side");
  plainGit(worktree, "checkout", "-q", "agent/demo/issue-1-s-1");
  write(worktree, { "a.txt": "stashed\n" });
  plainGit(worktree, "stash", "-q");
  write(worktree, { "main.txt": "committed\n" });
  plainGit(worktree, "add", "-A");
  plainGit(worktree, "commit", "-q", "-m", "main work");
  const head = plainGit(worktree, "rev-parse", "HEAD").trim();
  write(worktree, { "a.txt": "dirty\n", "untracked.txt": "new\n", "staged.txt": "staged\n" });
  plainGit(worktree, "add", "staged.txt");

  const retired = await retire(project, worktree);

  expect(retired).toMatchObject({ kind: "retired", rescueRef: "refs/acp/rescue/s-1" });
  expect(exists(worktree)).toBe(false);
  const ref = "refs/acp/rescue/s-1";
  expect(await inAnchor(project, "rev-parse", `${ref}^1`)).toBe(head);
  expect(await inAnchor(project, "show", `${ref}:a.txt`)).toBe("dirty");
  expect(await inAnchor(project, "show", `${ref}:untracked.txt`)).toBe("new");
  expect(await inAnchor(project, "show", `${ref}:staged.txt`)).toBe("staged");
  const subjects = await inAnchor(project, "log", "--format=%s", ref);
  expect(subjects).toContain("on the side");
  expect(subjects).toMatch(/WIP on agent/);
  await inAnchor(project, "fsck", "--connectivity-only", "--no-dangling");
});

test("work that was collected needs no rescue", async () => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  write(worktree, { "new.txt": "x\n" });
  const author = { name: "A", email: "a@example.invalid" };
  await collectWork(project.anchor, {
    worktree,
    sessionId: "s-1",
    startSha: project.startSha,
    commitResidual: { message: "m", author },
  });
  expect(await retire(project, worktree)).toMatchObject({ rescueRef: null });
  expect(await inAnchor(project, "show", "refs/acp/runs/s-1:new.txt")).toBe("x");
});

test("a nested repository is rescued whole, with its own commits", async () => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  const nested = join(worktree, "nested");
  mkdirSync(nested);
  plainGit(nested, "init", "-q");
  write(nested, { "f.txt": "f\n", "line\nbreak": "odd\n" });
  plainGit(nested, "add", "-A");
  plainGit(nested, "commit", "-q", "-m", "inner");
  symlinkSync("f.txt", join(nested, "link"));
  expect(await retire(project, worktree)).toMatchObject({ rescueRef: "refs/acp/rescue/s-1" });
  const names = await inAnchor(project, "ls-tree", "-r", "-z", "--name-only", "refs/acp/rescue/s-1", "nested/");
  expect(names.split("\0")).toEqual(
    expect.arrayContaining(["nested/f.txt", "nested/link", "nested/line\nbreak", "nested/saved.git/HEAD"]),
  );
});

test("names that git refuses are rescued under another name", async () => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  write(worktree, { "x/.GIT/config": "mine\n" });
  await retire(project, worktree);
  expect(await inAnchor(project, "show", "refs/acp/rescue/s-1:x/saved.GIT/config")).toBe("mine");
});

test("a worktree whose .git is gone is rescued by its files", async () => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  rmSync(join(worktree, ".git"), { recursive: true });
  write(worktree, { "new.txt": "x\n" });
  expect(await retire(project, worktree)).toMatchObject({ kind: "retired", rescueRef: "refs/acp/rescue/s-1" });
  expect(await inAnchor(project, "show", "refs/acp/rescue/s-1:new.txt")).toBe("x");
});

test("a broken branch does not keep the sound ones from being rescued", async () => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  plainGit(worktree, "commit", "-q", "--allow-empty", "-m", "sound");
  const tree = plainGit(worktree, "rev-parse", "HEAD^{tree}").trim();
  const lost = plainGit(worktree, "commit-tree", tree, "-m", "lost").trim();
  plainGit(worktree, "branch", "holed", plainGit(worktree, "commit-tree", tree, "-p", lost, "-m", "holed").trim());
  rmSync(join(worktree, ".git/objects", lost.slice(0, 2), lost.slice(2)));
  write(worktree, { ".git/refs/heads/broken": `${"1".repeat(40)}\n` });
  await retire(project, worktree);
  expect(await inAnchor(project, "log", "--format=%s", "refs/acp/rescue/s-1")).toContain("sound");
});

test("more uncommitted bytes than allowed refuse, and everything stays", async () => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  writeFileSync(join(worktree, "big"), "");
  truncateSync(join(worktree, "big"), 300 * 1024 * 1024);
  expect(await retire(project, worktree)).toMatchObject({ kind: "refused", reason: "too-large" });
  expect(exists(join(worktree, "big"))).toBe(true);
  expect(await provePath(project.root, worktree)).toMatchObject({ kind: "proven" });
});

test("a rescue that cannot be written refuses, and everything stays", async () => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  write(worktree, { "new.txt": "x\n" });
  // A file where the ref's folder has to be.
  write(project.anchor.path, { "refs/acp/rescue": "in the way\n" });
  expect(await retire(project, worktree)).toMatchObject({ kind: "refused" });
  expect(readFileSync(join(worktree, "new.txt"), "utf8")).toBe("x\n");
});

test("folders and files without permissions do not stop it", async () => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  write(worktree, { "locked/deep/file.txt": "x\n" });
  chmodSync(join(worktree, "locked/deep/file.txt"), 0);
  chmodSync(join(worktree, "locked/deep"), 0);
  chmodSync(join(worktree, "locked"), 0);
  chmodSync(worktree, 0o500);
  expect(await retire(project, worktree)).toMatchObject({ kind: "retired", rescueRef: "refs/acp/rescue/s-1" });
  expect(await inAnchor(project, "show", "refs/acp/rescue/s-1:locked/deep/file.txt")).toBe("x");
  expect(readdirSync(join(project.root, ".trash"))).toEqual([]);
});

test("a link in the worktree is deleted, not what it points to", async () => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  const outside = tempFolder();
  write(outside, { "precious.txt": "p" });
  symlinkSync(outside, join(worktree, "link"));
  await retire(project, worktree);
  expect(exists(join(outside, "precious.txt"))).toBe(true);
});

test("a rescue repeated after a crash finds its own ref and adds nothing", async () => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  write(worktree, { "new.txt": "x\n" });
  const { rescueWork } = await import("../../src/worktree/rescue-work.ts");
  const proof = await provePath(project.root, worktree);
  if (proof.kind !== "proven") throw new Error("expected a proof");
  await rescueWork(project.anchor, { proof, sessionId: "s-1", maxBytes: 1e9 });
  const first = await inAnchor(project, "rev-parse", "refs/acp/rescue/s-1");
  expect(await retire(project, worktree)).toMatchObject({ kind: "retired", rescueRef: "refs/acp/rescue/s-1" });
  expect(await inAnchor(project, "rev-parse", "refs/acp/rescue/s-1")).toBe(first);
});

test("a verification checkout is clean, on no branch, and retires without a trace", async () => {
  const project = await makeProject();
  const path = join(project.root, "s-2-verify");
  await createCheckout(project.anchor, { root: project.root, path, sha: project.startSha });
  expect(plainGit(path, "status", "--porcelain")).toBe("");
  expect(plainGit(path, "rev-parse", "--abbrev-ref", "HEAD").trim()).toBe("HEAD");
  expect(await retire(project, path)).toMatchObject({ kind: "retired", rescueRef: null });
});

const attacks: readonly (readonly [string, (root: string, worktree: string, elsewhere: string) => string])[] = [
  ["a path outside the root", (_root, _worktree, elsewhere) => elsewhere],
  ["the root itself", (root) => root],
  ["a path with ..", (root) => `${root}/s-1/../../victim`],
  ["a folder deeper than the root", (_root, worktree) => `${worktree}/dir`],
  ["another spelling", (root) => `${root}/S-1`],
  ["our own folders", (root) => `${root}/.marks`],
  [
    "a link in the worktree's place",
    (_root, worktree, elsewhere) => {
      renameSync(worktree, `${worktree}-moved`);
      symlinkSync(elsewhere, worktree);
      return worktree;
    },
  ],
  [
    "another folder in the worktree's place",
    (_root, worktree, elsewhere) => {
      renameSync(worktree, `${worktree}-moved`);
      renameSync(elsewhere, worktree);
      return worktree;
    },
  ],
  [
    "a folder with a copied mark",
    (root, _worktree, elsewhere) => {
      renameSync(elsewhere, `${root}/s-9`);
      const mark = readFileSync(`${root}/.marks/s-1.json`, "utf8").replace('"s-1"', '"s-9"');
      writeFileSync(`${root}/.marks/s-9.json`, mark);
      return `${root}/s-9`;
    },
  ],
  [
    "a folder without our mark",
    (root, _worktree, elsewhere) => {
      renameSync(elsewhere, `${root}/s-8`);
      return `${root}/s-8`;
    },
  ],
];

test.each(attacks)("%s is not retired", async (_, prepare) => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  const elsewhere = join(project.folder, "victim");
  write(elsewhere, { "precious.txt": "p" });
  const path = prepare(project.root, worktree, elsewhere);
  const answer = await retire(project, path);
  expect(answer).toMatchObject({ kind: "refused", reason: "not-ours" });
  const survivors = [elsewhere, worktree, `${project.root}/s-8`, `${project.root}/s-9`];
  expect(survivors.some((folder) => exists(join(folder, "precious.txt")))).toBe(true);
});

test("removeHalfMade leaves complete worktrees and everything outside alone", async () => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  await removeHalfMade(project.root, "s-1");
  expect(await provePath(project.root, worktree)).toMatchObject({ kind: "proven" });
  for (const name of ["../victim", "..", ".", "", "a/b"])
    await expect(removeHalfMade(project.root, name)).rejects.toThrow(/name/);
});
