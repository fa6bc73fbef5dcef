import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { collectWork, createCheckout, diff, retireWorktree } from "../../src/worktree/index.ts";
import {
  makeCanary,
  makeProject,
  makeWorktree,
  type Project,
  plainGit,
  tryPlainGit,
  write,
} from "./fixtures/project.ts";

/** What an agent leaves behind, and the plain git command that falls for it (null: no git in use does). */
interface Attack {
  plant(worktree: string, canary: string): void;
  readonly falls: ((worktree: string) => void) | null;
}

const everyHook = (folder: string, canary: string) => {
  for (const hook of [
    "post-checkout",
    "reference-transaction",
    "pre-commit",
    "post-commit",
    "post-index-change",
    "pre-push",
  ]) {
    write(folder, { [hook]: `#!/bin/sh\nexec "${canary}" </dev/null\n` });
    execFileSync("chmod", ["+x", join(folder, hook)]);
  }
};
const config = (worktree: string, text: string) => appendFileSync(join(worktree, ".git/config"), `\n${text}\n`);
const dirty = (worktree: string) => write(worktree, { "a.txt": "changed\n" });

const attacks: Record<string, Attack> = {
  "core.fsmonitor": {
    plant: (w, canary) => config(w, `[core]\n\tfsmonitor = "${canary}"`),
    falls: (w) => tryPlainGit(w, "status"),
  },
  "core.hooksPath": {
    plant(w, canary) {
      everyHook(join(w, "../evil-hooks"), canary);
      config(w, `[core]\n\thooksPath = "${join(w, "../evil-hooks")}"`);
    },
    falls: (w) => tryPlainGit(w, "checkout", "-q", "-b", "x"),
  },
  "hooks in .git/hooks": {
    plant: (w, canary) => everyHook(join(w, ".git/hooks"), canary),
    falls: (w) => tryPlainGit(w, "checkout", "-q", "-b", "x"),
  },
  "filter.clean": {
    plant(w, canary) {
      write(w, { ".gitattributes": "* filter=evil\n" });
      config(w, `[filter "evil"]\n\tclean = "${canary}"\n\trequired = true`);
    },
    falls: (w) => tryPlainGit(w, "add", "-A"),
  },
  "filter.smudge": {
    plant(w, canary) {
      write(w, { ".gitattributes": "* filter=evil\n" });
      config(w, `[filter "evil"]\n\tsmudge = "${canary}"`);
    },
    falls(w) {
      rmSync(join(w, "a.txt"));
      tryPlainGit(w, "checkout", "a.txt");
    },
  },
  "filter.process": {
    plant(w, canary) {
      write(w, { ".gitattributes": "* filter=evil\n" });
      config(w, `[filter "evil"]\n\tprocess = "${canary}"`);
    },
    falls: (w) => tryPlainGit(w, "add", "-A"),
  },
  "attributes in .git/info": {
    plant(w, canary) {
      write(w, { ".git/info/attributes": "* filter=evil\n" });
      config(w, `[filter "evil"]\n\tclean = "${canary}"`);
    },
    falls: (w) => tryPlainGit(w, "add", "-A"),
  },
  "diff.external": {
    plant: (w, canary) => config(w, `[diff]\n\texternal = "${canary}"`),
    falls: (w) => tryPlainGit(w, "diff"),
  },
  textconv: {
    plant(w, canary) {
      write(w, { ".gitattributes": "* diff=evil\n" });
      config(w, `[diff "evil"]\n\ttextconv = "${canary}"`);
    },
    falls: (w) => tryPlainGit(w, "diff"),
  },
  "core.sshCommand": {
    plant: (w, canary) => config(w, `[core]\n\tsshCommand = "${canary}"\n[url "ssh://localhost/"]\n\tinsteadOf = "/"`),
    falls: (w) => tryPlainGit(w, "ls-remote", "/x"),
  },
  "credential.helper": {
    plant: (w, canary) => config(w, `[credential]\n\thelper = "!${canary}"`),
    falls: (w) =>
      void execFileSync("sh", ["-c", "printf 'url=https://localhost/x\\n\\n' | git credential fill || :"], {
        cwd: w,
        env: { PATH: process.env.PATH, HOME: w, GIT_TERMINAL_PROMPT: "0" },
        stdio: "pipe",
      }),
  },
  "url.insteadOf": {
    plant: (w, canary) => config(w, `[url "ext::${canary} "]\n\tinsteadOf = "/"\n[protocol "ext"]\n\tallow = always`),
    falls: (w) => tryPlainGit(w, "ls-remote", "/x"),
  },
  "include.path": {
    plant(w, canary) {
      write(w, { "evil.config": `[core]\n\tfsmonitor = "${canary}"\n` });
      config(w, `[include]\n\tpath = "${join(w, "evil.config")}"`);
    },
    falls: (w) => tryPlainGit(w, "status"),
  },
  "an alias": {
    plant: (w, canary) => config(w, `[alias]\n\tst = "!${canary}"\n\tls-files = "!${canary}"`),
    falls: (w) => tryPlainGit(w, "st"),
  },
  "uploadpack.packObjectsHook": {
    plant: (w, canary) => config(w, `[uploadpack]\n\tpackObjectsHook = "${canary}"`),
    falls: null,
  },
  "a signing program": {
    plant: (w, canary) => config(w, `[commit]\n\tgpgSign = true\n[gpg]\n\tprogram = "${canary}"`),
    falls: (w) => tryPlainGit(w, "commit", "-q", "--allow-empty", "-m", "x"),
  },
  "a promisor remote and a missing object": {
    plant(w, canary) {
      config(w, `[remote "evil"]\n\turl = "${w}"\n\tpromisor = true\n\tuploadpack = "${canary}"`);
      config(w, "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tpartialClone = evil");
    },
    falls: (w) => tryPlainGit(w, "cat-file", "-p", "1".repeat(40)),
  },
  "a nested repository with its own configuration": {
    plant(w, canary) {
      mkdirSync(join(w, "nested"));
      plainGit(join(w, "nested"), "init", "-q");
      plainGit(join(w, "nested"), "commit", "-q", "--allow-empty", "-m", "inner");
      plainGit(w, "add", "nested");
      plainGit(w, "commit", "-q", "-m", "gitlink");
      writeFileSync(join(w, "nested/f"), "f");
      appendFileSync(join(w, "nested/.git/config"), `\n[core]\n\tfsmonitor = "${canary}"\n`);
    },
    falls: (w) => tryPlainGit(w, "add", "-A"),
  },
  "a configuration shared from elsewhere": {
    plant(w, canary) {
      plainGit(w, "init", "-q", "../evil-common");
      appendFileSync(join(w, "../evil-common/.git/config"), `\n[core]\n\tfsmonitor = "${canary}"\n`);
      write(w, { ".git/commondir": `${join(w, "../evil-common/.git")}\n` });
    },
    falls: (w) => tryPlainGit(w, "status"),
  },
};

