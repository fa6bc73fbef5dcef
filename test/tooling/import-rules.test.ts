import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

// Every import rule is shown to fire on a violation, and to let its allowed twin pass: a rule that never fires, or one
// that fires on everything, would look the same in a clean repository. All snippets are linted in one run.

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

type Case = readonly [path: string, code: string];
const rules: Record<string, { readonly forbidden: readonly Case[]; readonly allowed: readonly Case[] }> = {
  "sql-only-in-the-store": {
    forbidden: [
      ["packages/core/src/scheduler/a.ts", `import Database from "better-sqlite3";`],
      ["packages/core/src/scheduler/b.ts", `import type { Pool } from "pg";`],
      ["packages/runners/src/a.ts", `export const open = () => import("better-sqlite3");`],
      ["packages/cli/src/a.ts", `export type Row = import("pg").Pool;`],
      ["packages/reconcile/src/a.ts", `export { Pool } from "pg";`],
    ],
    allowed: [
      ["packages/core/src/store/a.ts", `import Database from "better-sqlite3";`],
      ["packages/local-forge/src/a.ts", `import Database from "better-sqlite3";`],
      ["packages/core/src/scheduler/b.test.ts", `import Database from "better-sqlite3";`],
      ["packages/core/src/scheduler/c.ts", `import { x } from "better-sqlite3-like";`],
    ],
  },
  "processes-only-in-runners": {
    forbidden: [["packages/cli/src/b.ts", `import { execa } from "execa";`]],
    allowed: [["packages/runners/src/b.ts", `import { execa } from "execa";`]],
  },
  "log-messages-are-constant": {
    forbidden: [
      ["packages/core/src/log-a.ts", `declare const n: number; log.warn(\`tick \${n} failed\`);`],
      ["packages/core/src/log-b.ts", `declare const n: number; project.log.error(\`tick \${n} failed\`, { n });`],
      ["packages/cli/src/log-c.ts", 'declare const n: number; log.info("tick " + n);'],
    ],
    allowed: [
      ["packages/core/src/log-d.ts", `declare const n: number; log.warn("tick failed", { n, text: \`\${n}\` });`],
      ["packages/core/src/log-e.ts", `declare const n: number; console.log(\`\${n}\`); log.info(n > 1 ? "a" : "b");`],
    ],
  },
  "octokit-only-in-github": {
    forbidden: [["packages/reconcile/src/outbox/a.ts", `import { Octokit } from "@octokit/rest";`]],
    allowed: [["packages/reconcile/src/github/a.ts", `import { Octokit } from "@octokit/rest";`]],
  },
  "commander-only-in-cli": {
    forbidden: [["packages/core/src/a.ts", `import { Command } from "commander";`]],
    allowed: [["packages/cli/src/c.ts", `import { Command } from "commander";`]],
  },
  "core-stays-inside": {
    forbidden: [
      ["packages/core/src/b.ts", `import { spawn } from "node:child_process";`],
      ["packages/core/src/c.ts", `import { request } from "node:http";`],
      ["packages/core/src/d.ts", `import net from "node:net";`],
      ["packages/core/src/store/b.ts", `import { run } from "@agent-control-plane/runners";`],
      ["packages/core/src/e.ts", `export const answer = () => fetch("http://127.0.0.1/");`],
    ],
    allowed: [
      ["packages/core/src/f.ts", `import { readFileSync } from "node:fs";`],
      ["packages/runners/src/c.ts", `import { spawn } from "node:child_process";`],
    ],
  },
  "domain-imports-nothing": {
    forbidden: [
      ["packages/core/src/domain/a.ts", `import type { Clock } from "../ports.ts";`],
      ["packages/core/src/domain/b.ts", `import { join } from "node:path";`],
      ["packages/core/src/domain/c.ts", `export * from "yaml";`],
    ],
    allowed: [
      ["packages/core/src/domain/d.ts", `import { z } from "zod";\nimport type { Task } from "./task.ts";`],
      ["packages/core/src/domain/d.test.ts", `import { expect } from "vitest";`],
    ],
  },
  "decide-imports-domain": {
    forbidden: [
      ["packages/core/src/decide/a.ts", `import type { Store } from "../store/store.ts";`],
      ["packages/core/src/decide/b.ts", `import { readFileSync } from "node:fs";`],
    ],
    allowed: [
      [
        "packages/core/src/decide/c.ts",
        `import type { Task } from "../domain/task.ts";\nimport { order } from "./order.ts";`,
      ],
    ],
  },
  "decide-parts-import-decide": {
    forbidden: [
      ["packages/core/src/decide/issue/a.ts", `import type { Store } from "../../store/store.ts";`],
      ["packages/core/src/decide/issue/b.ts", `import { systemClock } from "../../clock.ts";`],
    ],
    allowed: [
      [
        "packages/core/src/decide/issue/c.ts",
        `import type { Task } from "../../domain/task.ts";\nimport { order } from "../room/order.ts";\nimport { trustOf } from "../trust.ts";`,
      ],
    ],
  },
  "decisions-are-pure": {
    forbidden: [
      ["packages/core/src/decide/d.ts", "export const chance = () => Math.random();"],
      ["packages/core/src/domain/e.ts", "export const home = () => process.env.HOME;"],
      ["packages/core/src/decide/e.ts", `export const say = () => console.log("decided");`],
    ],
    allowed: [["packages/core/src/scheduler/d.ts", "export const chance = () => Math.random();"]],
  },
  "packages-by-name": {
    forbidden: [
      ["packages/cli/src/d.ts", `import { x } from "../../core/src/index.ts";`],
      ["packages/cli/test/store/a.test.ts", `import { x } from "../../../core/src/index.ts";`],
      ["packages/cli/src/e.ts", `import { x } from "@agent-control-plane/core/src/index.ts";`],
    ],
    allowed: [
      ["packages/cli/src/f.ts", `import { x } from "@agent-control-plane/core";`],
      ["packages/core/test/store/a.test.ts", `import { x } from "../../src/index.ts";`],
    ],
  },
  "shells-do-not-meet": {
    forbidden: [
      ["packages/runners/src/d.ts", `import { x } from "@agent-control-plane/reconcile";`],
      ["packages/reconcile/src/b.ts", `import { x } from "@agent-control-plane/runners";`],
      ["packages/dashboard/src/a.ts", `import { x } from "@agent-control-plane/cli";`],
    ],
    allowed: [
      ["packages/cli/src/g.ts", `import { x } from "@agent-control-plane/runners";`],
      ["packages/runners/src/e.ts", `import { x } from "@agent-control-plane/core";`],
    ],
  },
  "testkit-only-in-tests": {
    forbidden: [["packages/cli/src/h.ts", `import { x } from "@agent-control-plane/testkit";`]],
    allowed: [["packages/cli/src/h.test.ts", `import { x } from "@agent-control-plane/testkit";`]],
  },
  "clock-only-in-clock": {
    forbidden: [
      ["packages/core/src/g.ts", "export const now = () => Date.now();"],
      ["packages/core/src/h.ts", "export const now = Date.now;"],
      ["packages/runners/src/f.ts", "export const now = () => new Date();"],
      ["packages/cli/src/i.ts", "export const now = () => new Date;"],
      ["packages/core/src/scheduler/e.ts", "export const now = () => globalThis.Date.now();"],
    ],
    allowed: [
      ["packages/core/src/clock.ts", "export const now = () => Date.now();"],
      ["packages/core/src/i.ts", "export const day = (at: number) => new Date(at).toISOString();"],
      ["packages/local-forge/src/b.ts", "export const now = () => new Date();"],
      ["packages/core/test/store/b.test.ts", "export const now = () => Date.now();"],
    ],
  },
  "exit-only-in-main": {
    forbidden: [
      ["packages/cli/src/commands/a.ts", "export const leave = () => process.exit(1);"],
      ["packages/runners/src/g.ts", "export const leave = process.exit;"],
    ],
    allowed: [
      ["packages/cli/src/main.ts", "process.exit(0);"],
      ["packages/cli/src/entries/session-wrapper.ts", "process.exit(0);"],
      ["packages/cli/src/commands/b.ts", "process.exitCode = 1;"],
    ],
  },
};

