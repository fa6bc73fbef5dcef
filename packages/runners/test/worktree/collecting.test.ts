import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { collectWork, diff, hostGit } from "../../src/worktree/index.ts";
import { makeProject, makeWorktree, type Project, plainGit, write } from "./fixtures/project.ts";

const commitResidual = { message: "Leftovers", author: { name: "Agent", email: "agent@example.invalid" } };

function collect(project: Project, worktree: string, commit = true) {
  return collectWork(project.anchor, {
    worktree,
    sessionId: "s-1",
    startSha: project.startSha,
    ...(commit ? { commitResidual } : {}),
  });
}

async function show(project: Project, sha: string, path: string): Promise<string> {
  return (await hostGit(["show", `${sha}:${path}`], { gitDir: project.anchor.path })).stdout.toString("utf8");
}

test("an untouched worktree holds no work", async () => {
  const project = await makeProject();
  const work = await collect(project, await makeWorktree(project));
  expect(work).toMatchObject({
    headSha: project.startSha,
    resultSha: project.startSha,
    snapshotSha: null,
    commits: 0,
    baseIsAncestor: true,
    residual: { files: [], problems: [] },
    changedFiles: [],
    diffStat: { files: 0, additions: 0, deletions: 0 },
  });
});

test("commits and leftovers reach the anchor, and survive the worktree", async () => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  write(worktree, { "a.txt": "one\nmore\n" });
  plainGit(worktree, "commit", "-q", "-am", "agent commit");
  write(worktree, { "new file.txt": "left\n", ".acp/prompt.md": "not work\n" });
  rmSync(join(worktree, "dir/b.txt"));

  const work = await collect(project, worktree);
  rmSync(worktree, { recursive: true });

  expect(work.commits).toBe(1);
  expect(work.residual.files.toSorted()).toEqual(["dir/b.txt", "new file.txt"]);
  expect(work.resultSha).toBe(work.snapshotSha);
  expect(work.changedFiles).toEqual([
    { path: "a.txt", status: "modified", additions: 1, deletions: 0 },
    { path: "dir/b.txt", status: "deleted", additions: 0, deletions: 1 },
    { path: "new file.txt", status: "added", additions: 1, deletions: 0 },
  ]);
  expect(work.diffStat).toEqual({ files: 3, additions: 2, deletions: 1 });
  const text = await diff(project.anchor, project.startSha, work.resultSha, { maxBytes: 100_000 });
  expect(text.text).toContain("+more");
  expect(text.truncated).toBe(false);
  const cut = await diff(project.anchor, project.startSha, work.resultSha, { maxBytes: 60 });
  expect(cut.truncated).toBe(true);
  expect(Buffer.byteLength(cut.text)).toBeLessThanOrEqual(60);
  const log = await hostGit(["log", "--format=%an|%cn|%s", "-1", work.resultSha], { gitDir: project.anchor.path });
  expect(log.stdout.toString()).toBe("Agent|agent-control-plane|Leftovers\n");
});

test("leftovers are only named when no commit of them is wanted", async () => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  write(worktree, { "new.txt": "x" });
  const work = await collect(project, worktree, false);
  expect(work).toMatchObject({ snapshotSha: null, resultSha: project.startSha, residual: { files: ["new.txt"] } });
});

test.each([
  ["spaces and quotes", 'a "b" c.txt'],
  ["newline", "line\nbreak.txt"],
  ["unicode", "naïve-日本.txt"],
  ["a leading dash", "-rf"],
  ["a glob", "*.txt"],
])("a file name with %s is taken as it is", async (_, name) => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  write(worktree, { [name]: "content\n" });
  const work = await collect(project, worktree);
  expect(work.residual.files).toEqual([name]);
  expect(await show(project, work.resultSha, name)).toBe("content\n");
});

test("a name that is not UTF-8 is taken as it is", async () => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  writeFileSync(Buffer.concat([Buffer.from(`${worktree}/x`), Buffer.from([0xff, 0xfe])]), "bytes\n");
  const work = await collect(project, worktree);
  const tree = await hostGit(["ls-tree", "-z", "--name-only", work.resultSha], { gitDir: project.anchor.path });
  expect(tree.stdout.includes(Buffer.from([0x78, 0xff, 0xfe, 0]))).toBe(true);
});

