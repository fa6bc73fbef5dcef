import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { diff, fetchBranch, hostGit, isAncestor, openAnchor, retireWorktree } from "../../src/worktree/index.ts";
import { ownedName } from "../../src/worktree/owned-name.ts";
import {
  makeCanary,
  makeProject,
  makeWorktree,
  type Project,
  plainGit,
  tempFolder,
  tryPlainGit,
  write,
} from "./fixtures/project.ts";

afterEach(() => {
  for (const name of ["GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_0", "GIT_CONFIG_VALUE_0", "GIT_DIR", "GIT_EXTERNAL_DIFF"]) {
    delete process.env[name];
  }
});

async function hostWork(project: Project): Promise<void> {
  await fetchBranch(project.anchor, project.fileRemote, "main");
  const worktree = await makeWorktree(project);
  write(worktree, { "a.txt": "changed\n" });
  await retireWorktree(project.anchor, { root: project.root, path: worktree, sessionId: "s-1" });
  const rescued = (await hostGit(["rev-parse", "refs/acp/rescue/s-1"], { gitDir: project.anchor.path })).stdout
    .toString()
    .trim();
  const { text } = await diff(project.anchor, project.startSha, rescued, { maxBytes: 1e6 });
  expect(text).toContain("+changed");
}

function hook(folder: string, name: string, canary: string): void {
  write(folder, { [name]: `#!/bin/sh\nexec "${canary}" </dev/null\n` });
  chmodSync(join(folder, name), 0o755);
}

const sabotage: Record<
  string,
  { plant(anchor: string, canary: string): void; falls: readonly string[]; names: string }
> = {
  "a hook": {
    plant: (a, canary) => {
      // The sealed configuration names no hooks folder; the twin needs git's default.
      writeFileSync(join(a, "config"), "[core]\n\trepositoryformatversion = 0\n\tbare = true\n");
      hook(join(a, "hooks"), "reference-transaction", canary);
    },
    falls: ["update-ref", "refs/acp/x", "refs/remotes/origin/main"],
    names: "hooks",
  },
  "a hooks path": {
    plant: (a, canary) => {
      hook(join(a, "../evil"), "reference-transaction", canary);
      appendFileSync(join(a, "config"), `[core]\n\thooksPath = "${join(a, "../evil")}"\n`);
    },
    falls: ["update-ref", "refs/acp/x", "refs/remotes/origin/main"],
    names: "config",
  },
  "an attribute with a text conversion": {
    plant: (a, canary) => {
      write(a, { "info/attributes": "* diff=evil\n" });
      appendFileSync(join(a, "config"), `[diff "evil"]\n\ttextconv = "${canary}"\n`);
    },
    falls: ["show", "refs/remotes/origin/main"],
    names: "info/attributes",
  },
  "a URL that runs a program": {
    plant: (a, canary) =>
      appendFileSync(
        join(a, "config"),
        `[url "ext::${canary} "]\n\tinsteadOf = "/"\n[protocol "ext"]\n\tallow = always\n`,
      ),
    falls: ["ls-remote", "/x"],
    names: "config",
  },
  "an included file": {
    plant: (a, canary) => {
      write(a, { evil: `[alias]\n\tst = "!${canary}"\n` });
      appendFileSync(join(a, "config"), `[include]\n\tpath = "${join(a, "evil")}"\n`);
    },
    falls: ["st"],
    names: "config",
  },
  "a common dir elsewhere": {
    plant: (a, canary) => {
      plainGit(join(a, ".."), "init", "-q", "--bare", "evil.git");
      appendFileSync(join(a, "../evil.git/config"), `[alias]\n\tst = "!${canary}"\n`);
      write(a, { commondir: `${join(a, "../evil.git")}\n` });
    },
    falls: ["st"],
    names: "commondir",
  },
  "a configuration that is a link": {
    plant: (a, canary) => {
      write(a, { "../evil.config": `[core]\n\tbare = true\n[alias]\n\tst = "!${canary}"\n` });
      rmSync(join(a, "config"));
      symlinkSync(join(a, "../evil.config"), join(a, "config"));
    },
    falls: ["st"],
    names: "config",
  },
};

test.each(Object.keys(sabotage))("the host repairs and reports %s in the anchor, and runs nothing", async (name) => {
  const { plant, falls, names } = sabotage[name] ?? { plant: () => {}, falls: [], names: "" };
  const project = await makeProject();
  const canary = makeCanary(project.folder);
  const sealed = readFileSync(join(project.anchor.path, "config"), "utf8");
  plant(project.anchor.path, canary.program);
  canary.reset();
  tryPlainGit(project.folder, `--git-dir=${project.anchor.path}`, ...falls);
  expect(canary.fired()).toBe(true);
  canary.reset();

  await hostWork(project);

  expect(canary.fired()).toBe(false);
  expect(project.tampered).toContain(names);
  expect(readFileSync(join(project.anchor.path, "config"), "utf8")).toBe(sealed);
});