let place = "";
const complaints = new Map<string, string>();

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), "acp-import-rules-"));
  cpSync(join(root, "biome.json"), join(place, "biome.json"));
  cpSync(join(root, "lint"), join(place, "lint"), { recursive: true });
  for (const { forbidden, allowed } of Object.values(rules)) {
    for (const [path, code] of [...forbidden, ...allowed]) {
      expect(complaints.has(path), `two snippets share ${path}`).toBe(false);
      complaints.set(path, "");
      mkdirSync(dirname(join(place, path)), { recursive: true });
      writeFileSync(join(place, path), `${code}\n`);
    }
  }
  for (const { path, message } of await lint(place)) complaints.set(path, `${complaints.get(path) ?? ""}${message}\n`);
});

afterAll(() => rmSync(place, { recursive: true, force: true }));

describe.each(Object.entries(rules))("%s", (rule, { forbidden, allowed }) => {
  it.each(forbidden)("refuses in %s: %s", (path) => {
    expect(complaints.get(path)).toContain(messageOf(rule));
  });

  it.each(allowed)("lets pass in %s: %s", (path) => {
    expect(complaints.get(path)).toBe("");
  });
});

it("has a case for every rule in lint/ and every rule is switched on", () => {
  const { plugins } = JSON.parse(readFileSync(join(root, "biome.json"), "utf8"));
  const names = plugins.map(({ path }: { path: string }) => path.replace(/^\.\/lint\/(.+)\.grit$/, "$1"));
  expect(names.sort()).toEqual(Object.keys(rules).sort());
});

function messageOf(rule: string): string {
  const source = readFileSync(join(root, "lint", `${rule}.grit`), "utf8");
  const message = /message\s*=\s*"([^"]+)"/.exec(source)?.[1];
  if (!message) throw new Error(`lint/${rule}.grit has no message`);
  return message;
}

function lint(folder: string): Promise<{ path: string; message: string }[]> {
  const biome = join(root, "node_modules/@biomejs/biome/bin/biome");
  const args = [
    biome,
    "lint",
    "--only=plugin",
    "--vcs-enabled=false",
    "--reporter=json",
    "--max-diagnostics=none",
    ".",
  ];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: folder, maxBuffer: 1 << 26 }, (_error, stdout, stderr) => {
      try {
        resolve(JSON.parse(stdout).diagnostics.map(toComplaint));
      } catch (cause) {
        reject(new Error(`biome gave no report: ${stderr || stdout}`, { cause }));
      }
    });
  });
}

function toComplaint(diagnostic: { location: { path: string }; message: string }): { path: string; message: string } {
  return { path: diagnostic.location.path, message: diagnostic.message };
}