test("links are stored as links, also where a folder was", async () => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  rmSync(join(worktree, "dir"), { recursive: true });
  symlinkSync("/etc", join(worktree, "dir"));
  const work = await collect(project, worktree);
  expect(await show(project, work.resultSha, "dir")).toBe("/etc");
  expect(work.changedFiles.map((f) => `${f.status} ${f.path}`)).toEqual(["added dir", "deleted dir/b.txt"]);
});

test("an ignored link in the place of a folder does not stop the rest", async () => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  rmSync(join(worktree, "dir"), { recursive: true });
  symlinkSync("/nowhere", join(worktree, "dir"));
  write(worktree, { ".gitignore": "dir\n", "kept.txt": "kept\n" });
  const work = await collect(project, worktree);
  expect(await show(project, work.resultSha, "kept.txt")).toBe("kept\n");
});

test("a folder in the place of a file is taken", async () => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  rmSync(join(worktree, "a.txt"));
  write(worktree, { "a.txt/inner": "in\n" });
  const work = await collect(project, worktree);
  expect(await show(project, work.resultSha, "a.txt/inner")).toBe("in\n");
});

test("a pipe in the place of a file is named as a problem", async () => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  rmSync(join(worktree, "a.txt"));
  const { execFileSync } = await import("node:child_process");
  execFileSync("mkfifo", [join(worktree, "a.txt")]);
  const work = await collect(project, worktree);
  expect(work.residual.problems).toMatchObject([{ path: "a.txt", problem: "special-file" }]);
});

test("a HEAD that was never born counts as files against the start", async () => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  plainGit(worktree, "checkout", "-q", "--orphan", "fresh");
  write(worktree, { "c.txt": "c\n" });
  const work = await collect(project, worktree);
  expect(work).toMatchObject({
    headSha: null,
    headProblem: "its branch has no commit",
    commits: 0,
    baseIsAncestor: false,
  });
  expect(work.changedFiles.map((f) => f.path)).toEqual(["c.txt"]);
});

test("a detached HEAD and a HEAD on another branch are followed", async () => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  plainGit(worktree, "checkout", "-q", "--detach");
  plainGit(worktree, "commit", "-q", "--allow-empty", "-m", "detached");
  const detached = await collect(project, worktree);
  expect(detached).toMatchObject({ commits: 1, headRef: null });
  plainGit(worktree, "checkout", "-q", "-b", "other");
  plainGit(worktree, "commit", "-q", "--allow-empty", "-m", "second");
  plainGit(worktree, "pack-refs", "--all");
  expect(await collect(project, worktree)).toMatchObject({ commits: 2, headRef: "refs/heads/other" });
});

test("one message that may not be published makes one commit of the host's of all the work", async () => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  for (const [name, message] of [
    ["one.txt", "first"],
    ["two.txt", "second\n\nCloses #5"],
    ["three.txt", "third"],
  ] as const) {
    write(worktree, { [name]: "x" });
    plainGit(worktree, "add", name);
    plainGit(worktree, "commit", "-q", "-m", message);
  }
  write(worktree, { "left.txt": "x" });
  const asked = { worktree, sessionId: "s-1", startSha: project.startSha, commitResidual };
  const kept = await collectWork(project.anchor, { ...asked, mayPublish: () => true });
  const squashed = await collectWork(project.anchor, { ...asked, mayPublish: (text) => !text.includes("#5") });
  const look = async (...args: string[]) =>
    (await hostGit(args, { gitDir: project.anchor.path })).stdout.toString("utf8").trim();

  expect(squashed.changedFiles).toEqual(kept.changedFiles);
  expect(await look("diff", kept.resultSha, squashed.resultSha)).toBe("");
  expect(await look("log", "--format=%s", `${project.startSha}..${kept.resultSha}`)).toBe(
    "Leftovers\nthird\nsecond\nfirst",
  );
  expect(await look("log", "--format=%B", `${project.startSha}..${squashed.resultSha}`)).toBe("Leftovers");
  expect(await look("rev-parse", "refs/acp/runs/s-1")).toBe(squashed.resultSha);
});

test("a message in an encoding of its own is not published: it may read differently elsewhere", async () => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  write(worktree, { "one.txt": "x" });
  plainGit(worktree, "add", "one.txt");
  plainGit(worktree, "-c", "i18n.commitEncoding=UTF-7", "commit", "-q", "-m", "Closes +ACM-5");
  const { startSha } = project;
  const asked = { worktree, sessionId: "s-1", startSha, commitResidual, mayPublish: () => true };
  const { resultSha, headSha } = await collectWork(project.anchor, asked);
  expect(resultSha).not.toBe(headSha);
});

