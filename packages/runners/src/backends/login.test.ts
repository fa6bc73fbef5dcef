import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { claudeBackend } from "./claude.ts";
import { geminiBackend } from "./gemini.ts";
import { kiloBackend } from "./kilo.ts";
import { loginSeed, requireLogins } from "./login.ts";
import { opencodeBackend } from "./opencode.ts";
import { piBackend } from "./pi.ts";

const root = mkdtempSync(join(tmpdir(), "acp-login-"));
afterEach(() => rmSync(root, { recursive: true, force: true }));

test("a login is one file: the folder's, or the one that is named", () => {
  const folder = join(root, ".codex");
  const file = join(folder, "auth.json");
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, "{}");
  const seed = { from: file, to: "/state/auth.json", isSecret: true };
  expect(loginSeed(folder, "auth.json", "/state/auth.json")).toEqual([seed]);
  expect(loginSeed(file, "auth.json", "/state/auth.json")).toEqual([seed]);
  expect(loginSeed(null, "auth.json", "/state/auth.json")).toEqual([]);
  expect(() => requireLogins("codex", [seed])).not.toThrow();
});

test("a login that is not there is named, with the key that names it", () => {
  const seeds = loginSeed(join(root, "nothing"), "auth.json", "/state/auth.json");
  expect(() => requireLogins("codex", seeds)).toThrow(/no login at .*nothing.*execution\.codex\.login/);
  mkdirSync(join(root, "empty"), { recursive: true });
  expect(() => requireLogins("codex", loginSeed(join(root, "empty"), "auth.json", "/a"))).toThrow(/empty\/auth\.json/);
});

test("the profile's path is absolute", () => {
  const read = (login: unknown) => claudeBackend.settings.safeParse({ login }).success;
  expect([read("/srv/claude"), read("~/.claude"), read(null)]).toEqual([true, true, true]);
  expect([read(".claude"), read("~"), read("")]).toEqual([false, false, false]);
});

test("each program's login comes to where that program looks for it, and none unasked", () => {
  const login = join(root, "person");
  mkdirSync(login, { recursive: true });
  for (const name of ["auth.json", "oauth_creds.json", "google_accounts.json", "settings.json"]) {
    writeFileSync(join(login, name), "{}");
  }
  const of = { model: null, promptFile: "", runDir: "/run", cwd: "/run/cwd", stateDir: "/state" };
  const copied = (backend: typeof claudeBackend, own: object) => {
    const { seedFiles = [], files = [] } = backend.command({ ...of, settings: backend.settings.parse(own) });
    expect(seedFiles.every(({ isSecret }) => isSecret)).toBe(true);
    return { to: seedFiles.map(({ to }) => to), text: files.map((file) => file.text).join("") };
  };
  expect(copied(piBackend, { login }).to).toEqual(["/state/pi/auth.json"]);
  expect(copied(opencodeBackend, { login }).to).toEqual(["/state/opencode/data/opencode/auth.json"]);
  expect(copied(kiloBackend, { login }).to).toEqual(["/state/kilo/data/kilo/auth.json"]);
  const gemini = copied(geminiBackend, { login });
  expect(gemini.to).toEqual(["/state/gemini/.gemini/oauth_creds.json", "/state/gemini/.gemini/google_accounts.json"]);
  expect(gemini.text).toContain('"oauth-personal"');
  rmSync(join(login, "google_accounts.json"));
  expect(copied(geminiBackend, { login }).to).toHaveLength(1);
  for (const backend of [piBackend, opencodeBackend, kiloBackend, geminiBackend]) {
    expect(copied(backend, {})).toMatchObject({ to: [], text: expect.not.stringContaining("oauth-personal") });
  }
});
