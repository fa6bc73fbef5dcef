// The packed tarball, installed by pnpm, which builds no native module unless it is told to. It needs a registry.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { npmSettings } from "./installed-package.ts";

const root = resolve(import.meta.dirname, "../..");
const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
let folder = "";
let env: NodeJS.ProcessEnv = {};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "acp-pnpm-"));
  mkdirSync(join(folder, "home"));
  const packed = execFileSync(process.execPath, ["scripts/pack.mjs"], { cwd: root, encoding: "utf8", stdio: "pipe" });
  const tarball = packed.trim().split("\n").at(-1) ?? "";
  env = { ...npmSettings(), PATH: process.env.PATH, HOME: join(folder, "home"), LANG: "C.UTF-8", NO_COLOR: "1" };
  writeFileSync(join(folder, "package.json"), '{ "private": true }');
  // pnpm reads settings of npm's that are no secrets of it from the environment, too.
  execFileSync("npx", ["--yes", packageManager, "add", tarball], { cwd: folder, env, stdio: "pipe" });
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));

const acp = (...args: readonly string[]) =>
  spawnSync(join(folder, "node_modules/.bin/acp"), args, { cwd: folder, env, encoding: "utf8" });
const packageFolder = () => realpathSync(join(folder, "node_modules/agent-control-plane"));

it("says what is lacking and what to do while the native module was not built, and installs no such version", () => {
  expect(packageFolder()).toContain(".pnpm");
  expect(acp("--version").status).toBe(0);
  expect(JSON.parse(acp("version", "--json").stdout).native).not.toBe("loads");
  const synced = acp("sync");
  expect(synced.status).toBe(1);
  expect(synced.stderr).toMatch(/SQLite module does not load/);
  const used = acp("runtime", "pause", "--all");
  expect(used.stderr).not.toContain("not expected");
  expect(existsSync(join(folder, "home/.agent-runtime/runtime-home/current"))).toBe(false);
});

it("works once it is built, also from the copy that sync makes, when pnpm's folders are gone", () => {
  // What `pnpm approve-builds` would compile in a minute: the module of this workspace is of the same version.
  const native = createRequire(join(packageFolder(), "package.json")).resolve("better-sqlite3");
  const place = join(dirname(dirname(native)), "build/Release");
  mkdirSync(place, { recursive: true });
  const built = join(root, "packages/core/node_modules/better-sqlite3/build/Release/better_sqlite3.node");
  cpSync(built, join(place, "better_sqlite3.node"));
  expect(JSON.parse(acp("version", "--json").stdout)).toMatchObject({ native: "loads", source: "package" });
  const synced = JSON.parse(acp("sync", "--json").stdout);
  expect(synced).toMatchObject({ status: "installed" });
  rmSync(join(folder, "node_modules"), { recursive: true });
  const cli = join(folder, "home/.agent-runtime/runtime-home/current/node_modules/agent-control-plane/dist/cli.js");
  const ran = spawnSync(process.execPath, [cli, "demo", "--json"], { cwd: folder, env, encoding: "utf8" });
  expect(JSON.parse(ran.stdout)).toMatchObject({ ok: true });
}, 120_000);
