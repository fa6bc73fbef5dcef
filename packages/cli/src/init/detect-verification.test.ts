import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { detectVerification } from "./detect-verification.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "acp-detect-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const tested = `{ "scripts": { "test": "x" }, "devDependencies": { "a": "1" } }`;

it.each<readonly [string, Readonly<Record<string, string>>, string | null, readonly string[]]>([
  ["pnpm", { "package.json": tested, "pnpm-lock.yaml": "" }, "pnpm", ["pnpm install --frozen-lockfile", "pnpm test"]],
  ["npm", { "package.json": tested, "package-lock.json": "" }, "npm", ["npm ci", "npm test"]],
  ["bun", { "package.json": tested, "bun.lock": "" }, "bun", ["bun install --frozen-lockfile", "bun run test"]],
  ["npm without a test", { "package.json": "{}" }, "npm", []],
  ["make", { Makefile: "build:\n\ttrue\ntest: build\n\ttrue\n" }, "make", ["make test"]],
  ["make, check", { Makefile: "tests := 1\ncheck:\n\ttrue\n" }, "make", ["make check"]],
  ["make without a test", { Makefile: "test := 1\nall:\n" }, null, []],
  ["cargo", { "Cargo.toml": "", "Cargo.lock": "" }, "cargo", ["cargo test --locked"]],
  ["go", { "go.mod": "module x" }, "go", ["go test ./..."]],
  ["pytest", { "pyproject.toml": "[tool.pytest.ini_options]" }, "pip", ["python3 -m pytest"]],
  ["uv", { "pyproject.toml": 'dev = ["pytest>=8"]', "uv.lock": "" }, "uv", ["uv run --frozen pytest"]],
  [
    "poetry",
    { "pyproject.toml": "[tool.pytest]", "poetry.lock": "" },
    "poetry",
    ["poetry install", "poetry run pytest"],
  ],
  ["python without pytest", { "pyproject.toml": "[project]" }, "pip", []],
  [
    "node without a test beside a Makefile with one",
    { "package.json": "{}", Makefile: "test:\n" },
    "make",
    ["make test"],
  ],
  ["nothing known", { "README.md": "" }, null, []],
])("knows the checks of a project with %s", (_, files, packageManager, commands) => {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  const found = detectVerification(root);
  expect(found.packageManager).toBe(packageManager);
  expect(found.commands.map(({ command }) => command)).toEqual(commands);
});
