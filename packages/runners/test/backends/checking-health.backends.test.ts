import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
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
} from "../../src/backends/index.ts";
import { type CliName, installedCli } from "./clis.ts";

const root = mkdtempSync(join(tmpdir(), "acp-health-clis-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A file as the program's own login writes it, with nothing real in it. */
const keys = JSON.stringify({ anthropic: { type: "api", key: "made-up" } });
const piKeys = JSON.stringify({ anthropic: { type: "api_key", key: "made-up" } });
const codexKeys = JSON.stringify({ OPENAI_API_KEY: "made-up" });
const googles = JSON.stringify({ access_token: "made-up", refresh_token: "made-up" });
const claudes = JSON.stringify({
  claudeAiOauth: {
    accessToken: "made-up",
    refreshToken: "made-up",
    expiresAt: 4_000_000_000_000,
    scopes: ["user:inference"],
  },
});

const model = "anthropic/claude-opus-5";
const rows: readonly (readonly [CliName, Backend, object, readonly [string, string] | null])[] = [
  ["claude", claudeBackend, {}, [".credentials.json", claudes]],
  ["codex", codexBackend, {}, ["auth.json", codexKeys]],
  ["gemini", geminiBackend, {}, ["oauth_creds.json", googles]],
  ["pi", piBackend, { model }, ["auth.json", piKeys]],
  ["opencode", opencodeBackend, { model }, ["auth.json", keys]],
  ["kilo", kiloBackend, { model }, ["auth.json", keys]],
  ["openclaw", openclawBackend, { model }, null],
];

describe("the health of the real program", () => {
  test.each(rows)("%s", { timeout: 300_000 }, async (name, backend, own, login) => {
    const cli = await installedCli(name);
    if ("missing" in cli) throw new Error(cli.missing);
    const check = (more: object) =>
      checkHealth({
        backend,
        settings: backend.settings.parse({ file: cli.file, ...own, ...more }),
        env: { PATH: cli.path },
      });
    const asked = { modelState: "model" in own && name !== "openclaw" ? "listed" : "not-checked", isTested: true };
    if (!login) return expect(await check({})).toMatchObject({ ...asked, ok: true, login: "unknown" });
    expect(await check({})).toMatchObject({ ok: false, login: "none", isTested: true, modelState: "not-checked" });
    const folder = join(root, name);
    mkdirSync(folder);
    writeFileSync(join(folder, login[0]), login[1]);
    expect(await check({ login: folder })).toMatchObject({ ...asked, ok: true, login: "login", problem: null });
    if (asked.modelState === "not-checked") return;
    expect(await check({ login: folder, model: "anthropic/nothing-like-it" })).toMatchObject({
      modelState: "not-listed",
    });
  });
});
