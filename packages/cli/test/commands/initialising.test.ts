import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { loadProfile, secretsFile } from "@agent-control-plane/core";
import { backends } from "@agent-control-plane/runners/backends";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { gitProgram } from "../support/git-program.ts";
import { type Answered, runHere } from "../support/in-process.ts";
import { treeOf } from "../support/tree.ts";

let untouched: string;
let folder: string;
let home: string;
let repo: string;

beforeAll(() => {
  untouched = mkdtempSync(join(tmpdir(), "acp-init-untouched-"));
  const git = (...args: readonly string[]) =>
    execFileSync("git", ["-C", untouched, ...args], {
      env: { HOME: untouched, PATH: process.env.PATH, GIT_CONFIG_NOSYSTEM: "1" },
    });
  git("init", "--quiet");
  git("remote", "add", "origin", "https://tok-in-address@github.com/octo/shop.git");
});
afterAll(() => rmSync(untouched, { recursive: true, force: true }));
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "acp-init-")));
  home = join(folder, ".agent-runtime");
  repo = join(folder, "shop");
  cpSync(untouched, repo, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Only git is on this PATH: what agents this machine has must not matter. */
function environment(): NodeJS.ProcessEnv {
  const bin = join(folder, "bin");
  if (!existsSync(bin)) {
    mkdirSync(bin);
    symlinkSync(gitProgram, join(bin, "git"));
  }
  return { HOME: folder, PATH: bin, GIT_CONFIG_NOSYSTEM: "1" };
}

const init = (args: readonly string[], input = ""): Promise<Answered> =>
  runHere(["init", ...args], { env: environment(), cwd: folder, input });

const usual = () => ["--profile-id", "web", "--repo-root", repo, "--shell-command", "make fix"];

describe("acp init", () => {
  it("writes a profile that loads", async () => {
    writeFileSync(
      join(repo, "package.json"),
      JSON.stringify({ scripts: { test: "node --test" }, devDependencies: { a: "1" } }),
    );
    writeFileSync(join(repo, "package-lock.json"), "{}");
    const { code, stdout, stderr } = await init(usual());
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout).toContain("Wrote profile web");
    const profile = loadProfile(home, "web", { HOME: folder }, backends);
    expect(profile.repo).toMatchObject({ slug: "octo/shop", root: repo });
    expect(profile.execution).toMatchObject({ codingWorker: "shell", backends: { shell: { command: "make fix" } } });
    expect(profile.verification.commands).toEqual([
      { name: "install", command: "npm ci" },
      { name: "test", command: "npm test" },
    ]);
    expect(readFileSync(join(dirname(profile.file), "README.md"), "utf8")).toContain(
      "acp runtime start --profile-id web",
    );
  });

  it("offers keys in comments that hold when somebody takes the comment sign off", async () => {
    await init(usual());
    const { file } = loadProfile(home, "web", { HOME: folder }, backends);
    const text = readFileSync(file, "utf8");
    const offered = text.replace(/^( *)# ( *[a-z_]+:.*)$/gm, "$1$2");
    expect(offered).not.toBe(text);
    writeFileSync(file, offered);
    const profile = loadProfile(home, "web", { HOME: folder }, backends);
    expect(profile.limits.lanes.pullRequestWorkers).toBe(1);
    expect(profile.pullRequests.risk.systemBreaking).toEqual(["**/migrations/**", "**/*.sql"]);
    expect(profile.execution.providers.usual.map(({ backend, pool }) => `${pool}: ${backend}`)).toEqual([
      "main: claude",
      "spare: codex",
    ]);
    expect(Object.keys(profile.execution.providers.models)).toEqual(["opus"]);
    expect(profile.budgets.item.usd).toBe(30);
  });

  it("leaves the checkout as it was and no half-made folder behind", async () => {
    const before = treeOf(repo);
    await init(usual());
    expect(treeOf(repo)).toEqual(before);
    expect(readdirSync(join(home, "control-plane/profiles"))).toEqual(["web"]);
  });

  it.each(['echo "hi: $HOME" # {{id}}', "a\nb: c", "- x", "'", "*a", "{{repo_root}}  x"])(
    "carries the command %j through unchanged",
    async (command) => {
      await init(["--profile-id", "web", "--repo-slug", "octo/shop", "--shell-command", command]);
      expect(loadProfile(home, "web", { HOME: folder }, backends).execution.backends.shell).toEqual({ command });
    },
  );

  it("says so when no agent is on PATH, and still writes a profile that loads", async () => {
    const { code, stderr } = await init(["--profile-id", "web", "--repo-root", repo]);
    expect(code).toBe(0);
    expect(stderr).toContain("No agent is on PATH (looked for codex, claude, ");
    expect(loadProfile(home, "web", { HOME: folder }, backends).execution.codingWorker).toBe("shell");
  });

  it("takes the first agent found on PATH, and says which others it could have taken", async () => {
    environment();
    for (const name of ["gemini", "opencode", "openclaw"]) {
      writeFileSync(join(folder, "bin", name), "#!/bin/sh\n", { mode: 0o755 });
    }
    const { stdout } = await init(["--profile-id", "web", "--repo-root", repo]);
    expect(loadProfile(home, "web", { HOME: folder }, backends).execution.codingWorker).toBe("opencode");
    expect(stdout).toContain("Worker: opencode was found on PATH; gemini too: --coding-worker names another");
  });

  it("writes what the worker needs besides: a model, or the place of its script", async () => {
    await init(["--profile-id", "web", "--repo-root", repo, "--coding-worker", "openclaw", "--model", "openai/gpt-5"]);
    const { execution } = loadProfile(home, "web", { HOME: folder }, backends);
    expect(execution.backends.openclaw?.model).toBe("openai/gpt-5");
    const { stderr } = await init(["--profile-id", "own", "--repo-slug", "octo/own", "--coding-worker", "python"]);
    expect(loadProfile(home, "own", { HOME: folder }, backends).execution.backends.python?.script).toBe("worker.py");
    expect(stderr).toContain("Put your worker's script at worker.py, beside control-plane.yaml.");
  });

  it("takes the flags of the reference, and says what there is instead of those that do nothing here", async () => {
    const anchor = join(folder, "anchor");
    const { code, stderr } = await init([
      ...[...usual(), "--forge-provider", "github", "--agent-repo-root", anchor, "--retained-repo-root", repo],
      ...["--allow-missing-repo", "--skip-anchor-sync", "--skip-workspace-sync", "--skip-sync"],
    ]);
    expect({ code, told: stderr.match(/^--[a-z-]+/gm) }, stderr).toEqual({ code: 0, told: ["--retained-repo-root"] });
    expect(loadProfile(home, "web", { HOME: folder }, backends).runtime.agentRepoRoot).toBe(anchor);
  });

  it("plans the same in a dry run and writes nothing", async () => {
    environment();
    const before = treeOf(folder);
    const dry = await init([...usual(), "--dry-run", "--json"]);
    expect(dry.code).toBe(0);
    expect(treeOf(folder)).toEqual(before);
    const real = await init([...usual(), "--json"]);
    expect(JSON.parse(dry.stdout)).toEqual({ ...JSON.parse(real.stdout), dryRun: true });
  });

  it("keeps a token from stdin private and out of what it prints", async () => {
    const { code, stdout, stderr } = await init([...usual(), "--token-stdin"], "tok-from-stdin\n");
    expect(code).toBe(0);
    expect(stdout + stderr).not.toContain("tok-from-stdin");
    expect(statSync(secretsFile(home, "web")).mode & 0o777).toBe(0o600);
    expect(readFileSync(secretsFile(home, "web"), "utf8")).toContain("GITHUB_TOKEN=tok-from-stdin\n");
  });

  it("replaces a profile with --force and keeps its secrets", async () => {
    await init([...usual(), "--token-stdin"], "tok-from-stdin\n");
    const { code, stdout } = await init([
      "--profile-id",
      "web",
      "--repo-slug",
      "octo/other",
      "--shell-command",
      "x",
      "--force",
    ]);
    expect(code).toBe(0);
    expect(stdout).toContain("Replaced");
    expect(loadProfile(home, "web", { HOME: folder }, backends).repo.slug).toBe("octo/other");
    expect(readFileSync(secretsFile(home, "web"), "utf8")).toContain("tok-from-stdin");
    expect(readdirSync(join(home, "control-plane/profiles"))).toEqual(["web"]);
  });

  it("finds the old profile again after a crash between the two renames of a replacement", async () => {
    await init(usual());
    const profiles = join(home, "control-plane/profiles");
    execFileSync("mv", [join(profiles, "web"), join(profiles, ".web.old-1-a")]);
    expect((await init(usual())).code).toBe(2);
    expect((await init([...usual(), "--force"])).code).toBe(0);
    expect(readdirSync(profiles)).toEqual(["web"]);
  });
});

describe("acp init writes nothing and says why for", () => {
  it.each<[string, () => readonly string[], number, RegExp]>([
    [
      "an id with a way out",
      () => ["--profile-id", "../x", "--repo-root", repo],
      2,
      /Profile id "\.\.\/x" is not valid/,
    ],
    ["no id", () => ["--repo-root", repo], 64, /required option '--profile-id/],
    ["a repository that is not there", () => [...usual(), "--repo-root", join(folder, "none")], 2, /is not there/],
    ["a folder that is no repository", () => [...usual(), "--repo-root", folder], 2, /not a git repository/],
    [
      "a folder inside a repository",
      () => [...usual(), "--repo-root", join(repo, ".git", "..", "sub")],
      2,
      /Give its top folder/,
    ],
    ["a slug that is none", () => [...usual(), "--repo-slug", "shop"], 2, /repo\.slug: Expected owner\/name/],
    ["an unknown worker", () => [...usual(), "--coding-worker", "cluade"], 64, /choices/],
    ["an unknown flag", () => [...usual(), "--repo-rot", repo], 64, /Did you mean --repo-root/],
    ["agents inside the checkout", () => [...usual(), "--agent-root", join(repo, "agents")], 2, /lie in one another/],
    ["a token without encryption", () => [...usual(), "--api-url", "http://ghe.example.org"], 2, /unencrypted/],
    ["no token on stdin", () => [...usual(), "--token-stdin"], 2, /No token came on stdin/],
    ["no name to be found", () => ["--profile-id", "web"], 64, /Give --repo-slug/],
  ])("%s", async (_name, args, code, message) => {
    environment();
    mkdirSync(join(repo, "sub"));
    const before = treeOf(folder);
    const ended = await init(args());
    expect(ended.stderr).toMatch(message);
    expect(ended.stdout).toBe("");
    expect(ended.code).toBe(code);
    expect(ended.stderr).not.toContain("tok-in-address");
    expect(treeOf(folder)).toEqual(before);
  });

  it("a profile that is there already", async () => {
    await init(usual());
    const before = treeOf(folder);
    const ended = await init([...usual(), "--repo-slug", "octo/other"]);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain("Use --force to replace it");
    expect(treeOf(folder)).toEqual(before);
  });

  it("agents' folders of another profile", async () => {
    await init(usual());
    const before = treeOf(folder);
    const root = join(home, "projects/web/worktrees");
    const ended = await init([
      "--profile-id",
      "api",
      "--repo-slug",
      "octo/api",
      "--shell-command",
      "x",
      "--agent-root",
      root,
    ]);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('Profiles "api" and "web" have folders in one another');
    expect(treeOf(folder)).toEqual(before);
  });

  it("a runtime home that is a file", async () => {
    environment();
    writeFileSync(home, "in the way");
    const before = treeOf(folder);
    const ended = await init(usual());
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/could not be written|cannot be read|is no folder/);
    expect(treeOf(folder)).toEqual(before);
  });
});
