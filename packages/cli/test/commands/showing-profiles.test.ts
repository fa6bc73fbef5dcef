import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Answered, runHere } from "../support/in-process.ts";
import { treeOf } from "../support/tree.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "acp-show-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const run = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Answered> =>
  runHere(args, { env: { HOME: home, AGENT_RUNTIME_HOME: home, ...env } });

function install(
  id: string,
  text = `id: ${id}\nrepo: { slug: octo/${id} }\nexecution: { coding_worker: codex }\n`,
): string {
  const folder = join(home, "control-plane/profiles", id);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "control-plane.yaml"), text);
  return folder;
}

describe("acp profile", () => {
  it("shows every value with its origin", async () => {
    install("web");
    const { code, stdout } = await run(["profile", "show", "--json"], { ACP_CODING_WORKER: "claude" });
    expect(code).toBe(0);
    const { values } = JSON.parse(stdout);
    expect(values).toContainEqual({ path: "repo.slug", value: "octo/web", origin: "file", line: 2 });
    expect(values).toContainEqual({
      path: "execution.coding_worker",
      value: "claude",
      origin: "env:ACP_CODING_WORKER",
    });
    expect(values).toContainEqual({ path: "limits.max_concurrent_workers", value: 2, origin: "default" });
  });

  it("validates all profiles at once and names every line", async () => {
    install("web");
    const broken = install("api", "id: api\nrepo: { slug: octo }\nlimts: {}\nexecution: { coding_worker: codex }\n");
    const { code, stdout } = await run(["profile", "validate"]);
    expect(code).toBe(2);
    expect(stdout).toContain("ok web");
    expect(stdout).toContain(`${broken}/control-plane.yaml:2:15 repo.slug`);
    expect(stdout).toContain(
      `${broken}/control-plane.yaml:3:1 limts: Unknown key "limts". Fix: did you mean "limits"?`,
    );
  });

  it("validates secrets too, as one JSON document", async () => {
    const folder = install("web");
    writeFileSync(join(folder, "secrets.env"), "GITHUB_TOKEN=tok-open-to-all\n");
    chmodSync(join(folder, "secrets.env"), 0o644);
    const { code, stdout, stderr } = await run(["profile", "validate", "--json"]);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      profiles: [{ id: "web", problems: [{ file: join(folder, "secrets.env") }] }],
    });
    expect(stdout + stderr).not.toContain("tok-open-to-all");
  });

  it("names a login that is not there, and warns of a key that no session would get", async () => {
    const folder = install(
      "web",
      `id: web\nrepo: { slug: octo/web }\nexecution:\n  coding_worker: codex\n  codex:\n    login: ${home}/none\n`,
    );
    const file = join(folder, "control-plane.yaml");
    const { code, stdout } = await run(["profile", "validate"]);
    expect(code).toBe(2);
    expect(stdout).toContain(`${file}:6:1 execution.codex.login: There is no login at ${home}/none. Fix: log in with`);
    mkdirSync(join(home, "none"));
    expect((await run(["profile", "validate"])).stdout).toContain(`no login at ${home}/none/auth.json`);
    writeFileSync(join(home, "none/auth.json"), "{}");
    expect(await run(["profile", "validate"])).toMatchObject({ code: 0, stdout: "ok web\n" });

    const claude = "id: web\nrepo: { slug: octo/web }\nexecution:\n  coding_worker: claude\n";
    install("web", claude);
    const without = await run(["profile", "validate"]);
    expect(without.code).toBe(0);
    expect(without.stdout).toMatch(
      /ok web\n {2}warning .*execution\.env\.pass: Sessions of claude get no key.*Fix: write/,
    );
    install("web", `${claude}  env: { pass: [ANTHROPIC_API_KEY] }\n`);
    const unset = JSON.parse((await run(["profile", "validate", "--json"])).stdout);
    expect(unset.profiles[0].warnings).toMatchObject([{ file, line: 5, path: "execution.env.pass" }]);
    expect(await run(["profile", "validate"], { ANTHROPIC_API_KEY: "sk-x" })).toMatchObject({ stdout: "ok web\n" });
  });

  it("lists broken profiles beside good ones", async () => {
    install("web");
    install("api", "id: [");
    const { stdout } = await run(["profile", "list", "--json"]);
    expect(JSON.parse(stdout).profiles).toMatchObject([
      { id: "api", repoSlug: null, problems: 1 },
      { id: "web", repoSlug: "octo/web", problems: 0 },
    ]);
  });

  it("does not guess between several profiles", async () => {
    install("web");
    install("api");
    expect(await run(["profile", "show"])).toMatchObject({ code: 64, stdout: "" });
    expect((await run(["profile", "show"], { ACP_PROJECT_ID: "api" })).stdout).toContain("octo/api");
  });

  it.each([
    "profile show",
    "profile validate",
    "runtime status",
    "runtime stop",
    "profile-smoke",
    "profile remove --dry-run",
  ])("%s means the profile that is named, whatever the environment names", async (command) => {
    install("web", "id: web\nrepo: { slug: octo/web }\nexecution: { shell: { command: make } }\n");
    const other = install("another-one");
    const ACP_CONFIG = join(other, "control-plane.yaml");
    const args = [...command.split(" "), "--profile-id", "web", "--json"];
    const { code, stdout, stderr } = await run(args, { ACP_PROJECT_ID: "another-one", ACP_CONFIG });
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/"web"/);
    expect(stdout).not.toContain("another-one");
  });

  it.each([
    ["a profile that is not installed", ["profile", "show", "--profile-id", "none"], 66, /not installed/],
    ["an id with a way out", ["profile", "show", "--profile-id", "../web"], 2, /is not valid/],
    ["a misspelt command", ["profil", "list"], 64, /Did you mean acp profile/],
    ["a misspelt subcommand", ["profile", "lst"], 64, /Did you mean list/],
  ])("answers %s on stderr, with its exit code, and writes nothing", async (_name, args, code, message) => {
    install("web");
    const before = treeOf(home);
    const ended = await run(args);
    expect(ended).toMatchObject({ code, stdout: "" });
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr).not.toContain("    at ");
    expect(treeOf(home)).toEqual(before);
  });

  it("shows the stack with --debug only", async () => {
    expect((await run(["profile", "show", "--profile-id", "none", "--debug"])).stderr).toContain("    at ");
  });
});

describe("acp", () => {
  it("prints its version three ways", async () => {
    const { stdout } = await run(["--version"]);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect((await run(["version"])).stdout).toBe(stdout);
    expect(JSON.parse((await run(["version", "--json"])).stdout)).toMatchObject({
      version: stdout.trim(),
      node: process.versions.node,
    });
  });

  it("explains itself with examples first", async () => {
    for (const args of [[], ["--help"], ["help", "init"], ["init", "--help"], ["profile", "show", "--help"]]) {
      const { code, stdout } = await run(args);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^Examples:\n {2}\$ acp /);
    }
  });

  it("writes no colour to a pipe", async () => {
    install("web");
    expect((await run(["profile", "list"], { TERM: "xterm-256color" })).stdout).not.toContain("\u001b");
  });
});