test("an untouched anchor reports nothing", async () => {
  const project = await makeProject();
  await hostWork(project);
  expect(project.tampered).toEqual([]);
});

test("replace refs, grafts and a shallow file do not change ancestry", async () => {
  const project = await makeProject();
  const tree = (await hostGit(["rev-parse", `${project.startSha}^{tree}`], { gitDir: project.anchor.path })).stdout
    .toString()
    .trim();
  const child = plainGit(
    project.folder,
    `--git-dir=${project.anchor.path}`,
    "commit-tree",
    tree,
    "-p",
    project.startSha,
    "-m",
    "c",
  ).trim();
  const alone = plainGit(project.folder, `--git-dir=${project.anchor.path}`, "commit-tree", tree, "-m", "alone").trim();
  plainGit(project.folder, `--git-dir=${project.anchor.path}`, "replace", child, alone);
  write(project.anchor.path, { "info/grafts": `${child}\n`, shallow: `${child}\n` });
  expect(await isAncestor(project.anchor, project.startSha, child)).toBe(true);
  expect(project.tampered.toSorted()).toEqual(["info/grafts", "refs/replace", "shallow"]);
});

test("alternates added to the anchor do not keep objects from being copied into it", async () => {
  const project = await makeProject();
  const seed = join(project.folder, "clone");
  plainGit(project.folder, "clone", "-q", project.origin, seed);
  plainGit(seed, "commit", "-q", "--allow-empty", "-m", "second");
  plainGit(seed, "push", "-q", "origin", "main");
  write(project.anchor.path, { "objects/info/alternates": `${join(project.origin, "objects")}\n` });
  const sha = await fetchBranch(project.anchor, project.fileRemote, "main");
  rmSync(project.origin, { recursive: true });
  expect((await hostGit(["cat-file", "-t", sha], { gitDir: project.anchor.path })).stdout.toString()).toBe("commit\n");
});

test("configuration in the host's own environment does not apply", async () => {
  const project = await makeProject();
  const canary = makeCanary(project.folder);
  hook(join(project.folder, "evil"), "reference-transaction", canary.program);
  Object.assign(process.env, {
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "core.hooksPath",
    GIT_CONFIG_VALUE_0: join(project.folder, "evil"),
    GIT_DIR: "/nowhere",
    GIT_EXTERNAL_DIFF: canary.program,
  });
  await hostWork(project);
  expect(canary.fired()).toBe(false);
});

test("opening an anchor again changes nothing, and clears what a dead process left", async () => {
  const project = await makeProject();
  const scratch = `${project.anchor.path}.scratch`;
  const ours = ownedName();
  const earlierWithOurPid = ours.replace(/-.*/, "-1-x");
  const folders = ["999999999-1-x", "999999999-x", earlierWithOurPid, ours];
  for (const name of folders) mkdirSync(join(scratch, name), { recursive: true });
  mkdirSync(`${project.anchor.path}.making-999999999-1-x`);
  await openAnchor({ path: project.anchor.path });
  expect(readdirSync(scratch)).toEqual([ours]);
  expect(readdirSync(dirname(scratch)).filter((name) => name.includes(".making-"))).toEqual([]);
  expect(await fetchBranch(project.anchor, project.fileRemote, "main")).toBe(project.startSha);
});

test("anchors opened at once by several callers are one anchor", async () => {
  const path = join(tempFolder(), "anchor.git");
  const opened = await Promise.all(Array.from({ length: 8 }, () => openAnchor({ path })));
  expect(opened.map((a) => a.path)).toEqual(Array(8).fill(path));
});

test("a repository that is not ours is refused and left alone", async () => {
  const folder = tempFolder();
  plainGit(folder, "init", "-q", "--bare", "theirs.git");
  const before = readFileSync(join(folder, "theirs.git/config"), "utf8");
  await expect(openAnchor({ path: join(folder, "theirs.git") })).rejects.toThrow(/not an anchor repository of ours/);
  expect(readFileSync(join(folder, "theirs.git/config"), "utf8")).toBe(before);
});

test("an anchor whose objects became a link is refused", async () => {
  const project = await makeProject();
  renameSync(join(project.anchor.path, "objects"), join(project.folder, "moved"));
  symlinkSync(join(project.folder, "moved"), join(project.anchor.path, "objects"));
  await expect(fetchBranch(project.anchor, project.fileRemote, "main")).rejects.toThrow(/damaged/);
});
