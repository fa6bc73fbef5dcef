// A profile with a person's checkout beside it, to be removed, and the ways a checkout may come to lie in our folders.
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadProfile, type Profile } from "@agent-control-plane/core";
import { createProfileWorktrees } from "@agent-control-plane/runners";
import { backends } from "@agent-control-plane/runners/backends";
import { temporaryFolder } from "@agent-control-plane/testkit";
import { afterAll, beforeAll, expect } from "vitest";
import { silentLog } from "../../src/runtime/silent-log.ts";
import { runHere } from "../support/in-process.ts";
import { treeOf } from "../support/tree.ts";

export const session = "s1-0a1b2c3d";

export function git(cwd: string, ...args: readonly string[]): string {
  const env = { PATH: process.env.PATH, HOME: cwd, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" };
  return execFileSync("git", ["-c", "user.name=Ann", "-c", "user.email=ann@example.test", ...args], {
    ...{ cwd, env, encoding: "utf8", stdio: "pipe" },
  }).trim();
}

let untouched: string;

/** Makes the checkout that each test gets a copy of; to be called once in each file, which may share its process. */
export function useCheckout(): void {
  beforeAll(() => {
    untouched = mkdtempSync(join(tmpdir(), "acp-remove-untouched-"));
    writeFileSync(join(untouched, "precious.txt"), "mine\n");
    git(untouched, "init", "--quiet", "--initial-branch=main");
    git(untouched, "add", "--all");
    git(untouched, "commit", "--quiet", "--message=first");
  });
  afterAll(() => rmSync(untouched, { recursive: true, force: true }));
}

/** A home with a profile, and a person's checkout beside it. */
export function aProfile(lines: (folder: string) => readonly string[] = () => []) {
  const folder = realpathSync(temporaryFolder("acp-remove-"));
  const home = join(folder, "home");
  const checkout = join(folder, "checkout");
  cpSync(untouched, checkout, { recursive: true });
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
export async function worked(profile: Profile, checkout: string): Promise<string> {
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

const roots = ["agentRoot", "worktreeRoot", "agentRepoRoot", "runsRoot"] as const;
const ways = {
  "is one of our folders": swap,
  "lies in one of our folders": (root: string, checkout: string) => renameInto(join(root, "deep"), checkout),
  "holds one of our folders": holdBy,
} as const;
export type Way = keyof typeof ways;
export type Root = (typeof roots)[number];

/** Every way with every folder of ours. */
export const places = (Object.keys(ways) as Way[]).flatMap((way) => roots.map((root): [Way, Root] => [way, root]));

/** A link or a later change has put the checkout there; the profile is removed, and the checkout is not touched. */
export async function expectCheckoutKept(way: Way, root: Root): Promise<void> {
  const { profile, checkout, remove, folder } = aProfile();
  await worked(profile, checkout);
  const before = Object.keys(treeOf(checkout)).length;
  ways[way](profile.runtime[root], checkout);
  const { code, stdout } = await remove("--yes", "--json");
  expect(code, stdout).toBe(0);
  const real = realpathSync(checkout);
  expect(existsSync(join(real, "precious.txt")), folder).toBe(true);
  expect(git(real, "status", "--porcelain", "precious.txt")).toBe("");
  expect(Object.keys(treeOf(real)).length).toBeGreaterThanOrEqual(before);
  expect(JSON.parse(stdout).leaves.length).toBeGreaterThan(0);
}

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
