import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { claimRoots, openStore, storePath } from "@agent-control-plane/core";
import { processMark } from "@agent-control-plane/runners";
import { describe, expect, it, onTestFinished } from "vitest";
import { runHere } from "../support/in-process.ts";
import { treeOf } from "../support/tree.ts";
import {
  aProfile,
  expectCheckoutKept,
  git,
  type Root,
  session,
  useCheckout,
  type Way,
  worked,
} from "./a-profile-to-remove.ts";

useCheckout();

describe("acp profile remove", () => {
  it("removes what carries our mark, keeps unsaved work in a bundle, and leaves the checkout as it was", async () => {
    const { profile, checkout, home, remove, dir } = aProfile();
    const worktree = await worked(profile, checkout);
    const before = treeOf(checkout);
    const dry = await remove("--dry-run", "--json");
    expect(dry).toMatchObject({ code: 0 });
    expect(existsSync(worktree)).toBe(true);
    const plan = JSON.parse(dry.stdout);
    expect(plan.removes).toEqual(expect.arrayContaining([worktree, profile.runtime.agentRepoRoot, dir]));

    const done = await remove("--yes", "--json");
    expect(done).toMatchObject({ code: 0 });
    const { leaves, keptIn } = JSON.parse(done.stdout);
    expect(leaves).toEqual([]);
    expect([profile.runtime.agentRoot, dir].filter((path) => existsSync(path))).toEqual([]);
    expect(treeOf(checkout)).toEqual(before);
    git(home, "init", "--quiet", "again");
    git(join(home, "again"), "fetch", "--quiet", keptIn.bundle, "refs/acp/*:refs/acp/*");
    expect(git(join(home, "again"), "show", `refs/acp/rescue/${session}:unsaved.txt`)).toBe("hours of work");
    expect(existsSync(keptIn.profile)).toBe(true);
  });

  it("does what it said it would, and nothing with --dry-run", async () => {
    const { profile, checkout, folder, remove } = aProfile();
    await worked(profile, checkout);
    const before = treeOf(folder);
    const { code, stdout, stderr } = await remove("--dry-run");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "Nothing was removed.\n" });
    expect(stdout).toContain(`Would remove profile web:\n`);
    expect(stdout).toContain("History (tasks, sessions, events) stays in the store.");
    expect(treeOf(folder)).toEqual(before);
  });

  it("leaves folders that held something before us, and names them", async () => {
    const { profile, checkout, remove, dir } = aProfile();
    mkdirSync(profile.runtime.agentRoot, { recursive: true });
    writeFileSync(join(profile.runtime.agentRoot, "notes.txt"), "a person's\n");
    const worktree = await worked(profile, checkout);
    const { code, stdout } = await remove("--yes");
    expect(code).toBe(0);
    expect(stdout).toContain(`${profile.runtime.worktreeRoot}: it does not carry our mark (.acp-owned)`);
    expect(existsSync(join(worktree, "unsaved.txt"))).toBe(true);
    expect(existsSync(dir)).toBe(false);
  });

  it("leaves a person's files in a root of ours, and beside the profile", async () => {
    const { profile, checkout, remove, dir } = aProfile();
    await worked(profile, checkout);
    const mine = join(profile.runtime.agentRoot, "my-clone");
    git(profile.runtime.agentRoot, "clone", "--quiet", checkout, mine);
    writeFileSync(join(profile.runtime.runsRoot, "notes.txt"), "a person's\n");
    writeFileSync(join(dir, "worker.py"), "print()\n");
    const { code, stdout } = await remove("--yes");
    expect(code).toBe(0);
    for (const path of [mine, join(profile.runtime.runsRoot, "notes.txt"), join(dir, "worker.py")]) {
      expect(stdout).toContain(`${path}: `);
      expect(existsSync(path)).toBe(true);
    }
    expect(existsSync(profile.runtime.agentRepoRoot)).toBe(false);
  });

  it.each<[Way, Root]>([
    ["is one of our folders", "worktreeRoot"],
    ["lies in one of our folders", "runsRoot"],
    ["holds one of our folders", "agentRoot"],
  ])("does not touch a checkout that %s (%s); each other place is a slow test's", expectCheckoutKept);

  it("believes no mark that was copied from another folder, or that names another profile", async () => {
    const { profile, remove, env } = aProfile();
    claimRoots({ ...profile, id: "other" });
    mkdirSync(profile.runtime.runsRoot);
    const { stdout } = await remove("--yes", "--json");
    expect(JSON.parse(stdout).leaves).toContainEqual({
      path: profile.runtime.runsRoot,
      why: `its mark is that of profile "other" in ${env.AGENT_RUNTIME_HOME}`,
    });
    expect(existsSync(profile.runtime.runsRoot)).toBe(true);
  });

  it("keeps a root that a person had made, without its content", async () => {
    const { profile, checkout, remove } = aProfile();
    mkdirSync(profile.runtime.agentRoot, { recursive: true });
    await worked(profile, checkout);
    expect((await remove("--yes")).code).toBe(0);
    expect(Object.keys(treeOf(profile.runtime.agentRoot))).toEqual([]);
  });

  it("names what was not sent, keeps it, and says that history stays", async () => {
    const { home, remove } = aProfile();
    const store = await openStore({ path: storePath(home) });
    onTestFinished(() => store.close());
    await store.outbox.enqueue(
      [
        {
          profileId: "web",
          kind: "comment",
          stream: "web/issue:1",
          idempotencyKey: "a",
          body: { number: 1, body: "Hi" },
        },
      ],
      "test",
    );
    const { code, stdout } = await remove("--yes");
    expect(code).toBe(0);
    expect(stdout).toContain("row 1: comment for web/issue:1");
    expect((await store.outbox.list({ profileId: "web", states: ["pending"] })).length).toBe(1);
  });

  it("refuses while a runtime serves the profile, and says what ends it", async () => {
    const { home, folder, remove } = aProfile();
    const store = await openStore({ path: storePath(home) });
    onTestFinished(() => store.close());
    const process_ = processMark(process.pid);
    if (process_ === null) throw new Error("this process is not to be seen");
    await store.runtimes.put({
      ...{ id: "r1", process: process_, host: hostname(), version: "0", profileIds: ["web"], state: "ready" },
      ...{ startedAt: 0, heartbeatAt: 0, lastTick: null },
    });
    const before = treeOf(join(folder, "home/control-plane"));
    const refused = await remove("--yes");
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/a runtime \(pid \d+\) serves it\. Use --stop/);
    expect(treeOf(join(folder, "home/control-plane"))).toEqual(before);
  });

  it("acts on the profile that is named, and on no other, whatever the environment says", async () => {
    const { env, home, folder } = aProfile();
    mkdirSync(join(home, "control-plane/profiles/api"), { recursive: true });
    writeFileSync(join(home, "control-plane/profiles/api/control-plane.yaml"), "id: api\nrepo: { slug: ann/api }\n");
    const around = {
      env: { ...env, ACP_PROJECT_ID: "api", ACP_CONFIG: join(home, "control-plane/profiles/api/control-plane.yaml") },
      cwd: folder,
    };
    const named = await runHere(["profile", "remove", "--profile-id", "web", "--yes", "--json"], around);
    expect(JSON.parse(named.stdout)).toMatchObject({ profileId: "web" });
    expect(existsSync(join(home, "control-plane/profiles/api/control-plane.yaml"))).toBe(true);
    expect(existsSync(join(home, "control-plane/profiles/web"))).toBe(false);
    expect((await runHere(["profile", "remove", "--yes"], around)).code).toBe(64);
  });

  it.each([
    ["nobody to ask", ["--json"], 64, /--yes/],
    ["a profile that is not there", ["--profile-id", "none", "--yes"], 66, /not installed/],
  ])("refuses with %s, and removes nothing", async (_what, flags, code, message) => {
    const { folder, remove } = aProfile();
    const before = treeOf(folder);
    const refused = await remove(...flags);
    expect(refused.code).toBe(code);
    expect(refused.stderr).toMatch(message);
    expect(treeOf(folder)).toEqual(before);
  });
});
