import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCheckout, hostGit, listWorktrees } from "../../src/worktree/index.ts";
import {
  allOf,
  create,
  makePoolProject,
  type PoolProject,
  poolProjectIn,
  publish,
  quietInodes,
  retire,
} from "./fixtures/pooled.ts";
import { exists, type Project, plainGit, write } from "./fixtures/project.ts";

const pooled = (project: Project) => readdirSync(join(project.root, ".pool"));

/** What an agent leaves in its worktree; `outside` is a folder beside it. */
const plants: Record<string, (worktree: string, outside: string) => void> = {
  "an untracked file": (w) => write(w, { "dir/planted.txt": "planted" }),
  "an ignored artefact": (w) => write(w, { "build/deep/planted.o": "planted", "dir/planted.log": "planted" }),
  "files of the session": (w) => write(w, { ".acp/result.json": "planted" }),
  "an empty folder": (w) => mkdirSync(join(w, "dir/planted")),
  "a branch and a tag": (w) => {
    plainGit(w, "branch", "planted");
    plainGit(w, "tag", "-a", "-m", "planted", "planted-tag");
  },
  "packed refs and a reflog": (w) => {
    plainGit(w, "branch", "planted");
    plainGit(w, "pack-refs", "--all");
    plainGit(w, "reset", "-q", "--hard", "HEAD");
  },
  "a commit": (w) => {
    write(w, { "dir/planted.txt": "planted" });
    plainGit(w, "add", "-A");
    plainGit(w, "commit", "-q", "-m", "planted");
  },
  configuration: (w) =>
    appendFileSync(join(w, ".git/config"), '[user]\n\tname = planted\n[alias]\n\tst = "!planted"\n'),
  "a hook": (w) => write(w, { ".git/hooks/post-checkout": "#!/bin/sh\necho planted\n" }),
  "a file monitor": (w) => appendFileSync(join(w, ".git/config"), '[core]\n\tfsmonitor = "planted"\n'),
  "another object store": (w, outside) =>
    appendFileSync(join(w, ".git/objects/info/alternates"), `${outside}/planted\n`),
  "a stash": (w) => {
    write(w, { "a.txt": "planted\n" });
    plainGit(w, "stash", "-q");
  },
  "ignore rules and attributes of its own": (w) =>
    write(w, { ".git/info/exclude": "planted\n", ".git/info/attributes": "* filter=planted\n" }),
  "a sparse checkout": (w) => plainGit(w, "sparse-checkout", "set", "--no-cone", "/quiet"),
  "changed rights of a file": (w) => chmodSync(join(w, "dir/b.txt"), 0o777),
  "changed rights of a folder": (w) => chmodSync(join(w, "dir/sub"), 0o777),
  "a folder nobody may look into": (w) => chmodSync(join(w, "dir"), 0),
  "a folder nobody may write to, with more in it": (w) => {
    write(w, { "build/cache/planted": "planted" });
    chmodSync(join(w, "build/cache"), 0o555);
    chmodSync(join(w, "dir/sub"), 0o555);
  },
  "a link to outside": (w, outside) => symlinkSync(outside, join(w, "dir/planted")),
  "a link in place of a file": (w, outside) => {
    rmSync(join(w, "dir/b.txt"));
    symlinkSync(join(outside, "planted"), join(w, "dir/b.txt"));
  },
  "a link in place of a folder": (w, outside) => {
    renameSync(join(w, "dir"), join(outside, "dir"));
    symlinkSync(join(outside, "dir"), join(w, "dir"));
  },
  "a hard link from outside": (w, outside) => linkSync(join(w, "dir/b.txt"), join(outside, "planted")),
  "a file with a second name inside": (w) => linkSync(join(w, "dir/b.txt"), join(w, "dir/planted")),
  "a nested repository": (w) => {
    mkdirSync(join(w, "dir/planted"));
    plainGit(join(w, "dir/planted"), "init", "-q");
    plainGit(join(w, "dir/planted"), "commit", "-q", "--allow-empty", "-m", "planted");
  },
  "a submodule": (w) => {
    mkdirSync(join(w, "planted"));
    plainGit(join(w, "planted"), "init", "-q");
    plainGit(join(w, "planted"), "commit", "-q", "--allow-empty", "-m", "planted");
    plainGit(w, "add", "planted");
    plainGit(w, "commit", "-q", "-m", "planted");
  },
  "an edit that keeps size and time": (w) => editUnseen(w),
  "an edit by a new file of the old size and time": (w) => {
    keepTime(join(w, "dir/b.txt"), () => {
      write(w, { "dir/new": "TWO\n" });
      renameSync(join(w, "dir/new"), join(w, "dir/b.txt"));
    });
  },
  "an edit hidden by skip-worktree": (w) => {
    plainGit(w, "update-index", "--skip-worktree", "dir/b.txt");
    editUnseen(w);
  },
  "an edit hidden by assume-unchanged": (w) => {
    plainGit(w, "update-index", "--assume-unchanged", "dir/b.txt");
    editUnseen(w);
  },
  "a deleted folder": (w) => rmSync(join(w, "dir"), { recursive: true }),
  "a file in place of a folder": (w) => {
    rmSync(join(w, "dir"), { recursive: true });
    write(w, { dir: "planted" });
  },
  "a pipe": (w) => void execFileSync("mkfifo", [join(w, "dir/planted")]),
  "names that are no text": (w) =>
    writeFileSync(Buffer.concat([Buffer.from(join(w, "dir/planted\n")), Buffer.from([0xff])]), "planted"),
  "a name in other letters": (w) => renameSync(join(w, "dir/b.txt"), join(w, "dir/B.txt")),
  "a repository that is elsewhere": (w, outside) => {
    renameSync(join(w, ".git"), join(outside, "planted"));
    write(w, { ".git": `gitdir: ${join(outside, "planted")}\n` });
  },
  "no repository": (w) => rmSync(join(w, ".git"), { recursive: true }),
};