async function hostWork(project: Project, worktree: string): Promise<void> {
  const author = { name: "A", email: "a@example.invalid" };
  const { startSha, anchor, root } = project;
  const work = await collectWork(anchor, {
    worktree,
    sessionId: "s-1",
    startSha,
    commitResidual: { message: "m", author },
  });
  await diff(anchor, startSha, work.resultSha, { maxBytes: 1e6 });
  const path = join(root, "s-2");
  await createCheckout(anchor, { root, path, sha: work.resultSha });
  expect(await retireWorktree(anchor, { root, path: worktree, sessionId: "s-3" })).toMatchObject({ kind: "retired" });
  expect(work.changedFiles.map((f) => f.path)).toContain("a.txt");
}

test.each(Object.keys(attacks))("the host does not fall for %s, which plain git does", async (name) => {
  const attack = attacks[name];
  if (!attack) throw new Error("no such attack");
  const project = await makeProject();
  const canary = makeCanary(project.folder);
  const worktree = await makeWorktree(project);
  attack.plant(worktree, canary.program);
  dirty(worktree);
  canary.reset();

  await hostWork(project, worktree);
  expect(canary.fired()).toBe(false);

  if (attack.falls === null) return;
  const twin = await makeWorktree(project, "s-twin");
  attack.plant(twin, canary.program);
  dirty(twin);
  canary.reset();
  attack.falls(twin);
  expect(canary.fired()).toBe(true);
});

test("alternates that lead elsewhere neither help nor harm", async () => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  writeFileSync(join(worktree, ".git/objects/info/alternates"), "/nowhere/objects\n");
  dirty(worktree);
  await hostWork(project, worktree);
});

test("replaced commits and grafts in the worktree do not change what the host sees", async () => {
  const project = await makeProject();
  const worktree = await makeWorktree(project);
  write(worktree, { "a.txt": "real\n" });
  plainGit(worktree, "commit", "-q", "-am", "real");
  const real = plainGit(worktree, "rev-parse", "HEAD").trim();
  plainGit(worktree, "replace", real, project.startSha);
  write(worktree, { ".git/shallow": `${real}\n` });
  const work = await collectWork(project.anchor, { worktree, sessionId: "s-1", startSha: project.startSha });
  expect(work).toMatchObject({ headSha: real, commits: 1, baseIsAncestor: true });
  expect(work.changedFiles.map((f) => f.path)).toEqual(["a.txt"]);
});
