import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, realpathSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { claimRoots, loadProfile, openStore, type Profile, storePath } from "@agent-control-plane/core";
import { createProfileWorktrees, processMark } from "@agent-control-plane/runners";
import { backends } from "@agent-control-plane/runners/backends";
import { temporaryFolder } from "@agent-control-plane/testkit";
import { describe, expect, it, onTestFinished } from "vitest";
import { silentLog } from "../../src/runtime/silent-log.ts";
import { runHere } from "../support/in-process.ts";
import { treeOf } from "../support/tree.ts";

const session = "s1-0a1b2c3d";

function git(cwd: string, ...args: readonly string[]): string {
  const env = { PATH: process.env.PATH, HOME: cwd, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" };
  return execFileSync("git", ["-c", "user.name=Ann", "-c", "user.email=ann@example.test", ...args], {
    ...{ cwd, env, encoding: "utf8", stdio: "pipe" },
  }).trim();
}

/** A home with a profile, and a person's checkout beside it. */
function aProfile(lines: (folder: string) => readonly string[] = () => []) {
  const folder = realpathSync(temporaryFolder("acp-remove-"));
  const home = join(folder, "home");
  const checkout = join(folder, "checkout");
  mkdirSync(checkout);
  writeFileSync(join(checkout, "precious.txt"), "mine\n");
  git(checkout, "init", "--quiet", "--initial-branch=main");
  git(checkout, "add", "--all");
  git(checkout, "commit", "--quiet", "--message=first");
  const dir = join(home, "control-plane/profiles/web");
  mkdirSync(dir, { recursive: true });
  const text = [
    "id: web",
    `repo: { slug: ann/web, root: ${checkout}, default_branch: main }`,
    "forge: { provider: local }",
    'execution: { shell: { command: "true" } }',
    ...lines(folder),
  ].join("\n");
  writeFileSync(join(dir, "control-plane.yaml"), `${text}\n`);
  const env = { PATH: process.env.PATH, HOME: folder, AGENT_RUNTIME_HOME: home };
  const remove = (...flags: string[]) =>
    runHere(["profile", "remove", "--profile-id", "web", ...flags], { env, cwd: folder });
  const profile = loadProfile(home, "web", env, backends);
  return { folder, home, checkout, dir, env, remove, profile };
}

/** As a runtime leaves it: the anchor, and one worktree with work that nobody saved. */
async function worked(profile: Profile, checkout: string): Promise<string> {
  const worktrees = createProfileWorktrees({
    ...{
      profile,
      remote: { url: checkout, token: null, allowFile: true },
      defaultBranch: async () => "main",
      log: silentLog,
    },
  });
  const { sha } = await worktrees.fetchBase();
  await worktrees.create({ sessionId: session, branch: "agent/web/issue-1-s1", sha });
  const path = worktrees.pathFor(session);
  writeFileSync(join(path, "unsaved.txt"), "hours of work\n");
  mkdirSync(join(profile.runtime.runsRoot, session), { recursive: true });
  return path;
}

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

  describe("a checkout, wherever a link or a later change has put it", () => {
    const swaps: readonly (readonly [string, (root: string, checkout: string) => void])[] = [
      ["is one of our folders", (root, checkout) => swap(root, checkout)],
      ["lies in one of our folders", (root, checkout) => renameInto(join(root, "deep"), checkout)],
      ["holds one of our folders", (root, checkout) => holdBy(root, checkout)],
    ];
    const roots = ["agentRoot", "worktreeRoot", "agentRepoRoot", "runsRoot"] as const;
    it.each(swaps.flatMap(([how, act]) => roots.map((root) => [how, root, act] as const)))(
      "%s (%s): it is not touched",
      async (_how, root, act) => {
        const { profile, checkout, remove, folder } = aProfile();
        await worked(profile, checkout);
        const before = Object.keys(treeOf(checkout)).length;
        act(profile.runtime[root], checkout);
        const { code, stdout } = await remove("--yes", "--json");
        expect(code, stdout).toBe(0);
        const real = realpathSync(checkout);
        expect(existsSync(join(real, "precious.txt")), folder).toBe(true);
        expect(git(real, "status", "--porcelain", "precious.txt")).toBe("");
        expect(Object.keys(treeOf(real)).length).toBeGreaterThanOrEqual(before);
        expect(JSON.parse(stdout).leaves.length).toBeGreaterThan(0);
      },
    );

    /** The root becomes a link to the checkout. */
    function swap(root: string, checkout: string) {
      renameSync(root, `${root}.before`);
      symlinkSync(checkout, root);
    }
    /** The checkout moves below the root; its old name is a link there. */
    function renameInto(place: string, checkout: string) {
      mkdirSync(join(place, ".."), { recursive: true });
      renameSync(checkout, place);
      symlinkSync(place, checkout);
    }
    /** The root moves into the checkout; its old name is a link there. */
    function holdBy(root: string, checkout: string) {
      renameSync(root, join(checkout, "moved"));
      symlinkSync(join(checkout, "moved"), root);
    }
  });

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
