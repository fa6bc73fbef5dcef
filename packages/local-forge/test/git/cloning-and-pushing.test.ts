import { randomBytes } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { authorised, cloneScene, startScene } from "../support/forge.ts";

test("a pushed branch is there for the API and for the next clone", async () => {
  const scene = await startScene();
  const clone = await cloneScene(scene);
  const sha = await clone.push("feature/one", { "one.txt": "1\n" });
  const branch = await scene.ask("GET", "branches/feature%2Fone");
  expect(branch.body).toMatchObject({
    name: "feature/one",
    commit: { sha, commit: { message: "Change feature/one" } },
  });
  const again = await cloneScene(scene);
  expect(await again.git("rev-parse", "origin/feature/one")).toBe(sha);
});

test("git needs a token that may do what it asks", async () => {
  const scene = await startScene();
  const clone = await cloneScene(scene);
  const attempt = (url: string, ...args: string[]) =>
    clone.git(...args, url).then(
      () => "done",
      (error: Error) => error.message,
    );
  const address = (token: string) => `${authorised(scene.forge, token)}/maya/demo.git`;
  expect(await attempt(`${scene.forge.gitUrl}/maya/demo.git`, "ls-remote")).toContain("could not read Username");
  expect(await attempt(address("forge_wrong"), "ls-remote")).toContain("Authentication failed");
  expect(await attempt(address(scene.guest), "ls-remote")).toBe("done");
  const pushAs = (token: string) =>
    clone.git("push", address(token), "HEAD:refs/heads/elsewhere").then(
      () => "done",
      (error: Error) => error.message,
    );
  expect(await pushAs(scene.guest)).toContain("403");
  expect(await pushAs(scene.forge.createToken({ login: "robot", scopes: "read" }))).toContain("403");
  expect(await pushAs(scene.robot)).toBe("done");
  scene.forge.createUser({ login: "stranger" });
  expect(await attempt(address(scene.forge.createToken({ login: "stranger" })), "ls-remote")).toContain("not found");
});

test("a large push comes in chunks and a long negotiation compressed", async () => {
  const scene = await startScene();
  const clone = await cloneScene(scene);
  const other = await cloneScene(scene);
  // Above git's http.postBuffer of 1 MiB the body has no length; noise does not get smaller.
  const sha = await clone.push("large", { "large.txt": randomBytes(1_500_000).toString("base64") });
  for (let commit = 0; commit < 40; commit += 1)
    await other.git("commit", "-q", "--allow-empty", "-m", `Own ${commit}`);
  await other.git("fetch", "-q", "origin");
  expect(await other.git("rev-parse", "origin/large")).toBe(sha);
});

test("hooks in a bare repository are not run, and pull request refs cannot be pushed", async () => {
  const scene = await startScene();
  const hook = join(scene.folder, "forge/git/maya/demo.git/hooks/post-receive");
  const mark = join(scene.folder, "hook-ran");
  writeFileSync(hook, `#!/bin/sh\ntouch ${mark}\n`, { mode: 0o755 });
  const clone = await cloneScene(scene);
  expect(existsSync(mark)).toBe(false);
  await expect(clone.git("push", "origin", "HEAD:refs/pull/1/head")).rejects.toThrow(/hidden ref/);
});
