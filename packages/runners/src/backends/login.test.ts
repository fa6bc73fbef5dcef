import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { claudeBackend } from "./claude.ts";
import { loginSeed, requireLogins } from "./login.ts";

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