test("rewritten history is seen", async () => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  plainGit(worktree, "commit", "-q", "--amend", "-m", "rewritten");
  expect(await collect(project, worktree)).toMatchObject({ baseIsAncestor: false, commits: 1 });
});

test("locks that a killed agent left do not matter", async () => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  write(worktree, { ".git/index.lock": "", ".git/HEAD.lock": "", ".git/config.lock": "", "x.txt": "x" });
  expect((await collect(project, worktree)).residual.files).toEqual(["x.txt"]);
});

test("a nested repository is named as a problem and left out", async () => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  mkdirSync(join(worktree, "nested"));
  plainGit(join(worktree, "nested"), "init", "-q");
  plainGit(join(worktree, "nested"), "commit", "-q", "--allow-empty", "-m", "inner");
  write(worktree, { "nested/f": "f", "beside.txt": "b" });
  const work = await collect(project, worktree);
  expect(work.residual.problems).toMatchObject([{ path: "nested", problem: "nested-repository" }]);
  expect(work.changedFiles.map((f) => f.path)).toEqual(["beside.txt"]);
});

test.each([
  ["deleted", (git: string) => rmSync(git, { recursive: true })],
  [
    "a file that points elsewhere",
    (git: string) => {
      rmSync(git, { recursive: true });
      writeFileSync(git, "gitdir: /somewhere/else\n");
    },
  ],
  [
    "robbed of its objects",
    (git: string) => {
      rmSync(join(git, "objects"), { recursive: true });
      mkdirSync(join(git, "objects"));
    },
  ],
  ["given a HEAD of nonsense", (git: string) => writeFileSync(join(git, "HEAD"), "ref: ../../../etc/passwd\n")],
])("when .git is %s, the files count against the start", async (_, damage) => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  write(worktree, { "done.txt": "work\n" });
  plainGit(worktree, "add", "-A");
  plainGit(worktree, "commit", "-q", "-m", "work");
  damage(join(worktree, ".git"));
  const work = await collect(project, worktree);
  expect(work.headSha).toBeNull();
  expect(work.changedFiles.map((f) => f.path)).toEqual(["done.txt"]);
});

test("a commit whose parent was destroyed does not enter the anchor", async () => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  plainGit(worktree, "commit", "-q", "--allow-empty", "-m", "lost");
  const lost = plainGit(worktree, "rev-parse", "HEAD").trim();
  write(worktree, { "kept.txt": "kept\n" });
  plainGit(worktree, "add", "-A");
  plainGit(worktree, "commit", "-q", "-m", "on top");
  rmSync(join(worktree, ".git/objects", lost.slice(0, 2), lost.slice(2)));
  const work = await collect(project, worktree);
  expect(work.headProblem).toMatch(/damaged/);
  expect(work.changedFiles.map((f) => f.path)).toEqual(["kept.txt"]);
});

test("attributes that make conversion fail do not lose the file", async () => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  writeFileSync(join(worktree, ".gitattributes"), "*.bin working-tree-encoding=UTF-16\n");
  writeFileSync(join(worktree, "x.bin"), Buffer.from([0x61, 0x62, 0x63]));
  const work = await collect(project, worktree);
  expect(work.residual.problems.map((p) => p.problem)).toEqual(["stored-without-conversion"]);
  expect(await show(project, work.resultSha, "x.bin")).toBe("abc");
});

test("the executable bit is kept", async () => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  chmodSync(join(worktree, "a.txt"), 0o755);
  const work = await collect(project, worktree);
  expect(work.changedFiles).toEqual([{ path: "a.txt", status: "modified", additions: 0, deletions: 0 }]);
});

test("a file changed without a trace in its size and time is still seen", async () => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  const { statSync, utimesSync } = await import("node:fs");
  const before = statSync(join(worktree, "a.txt"));
  writeFileSync(join(worktree, "a.txt"), "eno\n");
  utimesSync(join(worktree, "a.txt"), before.atime, before.mtime);
  expect((await collect(project, worktree)).residual.files).toEqual(["a.txt"]);
  expect(readFileSync(join(worktree, "a.txt"), "utf8")).toBe("eno\n");
});

test("edits of the same size in the second of the checkout are all seen", async () => {
  const project = await makeProject();
  for (const name of ["s-1", "s-2", "s-3", "s-4"]) {
    const worktree = await makeWorktree(project, name);
    write(worktree, { "a.txt": "eno\n" });
    expect((await collect(project, worktree)).residual.files).toEqual(["a.txt"]);
  }
});
