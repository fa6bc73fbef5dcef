import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { builtCli, git, makeRepository } from "../support/product.ts";

let folder: string | undefined;
afterEach(() => {
  if (folder) rmSync(folder, { recursive: true, force: true });
});

it("the demo on a person's repository changes no byte, mode or time of it, and runs none of its hooks", () => {
  folder = mkdtempSync(join(tmpdir(), "acp-test-"));
  const repository = join(folder, "repository");
  const canary = join(folder, "canary");
  mkdirSync(canary);
  mkdirSync(join(folder, "tmp"));
  makeLivedIn(repository, canary);
  const before = treeOf(repository);

  const env = {
    PATH: process.env.PATH,
    HOME: join(folder, "home"),
    TMPDIR: join(folder, "tmp"),
    LANG: "C.UTF-8",
  };
  mkdirSync(env.HOME);
  const ran = spawnSync(process.execPath, [builtCli, "demo", "--repo", repository, "--json"], {
    cwd: folder,
    env,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });

  expect(ran.status, ran.stderr).toBe(0);
  const demo = JSON.parse(ran.stdout) as { ok: boolean; issues: { outcome: string }[]; pullRequests: unknown[] };
  expect(demo).toMatchObject({ ok: true });
  expect(demo.issues.map(({ outcome }) => outcome)).toEqual(["published", "published", "published"]);
  expect(demo.pullRequests).toHaveLength(3);
  expect(treeOf(repository)).toEqual(before);
  expect(readdirSync(canary)).toEqual([]);
  // Nothing is left of the demo itself, either.
  expect(readdirSync(env.HOME)).toEqual([]);
  expect(readdirSync(env.TMPDIR)).toEqual([]);

  // The repository was as touchy as it looks: what anybody's git does there is seen.
  git(repository, "status");
  expect(treeOf(repository)).not.toEqual(before);
  expect(readdirSync(canary)).toContain("fsmonitor");
});

/** Branches, tags, notes, a stash, a merge under way, hooks and programs in its configuration, an index out of date. */
function makeLivedIn(path: string, canary: string): void {
  makeRepository(path, { "README.md": "# ours\n", "src/a.txt": "a\n", ".gitignore": "ignored/\n" });
  const commit = (message: string) =>
    git(path, "-c", "user.name=Ann", "-c", "user.email=ann@example.test", "commit", "--quiet", "--all", "-m", message);
  git(path, "branch", "feature/x");
  git(path, "tag", "v1");
  git(path, "-c", "user.name=Ann", "-c", "user.email=ann@example.test", "tag", "-a", "v2", "-m", "two");
  appendFileSync(join(path, "README.md"), "more\n");
  commit("second");
  git(path, "remote", "add", "origin", "https://github.com/ann/ours.git");
  git(path, "update-ref", "refs/remotes/origin/main", "HEAD~1");
  git(path, "-c", "user.name=Ann", "-c", "user.email=ann@example.test", "notes", "add", "-m", "a note");
  writeFileSync(join(path, "src/a.txt"), "stashed\n");
  git(path, "-c", "user.name=Ann", "-c", "user.email=ann@example.test", "stash");
  git(path, "worktree", "add", "--quiet", "--detach", join(path, "..", "linked"));
  writeFileSync(join(path, "src/a.txt"), "dirty\n");
  writeFileSync(join(path, "staged.txt"), "staged\n");
  git(path, "add", "staged.txt");
  writeFileSync(join(path, "untracked.txt"), "untracked\n");
  mkdirSync(join(path, "ignored"));
  writeFileSync(join(path, "ignored", "big.bin"), Buffer.alloc(100_000, 7));
  symlinkSync("/etc/hostname", join(path, "link"));
  writeFileSync(join(path, ".git", "MERGE_MSG"), "under way\n");

  for (const hook of ["post-checkout", "pre-push", "reference-transaction", "post-index-change", "pre-auto-gc"]) {
    const file = join(path, ".git", "hooks", hook);
    mkdirSync(join(path, ".git", "hooks"), { recursive: true });
    writeFileSync(file, `#!/bin/sh\ntouch "${canary}/${hook}"\n`);
    chmodSync(file, 0o755);
  }
  for (const [key, value] of [
    ["core.fsmonitor", `touch '${canary}/fsmonitor';`],
    ["uploadpack.packObjectsHook", `touch '${canary}/pack';`],
    ["core.alternateRefsCommand", `touch '${canary}/alternates';`],
    ["core.sshCommand", `touch '${canary}/ssh';`],
    ["gc.auto", "1"],
    ["gc.autoDetach", "false"],
    ["receive.autogc", "true"],
    ["fetch.writeCommitGraph", "true"],
  ] as const)
    execFileSync("git", ["config", "--file", join(path, ".git", "config"), key, value]);
  // A refresh of the index would show: its entry's time is another than the file's.
  utimesSync(join(path, "README.md"), 1_000_000_000, 1_000_000_000);
  chmodSync(join(path, ".git", "index"), 0o444);
}

/** Each entry with its type, mode, size, both times that a write moves, and its content. */
function treeOf(root: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  const open = [root];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    for (const entry of [".", ...readdirSync(folder)]) {
      const path = join(folder, entry);
      const stat = lstatSync(path, { bigint: true });
      if (entry !== "." && stat.isDirectory()) open.push(path);
      else
        found[path.slice(root.length)] = `${stat.mode} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs} ${contentOf(path)}`;
    }
  }
  return found;
}

function contentOf(path: string): string {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return readlinkSync(path);
  return stat.isFile() ? createHash("sha256").update(readFileSync(path)).digest("hex") : "";
}
