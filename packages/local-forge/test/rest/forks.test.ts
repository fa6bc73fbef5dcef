import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startLocalForge } from "../../src/index.ts";
import { authorised, type Clone, cloneScene, gitIn, type Scene, startScene } from "../support/forge.ts";

/** A pull request by `guest`, who may only read `maya/demo`, from the branch `idea` of a fork. */
async function openForkedPull() {
  const scene = await startScene();
  const clone = await cloneScene(scene);
  const fork = await scene.ask("POST", "forks", { token: scene.guest });
  expect(fork).toMatchObject({ status: 202, body: { full_name: "guest/demo", fork: true } });
  const push = async (files: Record<string, string>, ...flags: string[]) => {
    const sha = await commitOn(clone, "idea", files);
    await clone.git("push", "-q", ...flags, `${authorised(scene.forge, scene.guest)}/guest/demo.git`, "idea");
    return sha;
  };
  const sha = await push({ "a.txt": "a\n" });
  const opened = await scene.ask("POST", "pulls", {
    body: { title: "Idea", head: "guest:idea", base: "main" },
    token: scene.guest,
  });
  expect(opened.status).toBe(201);
  return { scene, clone, push, sha };
}

async function commitOn({ git, path }: Clone, branch: string, files: Record<string, string>): Promise<string> {
  const known = await git("branch", "--list", branch);
  await git(...(known === "" ? ["checkout", "-q", "-b", branch, "main"] : ["checkout", "-q", branch]));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  await git("add", "--all");
  await git("commit", "-q", "-m", `Change ${Object.keys(files).join(" ")}`);
  return git("rev-parse", "HEAD");
}

async function pull(scene: Scene) {
  return (await scene.ask("GET", "pulls/1")).body;
}

test("a pull request from a fork names the fork as its head and can be fetched from the base", async () => {
  const { scene, clone, sha } = await openForkedPull();
  expect(await pull(scene)).toMatchObject({
    head: { label: "guest:idea", sha, repo: { full_name: "guest/demo", fork: true }, user: { login: "guest" } },
    base: { repo: { full_name: "maya/demo", fork: false } },
    commits: 1,
  });
  await clone.git("fetch", "-q", "origin", "refs/pull/1/head");
  expect(await clone.git("rev-parse", "FETCH_HEAD")).toBe(sha);
  expect((await scene.ask("GET", "branches")).body).toMatchObject([{ name: "main" }]);
  expect((await scene.ask("GET", "pulls?head=guest:idea")).body).toHaveLength(1);
  expect((await scene.ask("GET", "pulls?head=maya:idea")).body).toHaveLength(0);
  expect((await scene.ask("GET", "compare/main...guest:idea")).body).toMatchObject({ ahead_by: 1, behind_by: 0 });
  expect((await scene.ask("GET", "compare/main...nobody:main")).status).toBe(404);
  const again = await scene.ask("POST", "pulls", {
    body: { title: "Idea", head: "guest:idea", base: "main" },
    token: scene.guest,
  });
  expect(again.body.errors[0].message).toBe("A pull request already exists for guest:idea.");
});

test("a push to the fork moves the head, with its commits in the timeline; the base's own branch of that name does not", async () => {
  const { scene, clone, push, sha } = await openForkedPull();
  await clone.git("push", "-q", "origin", "main:idea");
  expect((await pull(scene)).head.sha).toBe(sha);
  const second = await push({ "b.txt": "b\n" });
  expect(await pull(scene)).toMatchObject({ head: { sha: second }, commits: 2 });
  const entries = (await scene.ask("GET", "issues/1/timeline")).body;
  expect(entries).toMatchObject([
    { event: "committed", sha },
    { event: "committed", sha: second },
  ]);
  await clone.git("push", "-q", `${authorised(scene.forge, scene.guest)}/guest/demo.git`, ":idea");
  expect(await pull(scene)).toMatchObject({ state: "closed", merged: false });
});

test("it is merged like any other, by those who may write to the base", async () => {
  const { scene, sha } = await openForkedPull();
  const body = { sha };
  expect((await scene.ask("PUT", "pulls/1/merge", { body, token: scene.guest })).status).toBe(403);
  const merged = await scene.ask("PUT", "pulls/1/merge", { body });
  expect(merged.status).toBe(200);
  const { commit } = (await scene.ask("GET", `commits/${merged.body.sha}`)).body;
  expect(commit.message).toBe("Merge pull request #1 from guest/idea\n\nIdea");
});

test("when the fork is gone the pull request stays, without a head repository", async () => {
  const { scene, sha } = await openForkedPull();
  await scene.forge.deleteRepository("guest/demo");
  expect(await pull(scene)).toMatchObject({ state: "open", head: { repo: null, sha, label: "guest:idea" } });
  expect((await scene.ask("GET", "pulls")).body).toMatchObject([{ head: { repo: null } }]);
  expect((await scene.ask("GET", "/repos/guest/demo", { token: scene.guest })).status).toBe(404);
  expect((await scene.ask("GET", "pulls/1/files")).body).toHaveLength(1);
  expect(await scene.forge.createFork({ repository: "maya/demo", owner: "guest" })).toEqual({ fullName: "guest/demo" });
  expect((await pull(scene)).head.repo).toBeNull();
});

test("who may not write to the fork opens no pull request from it", async () => {
  const { scene } = await openForkedPull();
  const wanted = { body: { title: "Idea", head: "guest:idea", base: "main" }, token: scene.robot };
  expect((await scene.ask("POST", "pulls", wanted)).status).toBe(403);
  const elsewhere = { body: { title: "Idea", head: "nobody:idea", base: "main" } };
  expect((await scene.ask("POST", "pulls", elsewhere)).body.errors).toMatchObject([{ field: "head", code: "invalid" }]);
  expect((await scene.ask("POST", "forks", { token: scene.maya })).status).toBe(403);
});

test("a push to a fork that the pull request did not follow before a crash is followed at the next start", async () => {
  const { scene, clone } = await openForkedPull();
  await scene.forge.close();
  const sha = await commitOn(clone, "idea", { "c.txt": "c\n" });
  const forked = join(scene.folder, "forge/git/guest/demo.git");
  await gitIn(forked, join(scene.folder, "home"))("fetch", "-q", clone.path, "+idea:idea");
  const forge = await startLocalForge({ dataDir: join(scene.folder, "forge") });
  const response = await fetch(`${forge.apiUrl}/repos/maya/demo/pulls/1`, {
    headers: { authorization: `Bearer ${scene.maya}` },
  });
  expect(await response.json()).toMatchObject({ head: { sha } });
  await forge.close();
});
