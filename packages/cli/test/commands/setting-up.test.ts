import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { gitProgram } from "../support/git-program.ts";
import { type Answered, runHere } from "../support/in-process.ts";
import { treeOf } from "../support/tree.ts";

let folder: string;
let repo: string;
let forge: Server;
/** What was asked of the forge, and with what token. */
let asked: string[];
/** What the forge says to a new label. */
let labelStatus: number;
beforeEach(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "acp-setup-")));
  repo = join(folder, "shop");
  mkdirSync(repo);
  mkdirSync(join(folder, "bin"));
  symlinkSync(gitProgram, join(folder, "bin", "git"));
  execFileSync("git", ["init", "--quiet", "--initial-branch=trunk", repo], { env: environment() });
  writeFileSync(join(repo, "Makefile"), "test:\n\ttrue\n");
  inRepo("add", "--all");
  inRepo("commit", "--quiet", "--message=first");
  asked = [];
  labelStatus = 201;
  forge = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    const isKnown = /^(Bearer|token) tok-of-ann$/.test(request.headers.authorization ?? "");
    const isLabel = request.url?.includes("/labels") ?? false;
    const status = !isKnown ? 401 : !isLabel ? 200 : request.method === "GET" ? 404 : labelStatus;
    response.writeHead(status, { "content-type": "application/json" });
    response.end(
      JSON.stringify(status === 200 ? { full_name: "ann/shop", permissions: { push: true } } : { message: "no" }),
    );
  });
  await new Promise<void>((done) => forge.listen(0, "127.0.0.1", done));
});
afterEach(() => {
  forge.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Only git is on this PATH: what agents this machine has must not matter. */
const environment = () => ({ HOME: folder, PATH: join(folder, "bin"), GIT_CONFIG_NOSYSTEM: "1" });

function inRepo(...args: readonly string[]): void {
  const ann = ["-c", "user.name=Ann", "-c", "user.email=ann@example.test"];
  execFileSync("git", ["-C", repo, ...ann, ...args], { env: environment() });
}

const setup = (args: readonly string[], input = ""): Promise<Answered> =>
  runHere(["setup", ...args], { env: environment(), cwd: repo, input });

function onForge(): readonly string[] {
  const url = `http://127.0.0.1:${(forge.address() as AddressInfo).port}`;
  return ["--forge", "github", "--api-url", url, "--git-url", url, "--repo-slug", "ann/shop"];
}

const statesOf = ({ steps }: { steps: { state: string }[] }) => steps.map(({ state }) => state);

describe("acp setup", () => {
  it("says with --dry-run everything it would do, and writes nothing", async () => {
    const before = treeOf(folder);
    const { code, stdout } = await setup([
      "--dry-run",
      "--json",
      "--shell-command",
      "make fix",
      "--starter-issue",
      "refactor",
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ setupStatus: "dry-run", profileId: "shop", repoSlug: "local/shop", forge: "local", codingWorker: "shell" },
      // Under the runtime home, and not in a folder that a reboot empties.
      paths: { repoRoot: repo, agentRoot: join(folder, ".agent-runtime/projects/shop") },
      detected: { defaultBranch: "trunk", packageManager: "make", agents: [] },
      verificationCommands: [{ name: "test", command: "make test" }],
      steps: [
        { name: "profile", state: "to-do" },
        { name: "labels", state: "to-do" },
        { name: "starter-issues", state: "to-do", what: expect.stringContaining("refactor") },
        { name: "sync", state: "skipped" },
        { name: "service", state: "skipped" },
        { name: "runtime", state: "to-do" },
      ],
    });
    expect(treeOf(folder)).toEqual(before);
  });

  it("ends with 1, the fix and nothing written when a prerequisite is missing", async () => {
    rmSync(join(repo, "Makefile"));
    const { code, stdout } = await setup(["--yes", "--json"]);
    expect(code).toBe(1);
    const { setupStatus, prerequisites, nextSteps } = JSON.parse(stdout);
    expect(setupStatus).toBe("not-ready");
    const problems = prerequisites.filter(({ level }: { level: string }) => level === "problem");
    expect(problems.map(({ code: name }: { code: string }) => name)).toEqual(["worker-unset", "checks-missing"]);
    expect(nextSteps.join("\n")).toMatch(/--shell-command[\s\S]*--verify/);
    expect(existsSync(join(folder, ".agent-runtime"))).toBe(false);
  });

  it("says what is not committed, and refuses a checkout without a commit where it has to be copied", async () => {
    writeFileSync(join(repo, "new.txt"), "");
    const flags = ["--yes", "--json", "--dry-run", "--shell-command", "x"];
    const dirty = JSON.parse((await setup(flags)).stdout);
    expect(dirty).toMatchObject({ setupStatus: "dry-run", detected: { defaultBranch: "trunk" } });
    expect(dirty.prerequisites).toContainEqual(
      expect.objectContaining({
        code: "checkout-uncommitted",
        level: "note",
        found: expect.stringContaining("new.txt"),
      }),
    );

    rmSync(join(repo, ".git"), { recursive: true });
    execFileSync("git", ["init", "--quiet", repo], { env: environment() });
    const before = treeOf(folder);
    const { code, stderr } = await setup(["--yes", "--shell-command", "x"]);
    expect(code).toBe(2);
    expect(stderr).toContain("has no commit yet, and agents work from commits. Commit first: git add --all");
    expect(treeOf(folder)).toEqual(before);
  });

  it("gives a program its one document also for a flag that is not known", async () => {
    const { code, stdout } = await setup(["--no-such-flag", "--yes", "--json"]);
    expect(code).toBe(64);
    expect(JSON.parse(stdout)).toMatchObject({ setupStatus: "error", setupMode: "unknown" });
  });

  it("installs git only when it is told to, with the package manager that is there", async () => {
    rmSync(join(folder, "bin", "git"));
    writeFileSync(
      join(folder, "bin", "apk"),
      `#!/bin/sh\necho "$@" > "${folder}/apk-was-asked"\n/bin/ln -s ${gitProgram} "${folder}/bin/git"\n`,
      { mode: 0o755 },
    );
    const flags = ["--yes", "--shell-command", "x", "--no-start-runtime", ...onForge()];
    const refused = await setup(flags);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("Install it: apk add git; --install-") });
    expect(existsSync(join(folder, "apk-was-asked"))).toBe(false);
    const { stderr } = await setup([...flags, "--install-missing-deps"]);
    expect(readFileSync(join(folder, "apk-was-asked"), "utf8")).toBe("add git\n");
    expect(stderr).toContain("✓ git: git version");
  });

  it("installs the worker's program only when it is told to, and looks again", async () => {
    const npm = `#!/bin/sh\necho "$@" >> "${folder}/npm-was-asked"\nprintf '#!/bin/sh\\necho 1.0.0\\n' > "${folder}/bin/pi"\n`;
    writeFileSync(join(folder, "bin", "npm"), `${npm}PATH=/usr/bin:/bin chmod 755 "${folder}/bin/pi"\n`, {
      mode: 0o755,
    });
    const codesOf = ({ stdout }: Answered) =>
      JSON.parse(stdout).prerequisites.map(({ code, level }: { code: string; level: string }) => `${level} ${code}`);
    const flags = ["--yes", "--json", "--coding-worker", "pi", "--no-start-runtime"];
    expect(codesOf(await setup(flags))).toContain("problem worker-program");
    expect(existsSync(join(folder, "npm-was-asked"))).toBe(false);

    expect(codesOf(await setup([...flags, "--install-missing-backend"]))).not.toContain("problem worker-program");
    expect(readFileSync(join(folder, "npm-was-asked"), "utf8")).toBe("install -g @earendil-works/pi-coding-agent\n");
  });

  it("shows a token to the forge and to nobody else", async () => {
    const { code, stdout, stderr } = await setup(
      ["--dry-run", "--json", "--token-stdin", "--shell-command", "x", ...onForge()],
      "tok-of-ann\n",
    );
    expect(code).toBe(0);
    expect(asked).toEqual(["GET /repos/ann/shop Bearer tok-of-ann"]);
    expect(stdout + stderr).not.toContain("tok-of-ann");
    expect(JSON.parse(stdout).prerequisites).toContainEqual(expect.objectContaining({ code: "forge", level: "ok" }));
  });

  it("writes nothing with a token that the forge refuses", async () => {
    const flags = ["--yes", "--token-stdin", "--shell-command", "x", ...onForge()];
    const { code, stdout, stderr } = await setup(flags, "tok-of-nobody\n");
    expect(code).toBe(1);
    expect(stderr).toContain("the token from your input is refused (HTTP 401: no)");
    expect(stdout + stderr).not.toContain("tok-of-nobody");
    expect(existsSync(join(folder, ".agent-runtime"))).toBe(false);
  });

  it("ends with 1 when a step fails, leaves out what would follow, and goes on from there the next time", async () => {
    const flags = ["--yes", "--json", "--shell-command", "x", "--starter-issue", "refactor", ...onForge()];
    labelStatus = 422;
    const first = await setup([...flags, "--token-stdin"], "tok-of-ann\n");
    expect(first.code).toBe(1);
    const failed = JSON.parse(first.stdout);
    expect(failed).toMatchObject({ setupStatus: "failed", profileExists: false, runtime: null });
    expect(statesOf(failed)).toEqual(["done", "failed", "not-reached", "skipped", "skipped", "not-reached"]);

    labelStatus = 201;
    const second = await setup([...flags, "--no-create-starter-issues", "--no-start-runtime"]);
    expect(second.code, second.stdout + second.stderr).toBe(0);
    const done = JSON.parse(second.stdout);
    expect(done).toMatchObject({ setupStatus: "ok", profileExists: true });
    expect(statesOf(done)).toEqual(["not-needed", "done", "skipped", "skipped", "skipped", "skipped"]);
    expect(done.labelsMade).toContain("agent-ready");
    expect(first.stdout + first.stderr + second.stdout + second.stderr).not.toContain("tok-of-ann");
  });

  it("takes the flags of the reference, says what there is instead of those that do nothing here, and goes on", async () => {
    const flags = ["--non-interactive", "--json", "--shell-command", "x", "--no-create-starter-issues", ...onForge()];
    const anchor = join(folder, "anchor");
    const { code, stdout, stderr } = await setup(
      [
        ...[...flags, "--token-stdin", "--no-start-runtime", "--no-install-launchd", "--start-dashboard"],
        ...["--dashboard-port", "8765", "--agent-repo-root", anchor, "--source-repo-root", repo],
        ...["--retained-repo-root", repo, "--vscode-workspace-file", "x.code-workspace", "--skip-anchor-sync"],
        ...["--skip-workspace-sync", "--no-install-missing-deps"],
      ],
      "tok-of-ann\n",
    );
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ setupStatus: "ok" });
    expect(stderr.match(/^ +--.*$/gm)?.map((line) => line.trim().split(":")[0])).toEqual([
      ...["--start-dashboard", "--source-repo-root", "--retained-repo-root", "--vscode-workspace-file"],
    ]);
    const file = readFileSync(join(folder, ".agent-runtime/control-plane/profiles/shop/control-plane.yaml"), "utf8");
    expect(file).toContain(`agent_repo_root: "${anchor}"`);
    expect(existsSync(join(repo, "x.code-workspace"))).toBe(false);
  });

  it("asks nothing without a terminal, and says which flags answer instead", async () => {
    const { code, stderr } = await setup([]);
    expect(code).toBe(64);
    expect(stderr).toMatch(/no terminal .*--dry-run .*--yes/);
  });

  it("gives a program its one document also when nothing can be planned", async () => {
    const { code, stdout, stderr } = await setup(["--yes", "--json", "--repo-root", join(folder, "bin")]);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toEqual({
      ...{
        setupStatus: "error",
        setupMode: "run",
        error: expect.stringContaining("is not a git repository"),
        exitCode: 2,
      },
    });
    expect(stderr).toContain("error: --repo-root");
  });
});
