import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { expect, test } from "vitest";
import { connectForgeAdmin, startLocalForge } from "../../src/index.ts";
import { openDatabase } from "../../src/storage/database.ts";
import { askerOf, cloneScene, gitIn, startScene, temporaryFolder } from "../support/forge.ts";
import { startForgeProcess } from "../support/forge-process.ts";

test("everything is there after kill -9 and a restart on the same port, set up through the admin door", async () => {
  const folder = temporaryFolder();
  const first = await startForgeProcess(folder);
  const admin = connectForgeAdmin(join(folder, "forge"));
  if (!admin) throw new Error("the running forge did not say where it answers");
  expect(statSync(join(folder, "forge/admin-token")).mode & 0o777).toBe(0o600);
  await admin.createUser({ login: "maya" });
  await admin.createRepository({ owner: "maya", name: "demo" });
  const token = await admin.createToken({ login: "maya" });
  const ask = askerOf(first, token);
  await ask("POST", "issues", { body: { title: "One", labels: ["kept"] } });
  const git = gitIn(folder, join(folder, "home"));
  await git("init", "-q", "-b", "main", "work");
  await git("-C", "work", "commit", "-q", "--allow-empty", "-m", "first");
  const remote = `${first.url.replace("http://", `http://x:${token}@`)}/maya/demo.git`;
  await git("-C", "work", "push", "-q", remote, "main");
  const before = await ask("GET", "issues");
  await first.kill();

  const second = await startForgeProcess(folder, Number(new URL(first.url).port));
  expect(second.url).toBe(first.url);
  const etag = before.headers.get("etag") as string;
  expect((await ask("GET", "issues", { headers: { "if-none-match": etag } })).status).toBe(304);
  expect((await ask("GET", "issues/1")).body.labels).toMatchObject([{ name: "kept" }]);
  expect(await git("ls-remote", remote, "refs/heads/main")).toBe(
    `${(await ask("GET", "branches/main")).body.commit.sha}\trefs/heads/main`,
  );
  await second.kill();
});

test("a ref that moved while the rows did not is followed at the next start", async () => {
  const scene = await startScene();
  await scene.forge.close();
  const git = gitIn(join(scene.folder, "forge/git/maya/demo.git"), join(scene.folder, "home"));
  const tree = await git("write-tree");
  const sha = await git("commit-tree", tree, "-m", "Beside the forge");
  await git("update-ref", "refs/heads/main", sha);
  const forge = await startLocalForge({ dataDir: join(scene.folder, "forge") });
  const branch = await askerOf(forge, scene.maya)("GET", "branches/main");
  await forge.close();
  expect(branch.body.commit.sha).toBe(sha);
});

test("a squash merge cut off after the base moved is finished at the next start", async () => {
  const scene = await startScene();
  const clone = await cloneScene(scene);
  await scene.ask("POST", "issues", { body: { title: "Broken" } });
  await clone.push("work", { "a.txt": "a\n" });
  await scene.ask("POST", "pulls", { body: { title: "Work", head: "work", base: "main", body: "Fixes #1" } });
  await scene.forge.close();
  const git = gitIn(join(scene.folder, "forge/git/maya/demo.git"), join(scene.folder, "home"));
  const squashed = await git("commit-tree", "work^{tree}", "-p", "main", "-m", "Squashed");
  const db = openDatabase(join(scene.folder, "forge/forge.sqlite"));
  db.run("update pulls set merge_sha = @squashed", { squashed });
  db.close();
  await git("update-ref", "refs/heads/main", squashed);

  const forge = await startLocalForge({ dataDir: join(scene.folder, "forge") });
  const ask = askerOf(forge, scene.maya);
  expect((await ask("GET", "pulls/2")).body).toMatchObject({ merged: true, merge_commit_sha: squashed });
  expect((await ask("GET", "issues/1")).body.state).toBe("closed");
  await forge.close();
});

test("a database of a newer forge is refused and left as it is", async () => {
  const scene = await startScene();
  await scene.forge.close();
  const file = join(scene.folder, "forge/forge.sqlite");
  const newer = new Sqlite(file);
  newer.pragma("user_version = 99");
  newer.close();
  await expect(startLocalForge({ dataDir: join(scene.folder, "forge") })).rejects.toThrow(/schema 99.*knows \d+/);
});

test("one data folder serves one forge", async () => {
  const scene = await startScene();
  const dataDir = join(scene.folder, "forge");
  await expect(startLocalForge({ dataDir })).rejects.toThrow(/another forge runs on/);
  await scene.forge.close();
  expect(connectForgeAdmin(dataDir)).toBeNull();
  const next = await startLocalForge({ dataDir });
  await next.close();
});

test("the admin door needs its token, drives faults and counters, and says what is wrong", async () => {
  const scene = await startScene();
  const admin = connectForgeAdmin(join(scene.folder, "forge"));
  if (!admin) throw new Error("the running forge did not say where it answers");
  expect((await fetch(`${admin.url}/_admin/health`)).status).toBe(200);
  expect((await fetch(`${admin.url}/_admin/counters`)).status).toBe(401);
  await admin.addFault({ method: "GET", path: /\/issues$/ }, { status: 503 });
  expect((await scene.ask("GET", "issues")).status).toBe(503);
  expect((await admin.counters()).requests).toBe(1);
  await expect(admin.setPermission("maya/nothing", "robot", "read")).rejects.toThrow(/no repository "maya\/nothing"/);
  await expect(admin.createRepository({ owner: "maya", name: "../up" })).rejects.toThrow(/not valid/);
});

test("an imported repository brings its current branch and is not touched", async () => {
  const scene = await startScene();
  const source = join(scene.folder, "source");
  const git = gitIn(scene.folder, join(scene.folder, "home"));
  await git("init", "-q", "-b", "trunk", source);
  writeFileSync(join(source, "a.txt"), "a\n");
  const inSource = gitIn(source, join(scene.folder, "home"));
  await inSource("add", "a.txt");
  await inSource("commit", "-q", "-m", "first");
  await inSource("branch", "other");
  const state = () => inSource("for-each-ref").then(async (refs) => refs + (await inSource("status", "--porcelain")));
  const before = await state();
  const made = await scene.forge.createRepository({ owner: "maya", name: "copy", importFrom: source });
  expect(made).toEqual({ fullName: "maya/copy", defaultBranch: "trunk" });
  expect(await state()).toBe(before);
  expect((await scene.ask("GET", "/repos/maya/copy/branches")).body).toMatchObject([{ name: "trunk" }]);
  await inSource("bundle", "create", "-q", "../b.bundle", "trunk");
  await scene.forge.createRepository({ owner: "maya", name: "bundled", importFrom: join(scene.folder, "b.bundle") });
  const head = await inSource("rev-parse", "trunk");
  expect((await scene.ask("GET", "/repos/maya/bundled/branches")).body).toMatchObject([
    { name: "main", commit: { sha: head } },
  ]);
  await expect(
    scene.forge.createRepository({ owner: "maya", name: "none", importFrom: join(scene.folder, "nowhere") }),
  ).rejects.toThrow(/no such file or folder/);
});
