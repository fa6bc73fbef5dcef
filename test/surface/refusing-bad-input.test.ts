// Acceptance: bad input gets a clear error with the right exit code, nothing is written and nothing is left running.
import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openStore, storePath } from "@agent-control-plane/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runHere } from "../../packages/cli/test/support/in-process.ts";
import { installProfile, makeProduct, type Product, until } from "../support/product.ts";
import { daemonsOf, treeOf } from "./observing.ts";

let product: Product;
beforeEach(() => {
  product = makeProduct();
});
afterEach(() => product.close());

const profileFile = () => join(product.home, "control-plane", "profiles", "web", "control-plane.yaml");
const secretsFile = () => join(product.home, "control-plane", "profiles", "web", "secrets.env");

/** Commands that need a whole profile. */
const workingCommands = [
  ["runtime", "start"],
  ["runtime", "tick"],
  ["runtime", "restart"],
  ["why", "1"],
  ["issue", "list"],
] as const;

describe("a broken profile", () => {
  const spoiled = [
    [
      "broken YAML",
      (text: string) => `${text}\nqueue: [unclosed`,
      /control-plane\.yaml:\d+.*queue|control-plane\.yaml:\d+/,
    ],
    [
      "an unknown key",
      (text: string) => text.replace("max_concurrent_workers", "max_concurent_workers"),
      /max_concurent_workers.*max_concurrent_workers/s,
    ],
    [
      "a wrong type",
      (text: string) => text.replace("max_concurrent_workers: 2", "max_concurrent_workers: many"),
      /limits\.max_concurrent_workers.*many/s,
    ],
  ] as const;
  for (const [what, spoil, names] of spoiled) {
    it(`with ${what} is refused by every command that needs it, with file, line and key; status counts it`, async () => {
      await initWithoutForge();
      writeFileSync(profileFile(), spoil(readFileSync(profileFile(), "utf8")));
      const before = treeOf(product.home);
      for (const command of workingCommands) {
        const ran = await acpHere(...command);
        expect([command, ran.code, ran.stdout]).toEqual([command, 2, expect.any(String)]);
        expect(ran.stderr + ran.stdout).toMatch(names);
        expect(ran.stderr + ran.stdout).toContain(profileFile());
      }
      const status = await product.acp("runtime", "status");
      expect(status).toMatchObject({ code: 0, stdout: expect.stringMatching(/stopped {2}\d+ problem/) });
      expect(treeOf(product.home)).toEqual(before);
      expect(daemonsOf(product)).toEqual([]);
    });
  }
});

it("an id that is a path is refused by every command, and nothing is looked up outside", async () => {
  for (const command of [
    ["init", "--repo-slug", "ann/web"],
    ["runtime", "start"],
    ["runtime", "status"],
    ["runtime", "tick"],
    ["why", "1"],
    ["profile", "show"],
  ]) {
    const ran = await acpHere(...command, "--profile-id", "../../web");
    expect([command, ran.code]).toEqual([command, 2]);
    expect(ran.stderr).toContain('"../../web" is not valid: expected 1 to 40 lower-case letters, digits and hyphens');
  }
  expect(existsSync(product.home)).toBe(false);
});

describe("a missing repository", () => {
  it("on this machine is named before anything is written", async () => {
    const ran = await product.acp("init", "--profile-id", "web", "--repo-root", join(product.folder, "nowhere"));
    expect(ran).toMatchObject({ code: 2, stdout: "" });
    expect(ran.stderr).toContain(`--repo-root ${join(product.folder, "nowhere")} is not there`);
    expect(existsSync(product.home)).toBe(false);
  });

  it("on the forge keeps the runtime from starting", async () => {
    await installProfile(product, { shellCommand: "true" });
    product.configure("web", { "repo.slug": "ann/elsewhere" });
    const ran = await product.acp("runtime", "start");
    expect(ran).toMatchObject({ code: 1, stdout: "" });
    expect(ran.stderr).toContain('The runtime was not started: profile "web": GET /api/v3/repos/ann/elsewhere');
    expect(ran.stderr).toContain("found nothing (404");
    expect(daemonsOf(product)).toEqual([]);
  });
});