function editUnseen(worktree: string): void {
  const path = join(worktree, "dir/b.txt");
  const before = lstatSync(path, { bigint: true });
  keepTime(path, () => writeFileSync(path, "TWO\n"));
  const after = lstatSync(path, { bigint: true });
  expect([after.ino, after.size, after.mtimeNs]).toEqual([before.ino, before.size, before.mtimeNs]);
}

/** To the nanosecond, which Node's own calls do not keep. */
function keepTime(path: string, change: () => void): void {
  const folder = mkdtempSync(join(tmpdir(), "acp-time-"));
  try {
    execFileSync("touch", ["-r", path, join(folder, "time")]);
    change();
    execFileSync("touch", ["-r", join(folder, "time"), path]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("the next session has the very tree and finds nothing of", () => {
  let project: PoolProject;
  let clean: Record<string, string>;
  let count = 0;

  beforeAll(async () => {
    project = await poolProjectIn(mkdtempSync(join(tmpdir(), "acp-pooling-")));
    clean = allOf(await create(project, "s-clean", { trust: null }));
  });
  afterAll(() => rmSync(project.folder, { recursive: true, force: true }));

  test.each(Object.keys(plants))("%s", async (name) => {
    count += 1;
    rmSync(join(project.root, ".pool"), { recursive: true, force: true });
    const outside = join(project.folder, `outside-${count}`);
    mkdirSync(outside);
    const first = await create(project, `s-${count}-first`);
    const inodes = quietInodes(first);
    plants[name]?.(first, outside);
    // The twin: it is there to be found.
    expect(isLike(first, clean) && readdirSync(outside).length === 0).toBe(false);
    expect(await retire(project, first)).toBeNull();
    expect(pooled(project)).toHaveLength(1);

    const second = await create(project, `s-${count}-second`);
    expect(quietInodes(second)).toEqual(inodes);
    expect(pooled(project)).toEqual([]);
    const linked = join(outside, "planted");
    if (exists(linked) && lstatSync(linked).isFile()) appendFileSync(linked, "planted");
    const found = allOf(second);
    expect(found).toEqual(clean);
    expect(JSON.stringify(found)).not.toContain("planted");
  });
});

function isLike(worktree: string, clean: Record<string, string>): boolean {
  try {
    return JSON.stringify(allOf(worktree)) === JSON.stringify(clean);
  } catch {
    // Not even to be read.
    return false;
  }
}

test("extended attributes do not reach the next session", async (context) => {
  const project = await makePoolProject();
  const first = await create(project, "s-1");
  const marked = ["dir/b.txt", "dir/sub", "dir", "."].map((name) => join(first, name));
  const script = "import os, sys\nfor path in sys.argv[1:]: os.setxattr(path, 'user.planted', b'x')";
  try {
    execFileSync("python3", ["-c", script, ...marked], { stdio: "ignore" });
  } catch {
    context.skip();
  }
  const inodes = quietInodes(first);
  expect(await retire(project, first)).toBeNull();
  const second = await create(project, "s-2");
  expect(quietInodes(second)).toEqual(inodes);
  const list =
    "import os, sys\nfor f, d, n in os.walk(sys.argv[1]):\n for p in [f] + [os.path.join(f, x) for x in n]: print(*os.listxattr(p), end='')";
  expect(execFileSync("python3", ["-c", list, second], { encoding: "utf8" })).toBe("");
});

test("a session that follows is brought to its own commit, whatever moved between", async () => {
  const project = await makePoolProject();
  const first = await create(project, "s-1");
  write(first, { "dir/planted.txt": "planted" });
  const inodes = quietInodes(first);
  const sha = await publish(project, project.clone, {
    "a.txt": "changed\n",
    "dir/sub": null,
    "dir/b.txt": null,
    "new/folder/file.txt": "new\n",
    "tool.sh": null,
    "tool.sh/now/a/folder.txt": "x\n",
  });
  expect(await retire(project, first)).toBeNull();
  const second = await create(project, "s-2", { sha });
  expect(quietInodes(second)).toEqual(inodes);
  expect(allOf(second)).toEqual(allOf(await create(project, "s-clean", { sha, trust: null })));

  // And back, from the tree that was used twice.
  plainGit(second, "commit", "-q", "--allow-empty", "-m", "x");
  expect(await retire(project, second)).toBeNull();
  const third = await create(project, "s-3");
  expect(quietInodes(third)).toEqual(inodes);
  expect(allOf(third)).toEqual(allOf(await create(project, "s-clean-2", { trust: null })));
});

test("a tree is not used for a commit under which its files would be written differently", async () => {
  const project = await makePoolProject();
  const first = await create(project, "s-1");
  const sha = await publish(project, project.clone, { "quiet/.gitattributes": "*.txt text eol=crlf\n" });
  expect(await retire(project, first)).toBeNull();
  const second = await create(project, "s-2", { sha });
  expect(readFileSync(join(second, "quiet/deep/0.txt"), "utf8")).toBe("quiet 0\r\n");
  expect(pooled(project)).toEqual([]);
});

test("what nobody had saved is rescued before its tree is pooled", async () => {
  const project = await makePoolProject();
  const first = await create(project, "s-1");
  write(first, { "dir/unsaved.txt": "work\n" });
  expect(await retire(project, first)).toBeNull();
  const saved = await hostGit(["show", "refs/acp/rescue/s-1:dir/unsaved.txt"], { gitDir: project.anchor.path });
  expect(saved.stdout.toString()).toBe("work\n");
});

test("a tree goes only to a session of equal trust", async () => {
  const project = await makePoolProject();
  const first = await create(project, "s-1", { trust: "trusted" });
  const inodes = quietInodes(first);
  expect(await retire(project, first)).toBeNull();
  for (const [index, trust] of ["anyone", "", "Trusted", "trusted "].entries()) {
    expect(quietInodes(await create(project, `s-other-${index}`, { trust }))).not.toEqual(inodes);
  }
  expect(quietInodes(await create(project, "s-none", { trust: null }))).not.toEqual(inodes);
  expect(pooled(project)).toHaveLength(1);
  expect(quietInodes(await create(project, "s-same", { trust: "trusted" }))).toEqual(inodes);
});

test("a checkout for verification neither takes a tree nor leaves one", async () => {
  const project = await makePoolProject();
  expect(await retire(project, await create(project, "s-1"))).toBeNull();
  const path = join(project.root, "v-1");
  await createCheckout(project.anchor, { root: project.root, path, sha: project.startSha });
  expect(pooled(project)).toHaveLength(1);
  expect(await retire(project, path)).toMatch(/verification/);
  expect(pooled(project)).toHaveLength(1);
});

test("two sessions that start at once get different trees", async () => {
  const project = await makePoolProject();
  const before = await Promise.all(["s-1", "s-2"].map((name) => create(project, name)));
  const inodes = before.map(quietInodes);
  for (const path of before) expect(await retire(project, path)).toBeNull();
  const after = await Promise.all(["s-3", "s-4", "s-5"].map((name) => create(project, name)));
  const taken = after.map((path) => JSON.stringify(quietInodes(path)));
  expect(new Set(taken).size).toBe(3);
  expect(taken).toEqual(expect.arrayContaining(inodes.map((one) => JSON.stringify(one))));
});

test("the pool holds as many trees as it may, and another trust's oldest gives way", async () => {
  const project = await makePoolProject();
  const made: string[] = [];
  for (const n of [1, 2, 3, 4]) made.push(await create(project, `s-${n}`, { trust: n < 4 ? "t" : "other" }));
  const [a = "", b = "", c = "", d = ""] = made;
  expect(await retire(project, a)).toBeNull();
  expect(await retire(project, b)).toBeNull();
  expect(await retire(project, c)).toMatch(/no room/);
  expect(pooled(project)).toHaveLength(2);
  expect(await retire(project, d)).toBeNull();
  expect(
    pooled(project)
      .map((id) => id.slice(0, 3))
      .sort(),
  ).toEqual(["s-2", "s-4"]);

  const last = await create(project, "s-5", { trust: "third" });
  expect(await retire(project, last, { size: 0 })).toMatch(/no pool/);
  expect(pooled(project)).toEqual([]);
});

test("on a disk that is short nothing is pooled and the pool goes", async () => {
  const project = await makePoolProject();
  const [a, b] = [await create(project, "s-1"), await create(project, "s-2")];
  expect(await retire(project, a)).toBeNull();
  expect(await retire(project, b, { size: 2, leastFreeBytes: Number.MAX_SAFE_INTEGER })).toMatch(/no room/);
  expect(pooled(project)).toEqual([]);
  expect(readdirSync(join(project.root, ".trash"))).toEqual([]);
});

test("pooled trees are nobody's worktrees", async () => {
  const project = await makePoolProject();
  expect(await retire(project, await create(project, "s-1"))).toBeNull();
  expect(pooled(project)).toHaveLength(1);
  expect(await listWorktrees(project.root)).toEqual([]);
});

const damages: Record<string, (entry: string) => void> = {
  "a file more": (e) => write(e, { "tree/dir/planted.txt": "planted" }),
  "an empty folder more": (e) => mkdirSync(join(e, "tree/dir/planted")),
  "another content": (e) => writeFileSync(join(e, "tree/dir/d.txt"), "planted"),
  "one file less": (e) => rmSync(join(e, "tree/dir/d.txt")),
  "a nested repository": (e) => void plainGit(join(e, "tree"), "init", "-q", "planted"),
  "a broken index": (e) => writeFileSync(join(e, "index"), "planted"),
  "no tree": (e) => rmSync(join(e, "tree"), { recursive: true }),
  "no seal": (e) => rmSync(join(e, "seal.json")),
  "a repository": (e) => write(e, { "tree/.git/config": "[planted]\n", "tree/.git/hooks/x": "planted" }),
};

test.each(Object.keys(damages))("a pooled tree that somebody gave %s is not used", async (name) => {
  const project = await makePoolProject();
  const first = await create(project, "s-1");
  const inodes = quietInodes(first);
  expect(await retire(project, first)).toBeNull();
  damages[name]?.(join(project.root, ".pool", pooled(project)[0] ?? ""));
  const second = await create(project, "s-2");
  expect(quietInodes(second)).not.toEqual(inodes);
  expect(allOf(second)).toEqual(allOf(await create(project, "s-clean", { trust: null })));
  expect(await retire(project, second)).toBeNull();
  expect(pooled(project)).toHaveLength(1);
  expect(readdirSync(join(project.root, ".making"))).toEqual([]);
});
