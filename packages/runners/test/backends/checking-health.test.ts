import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type Backend,
  checkHealth,
  claudeBackend,
  codexBackend,
  geminiBackend,
  kiloBackend,
  openclawBackend,
  opencodeBackend,
  piBackend,
  pythonBackend,
  shellBackend,
} from "../../src/backends/index.ts";

let root: string;
let env: { readonly PATH: string };
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "acp-health-test-"));
  program(
    "claude",
    'case "$1" in --version) echo "2.1.329 (Claude Code)";; auth) test -e "$CLAUDE_CONFIG_DIR/.credentials.json" && echo "{\\"loggedIn\\": true}" || { echo "{\\"loggedIn\\": false}"; exit 1; };; esac',
  );
  program(
    "codex",
    'case "$1" in --version) echo "codex-cli 0.1.0";; login) test -e "$CODEX_HOME/auth.json" && echo "Logged in using ChatGPT" || echo "Not logged in";; esac',
  );
  program("gemini", "echo 0.61.0");
  program("openclaw", 'echo "OpenClaw 2026.9.6"');
  program(
    "pi",
    'case "$1" in --version) echo 0.87.1;; *) test -e "$PI_CODING_AGENT_DIR/auth.json" && printf "provider   model\\nanthropic  claude-opus-5\\n" || echo "No models available.";; esac',
  );
  for (const [name, version] of [
    ["opencode", "1.18.33"],
    ["kilo", "9.9.9"],
  ] as const) {
    program(
      name,
      `case "$1" in --version) echo ${version};; *) test -e "$XDG_DATA_HOME/${name}/auth.json" && echo anthropic/claude-opus-5; echo other/free;; esac`,
    );
  }
  env = { PATH: `${join(root, "bin")}${delimiter}/usr/bin:/bin` };
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A stand-in that answers as the real ones were seen to. */
function program(name: string, script: string): void {
  mkdirSync(join(root, "bin"), { recursive: true });
  writeFileSync(join(root, "bin", name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(root, "bin", name), 0o755);
}

const settingsOf = (backend: Backend, own: object = {}) => backend.settings.parse(own);

test("without a key and without a login it says what is missing, and where to put it", async () => {
  const claude = await checkHealth({ backend: claudeBackend, settings: settingsOf(claudeBackend), env });
  expect(claude).toMatchObject({
    ok: false,
    version: "2.1.329 (Claude Code)",
    isTested: true,
    login: "none",
    model: "sonnet",
  });
  expect(claude.problem).toMatch(/ANTHROPIC_API_KEY.*execution\.claude\.login/);
  const codex = await checkHealth({ backend: codexBackend, settings: settingsOf(codexBackend), env });
  expect(codex).toMatchObject({ ok: false, isTested: false, login: "none" });
});

test("a key in the environment of sessions is enough, under the name the profile gives it", async () => {
  const settings = settingsOf(claudeBackend, { api_key_env: "MY_KEY" });
  const report = await checkHealth({ backend: claudeBackend, settings, env: { ...env, MY_KEY: "k" } });
  expect(report).toMatchObject({ ok: true, login: "key", problem: null });
});

test("the login that the profile names is shown to the program as a session would see it", async () => {
  const login = join(root, "person");
  mkdirSync(login);
  for (const name of [".credentials.json", "auth.json"]) writeFileSync(join(login, name), "{}");
  for (const backend of [claudeBackend, codexBackend]) {
    const report = await checkHealth({ backend, settings: settingsOf(backend, { login }), env });
    expect(report).toMatchObject({ ok: true, login: "login" });
  }
  const gone = await checkHealth({
    backend: codexBackend,
    settings: settingsOf(codexBackend, { login: "/gone" }),
    env,
  });
  expect(gone).toMatchObject({ ok: false, login: "none" });
});

test("a program that is not there cannot work, and a command of one's own needs no login", async () => {
  const absent = await checkHealth({
    backend: codexBackend,
    settings: settingsOf(codexBackend),
    env: { PATH: "/nowhere" },
  });
  expect(absent).toMatchObject({ ok: false, version: null, problem: expect.stringContaining("/nowhere") });
  const shell = await checkHealth({
    backend: shellBackend,
    settings: settingsOf(shellBackend, { command: "true" }),
    env,
  });
  expect(shell).toMatchObject({ ok: true, login: "not-needed", isTested: null });
  const unset = await checkHealth({ backend: shellBackend, settings: settingsOf(shellBackend), env });
  expect(unset).toMatchObject({ ok: false, problem: expect.stringContaining("no command") });
});

const reportOf = (backend: Backend, own: object, more: Readonly<Record<string, string>> = {}) =>
  checkHealth({ backend, settings: settingsOf(backend, own), env: { ...env, ...more }, profileFolder: root });

test("a login is found where the program keeps it, and its list of models is asked for the profile's", async () => {
  const login = join(root, "other-person");
  mkdirSync(login);
  for (const name of ["auth.json", "oauth_creds.json"]) writeFileSync(join(login, name), "{}");
  const model = "anthropic/claude-opus-5";
  const logged = { ok: true, login: "login", problem: null };
  for (const backend of [piBackend, opencodeBackend, kiloBackend]) {
    const isTested = backend !== kiloBackend;
    expect(await reportOf(backend, { login, model })).toMatchObject({ ...logged, isTested, modelState: "listed" });
    const without = await reportOf(backend, { model });
    expect(without).toMatchObject({ ok: false, login: "none", modelState: "not-checked" });
    expect(without.problem).toContain(`execution.${backend.name}.login`);
  }
  expect(await reportOf(geminiBackend, { login })).toMatchObject({ ...logged, modelState: "not-checked" });
  expect(await reportOf(geminiBackend, {})).toMatchObject({ ok: false, login: "none" });
  expect(await reportOf(geminiBackend, {}, { GEMINI_API_KEY: "k" })).toMatchObject({ ok: true, login: "key" });
});

test("a model that the program would refuse is a problem, and one that it would try all the same is none", async () => {
  const login = join(root, "third-person");
  mkdirSync(login);
  writeFileSync(join(login, "auth.json"), "{}");
  const model = "anthropic/new";
  const refused = await reportOf(opencodeBackend, { login, model });
  expect(refused).toMatchObject({ ok: false, modelState: "not-listed", problem: expect.stringContaining(model) });
  expect(await reportOf(piBackend, { login, model })).toMatchObject({ ok: true, modelState: "not-listed" });
});

test("what cannot be known is not called good or bad", async () => {
  const report = await reportOf(openclawBackend, { model: "anthropic/opus" });
  expect(report).toMatchObject({ ok: true, isTested: true, login: "unknown", modelState: "not-checked" });
});

test("a worker's script must be there", async () => {
  const own = { file: "sh", script: "worker.sh" };
  program("sh", "echo a shell");
  expect(await reportOf(pythonBackend, own)).toMatchObject({
    ok: false,
    problem: expect.stringContaining("worker.sh"),
  });
  writeFileSync(join(root, "worker.sh"), "");
  expect(await reportOf(pythonBackend, own)).toMatchObject({ ok: true, login: "not-needed", isTested: null });
});