describe("a token", () => {
  it("that is wrong keeps the runtime from starting and says where it stands and how to replace it", async () => {
    await installProfile(product, { shellCommand: "true" });
    await product.json("issue", "create", "--title", "Work", "--label", "agent-ready");
    const right = readFileSync(secretsFile(), "utf8");
    writeFileSync(secretsFile(), "GITHUB_TOKEN=ghp_wrongwrongwrong\n");

    const started = await product.acp("runtime", "start");
    expect(started).toMatchObject({ code: 1, stdout: "" });
    expect(started.stderr).toContain('The runtime was not started: profile "web"');
    expect(started.stderr).toContain(
      "(401: Bad credentials). The token from secrets file is wrong, expired or revoked",
    );
    expect(started.stderr).not.toContain("ghp_wrong");
    expect(daemonsOf(product)).toEqual([]);
    expect((await product.json<{ sessions: [] }>("sessions", "list", "--all")).sessions).toEqual([]);

    // The twin: with the right one it starts.
    writeFileSync(secretsFile(), right);
    expect(await product.json("runtime", "start")).toMatchObject({ status: "started" });
    expect(daemonsOf(product)).toHaveLength(1);
  });

  it("that is wrong for one of several profiles does not keep the others waiting, and the exit code tells", async () => {
    await installProfile(product, { id: "web", shellCommand: "true" });
    await installProfile(product, { id: "docs", shellCommand: "true" });
    writeFileSync(secretsFile(), "GITHUB_TOKEN=ghp_wrongwrongwrong\n");
    const started = await product.acp("runtime", "start", "--all");
    expect(started).toMatchObject({ code: 1, stdout: expect.stringMatching(/^running, pid \d+: docs, web/) });
    expect(started.stderr).toMatch(/^warning: web: .*\(401: Bad credentials\)/);
    expect(started.stderr).not.toContain("docs:");
    expect((await product.acp("runtime", "status")).stdout).toMatch(/web {2}ready.*\n {2}forge-refused: GET .*401/);
  });
});

it("a forge that is away is waited for: the runtime starts, says so, and goes on when it comes back", async () => {
  await installProfile(product, { shellCommand: "echo text > note.txt" });
  await product.json("issue", "create", "--title", "Work", "--label", "agent-ready");
  const { url } = product.forge();
  product.configure("web", { "forge.api_url": `${url}/api/v3`, "forge.git_url": url });
  await product.acp("forge", "stop");

  const started = await product.acp("runtime", "start");
  expect(started.code).toBe(0);
  expect(started.stdout).toMatch(/^running, pid \d+: web/);
  expect(started.stderr).toContain(`ECONNREFUSED`);
  expect(started.stderr).toContain(`Is ${url} the right API URL, and is it up?`);
  const status = await product.acp("runtime", "status");
  expect(status.stdout).toContain("forge-unreachable");
  const asked = await product.acp("issue", "list");
  expect(asked).toMatchObject({ code: 1, stdout: "" });
  expect(asked.stderr).toContain("the right API URL, and is it up?");

  await product.json("forge", "start");
  expect(product.forge().url).toBe(url);
  await until("the pull request", async () => {
    const { pullRequests } = await product.json<{ pullRequests: unknown[] }>("pr", "list");
    return pullRequests.length === 1;
  });
  expect((await product.acp("runtime", "status")).stdout).not.toContain("forge-unreachable");
});

describe("a database file", () => {
  const database = () => storePath(product.home);
  // Out of the way of the clean-up, which opens it too.
  afterEach(() => rmSync(database(), { force: true }));
  const spoiled = [
    [
      "that is garbage",
      () => writeFileSync(database(), "this is no database at all\n".repeat(200)),
      "is not an SQLite database",
    ],
    [
      "that is cut short",
      () => truncateSync(database(), Math.floor(lstatSync(database()).size / 2 / 4096) * 4096 + 100),
      "is damaged",
    ],
    [
      "of a newer version",
      () => sql("insert into migrations (number, name, applied_at) values (9999, 'from-the-future', 0)"),
      "has schema version 9999; this program knows versions up to",
    ],
  ] as const;
  const sql = (text: string) => {
    const program = `const D = require("better-sqlite3"); const d = new D(process.argv[1]); d.pragma("journal_mode = delete"); d.exec(process.argv[2]); d.close()`;
    execFileSync(process.execPath, ["-e", program, database(), text], {
      cwd: join(import.meta.dirname, "../../packages/core"),
    });
  };
  for (const [what, spoil, says] of spoiled) {
    it(`${what} is refused by every command that needs it, and left as it is`, async () => {
      await initWithoutForge();
      const store = await openStore({ path: database() });
      await store.close();
      spoil();
      const bytes = readFileSync(database());
      for (const command of [
        ["runtime", "start"],
        ["runtime", "tick"],
        ["runtime", "status"],
        ["why", "1"],
        ["outbox", "list"],
      ]) {
        const ran = await acpHere(...command);
        expect([command, ran.code, ran.stdout]).toEqual([command, 2, ""]);
        expect(ran.stderr).toContain(database());
        expect(ran.stderr).toContain(says);
        expect(ran.stderr.toLowerCase()).toContain("nothing was written to it");
      }
      expect(readFileSync(database()).equals(bytes)).toBe(true);
      expect(daemonsOf(product)).toEqual([]);
    });
  }
});

/** In this process: each of the tables would start a dozen of its own. */
const acpHere = (...args: readonly string[]) => runHere(args, { env: product.env, cwd: product.folder });

/** A profile that these tests never come to use. */
async function initWithoutForge(): Promise<void> {
  const ran = await acpHere("init", "--profile-id", "web", "--repo-slug", "ann/web", "--shell-command", "true");
  if (ran.code !== 0) throw new Error(ran.stderr);
}
