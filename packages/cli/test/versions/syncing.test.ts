// Versions in the runtime home: installed whole or not at all, switched in one step, never changed afterwards.
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@agent-control-plane/testkit";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { currentVersion, installedVersions, pathOfCurrentCli } from "../../src/versions/installed-versions.ts";
import { cliIn, currentLink, versionsFolder } from "../../src/versions/places.ts";
import { pruneVersions } from "../../src/versions/prune-versions.ts";
import { rollBack } from "../../src/versions/roll-back.ts";
import { readPackage } from "../../src/versions/running-package.ts";
import { askVersion } from "../../src/versions/stage-version.ts";
import { syncVersion } from "../../src/versions/sync-version.ts";
import { treeOf } from "../support/tree.ts";
import { type SmallPackage, smallPackage } from "./small-package.ts";
import { Database, noteIn, storeOf } from "./store-of-schema.ts";

const aHome = () => join(temporaryFolder(), "home");
let now = 1_000_000;

function sync(home: string, place: string, dryRun = false) {
  now += 1000;
  return syncVersion({ home, from: readPackage(place, home), now, dryRun });
}

/** Installs packages of these versions, in this order. */
async function homeWith(...made: readonly (string | SmallPackage)[]): Promise<string> {
  const home = aHome();
  for (const each of made)
    await sync(home, smallPackage(temporaryFolder(), typeof each === "string" ? { version: each } : each));
  return home;
}

const ids = (home: string) => installedVersions(home).map(({ id }) => id);
const rollback = (home: string, more: { to?: string; restoreStore?: boolean; dryRun?: boolean } = {}) =>
  rollBack({ home, to: undefined, restoreStore: false, dryRun: false, now, ...more });

describe("sync", () => {
  it.each(["npm", "pnpm"] as const)(
    "copies what the program needs from where %s put it, and it runs when that is gone",
    async (layout) => {
      const [home, cache] = [aHome(), join(temporaryFolder(), "_npx/0a1b")];
      const place = smallPackage(cache, { version: "1.0.0" }, layout);
      expect(readPackage(place, home).kind).toBe("npx-cache");
      expect(await sync(home, place)).toMatchObject({ status: "installed", id: "1.0.0", before: null });
      rmSync(cache, { recursive: true });
      const current = currentVersion(home);
      expect(current).toMatchObject({
        version: "1.0.0",
        storeSchema: 4,
        problem: null,
        node: { path: process.execPath },
      });
      expect(await askVersion(current?.folder ?? "", { path: process.execPath, version: "" })).toMatchObject({
        version: "1.0.0",
      });
      expect(pathOfCurrentCli(home)).toBe(cliIn(currentLink(home)));
      const kept = Object.keys(treeOf(current?.folder ?? "")).join("\n");
      expect(kept).toContain("better-sqlite3/build/Release/better_sqlite3.node");
      for (const absent of ["types", "/deps", "obj.target"]) expect(kept).not.toContain(absent);
    },
  );

  it("needs no program but Node: with nothing on PATH it copies all the same", async () => {
    const home = aHome();
    const place = smallPackage(temporaryFolder(), { version: "1.0.0" });
    vi.stubEnv("PATH", "");
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await sync(home, place)).toMatchObject({ status: "installed", id: "1.0.0" });
    expect(readFileSync(pathOfCurrentCli(home) ?? "", "utf8")).toBe(readFileSync(join(place, "dist/cli.js"), "utf8"));
  });

  it("a second time, whatever the times of the files say, changes nothing", async () => {
    const home = aHome();
    const place = smallPackage(temporaryFolder(), { version: "1.0.0" });
    await sync(home, place);
    const before = treeOf(home);
    utimesSync(join(place, "dist/cli.js"), 1, 1);
    expect(await sync(home, place)).toMatchObject({ status: "unchanged", id: "1.0.0", before: "1.0.0" });
    expect(treeOf(home)).toEqual(before);
  });

  it("from inside the runtime home is unchanged, and never publishes onto itself", async () => {
    const home = await homeWith("1.0.0", "1.1.0");
    const before = treeOf(home);
    for (const id of ["1.0.0", "1.1.0"]) {
      const place = join(versionsFolder(home), id, "node_modules/agent-control-plane");
      expect(await sync(home, place)).toMatchObject({ status: "unchanged", id, before: "1.1.0" });
    }
    expect(await sync(home, join(currentLink(home), "node_modules/agent-control-plane"))).toMatchObject({
      status: "unchanged",
    });
    expect(treeOf(home)).toEqual(before);
  });

  it("puts other content of one version beside it and leaves the first as it is", async () => {
    const home = await homeWith("1.0.0");
    const first = treeOf(join(versionsFolder(home), "1.0.0"));
    const other = smallPackage(temporaryFolder(), { version: "1.0.0", text: "mended" });
    const synced = await sync(home, other);
    expect(synced).toMatchObject({ status: "installed", because: "other-content", version: "1.0.0" });
    expect(synced.id).toMatch(/^1\.0\.0\+[0-9a-f]{8}$/);
    expect(await sync(home, other)).toMatchObject({ status: "unchanged", id: synced.id });
    expect(treeOf(join(versionsFolder(home), "1.0.0"))).toEqual(first);
    expect(currentVersion(home)).toMatchObject({ id: synced.id, version: "1.0.0" });
  });

  it("a version that lost a file is installed anew beside it", async () => {
    const home = aHome();
    const place = smallPackage(temporaryFolder(), { version: "1.0.0" });
    await sync(home, place);
    rmSync(join(versionsFolder(home), "1.0.0/node_modules/better-sqlite3/lib/index.js"));
    expect(await sync(home, place)).toMatchObject({ status: "installed", because: "other-content" });
  });

  it("--dry-run says the same and writes nothing", async () => {
    const home = aHome();
    const place = smallPackage(temporaryFolder(), { version: "1.0.0" });
    expect(await sync(home, place, true)).toMatchObject({ status: "installed", id: "1.0.0", dryRun: true });
    expect(existsSync(home)).toBe(false);
  });

  it.each([
    [
      "that does not start",
      { version: "2.0.0" },
      "throw new Error('broken build');",
      /does not run with Node.*broken build/s,
    ],
    [
      "whose native module does not load",
      { version: "2.0.0", native: "wrong NODE_MODULE_VERSION" },
      null,
      /SQLite module does not load: wrong NODE/,
    ],
    [
      "that says another version",
      { version: "2.0.0" },
      `console.log('{"version":"3.0.0","storeSchema":1,"native":"loads"}')`,
      /says version 3\.0\.0/,
    ],
  ] as const)("a package %s is not installed, and the old version stays current", async (_, made, program, words) => {
    const home = await homeWith("1.0.0");
    const place = smallPackage(temporaryFolder(), made);
    if (program) writeFileSync(join(place, "dist/cli.js"), program);
    const before = treeOf(home);
    const failure = await sync(home, place).catch(String);
    expect(failure).toMatch(words);
    expect(failure).toContain("1.0.0 is current, as before");
    expect(treeOf(home)).toEqual(before);
  });

  it.each([
    ["a missing dependency", (place: string) => rmSync(join(place, "../better-sqlite3"), { recursive: true })],
    ["a missing program", (place: string) => rmSync(join(place, "dist/cli.js"))],
    ["a package.json that is none", (place: string) => writeFileSync(join(place, "package.json"), "{")],
  ])("a source with %s changes nothing", async (_, harm) => {
    const home = await homeWith("1.0.0");
    const place = smallPackage(temporaryFolder(), { version: "2.0.0" });
    harm(place);
    const before = treeOf(home);
    await expect(async () => sync(home, place)).rejects.toThrow();
    expect(treeOf(home)).toEqual(before);
  });

  // A link to itself cannot be read by anybody, root included.
  it("an unreadable source changes nothing and is explained", async () => {
    const home = await homeWith("1.0.0");
    const place = smallPackage(temporaryFolder(), { version: "2.0.0" });
    symlinkSync("part.js", join(place, "dist/part.js"));
    expect(await sync(home, place).catch(String)).toMatch(/was not installed: ELOOP.*1\.0\.0 is current, as before/s);
    expect(ids(home)).toEqual(["1.0.0"]);
    expect(currentVersion(home)?.id).toBe("1.0.0");
  });

  it("two at once both end well, of one version and of two", async () => {
    const home = await homeWith("1.0.0");
    const [second, third] = ["2.0.0", "3.0.0"].map((version) => smallPackage(temporaryFolder(), { version }));
    await Promise.all([second, second, third].map((place) => sync(home, place ?? "")));
    expect(ids(home).toSorted()).toEqual(["1.0.0", "2.0.0", "3.0.0"]);
    expect(currentVersion(home)?.id).toMatch(/^[23]/);
    expect(readdirSync(versionsFolder(home))).toHaveLength(3);
  });
});

describe("rollback", () => {
  it("goes back to the version before, and from there forth again", async () => {
    const home = await homeWith("1.0.0", "1.1.0", "1.2.0");
    expect(await rollback(home, { dryRun: true })).toMatchObject({ from: "1.2.0", to: "1.1.0", dryRun: true });
    expect(currentVersion(home)?.id).toBe("1.2.0");
    expect(await rollback(home)).toMatchObject({ status: "switched", from: "1.2.0", to: "1.1.0" });
    expect(await rollback(home)).toMatchObject({ from: "1.1.0", to: "1.2.0" });
    expect(await rollback(home, { to: "1.0.0" })).toMatchObject({ to: "1.0.0" });
    expect(await rollback(home, { to: "1.0.0" })).toMatchObject({ status: "unchanged" });
    expect(currentVersion(home)?.id).toBe("1.0.0");
  });

  it("refuses what is not there, and says what is", async () => {
    const home = await homeWith("1.0.0");
    await expect(rollback(home)).rejects.toThrow(/no version to go back to. Installed: 1.0.0/);
    await expect(rollback(home, { to: "9.9.9" })).rejects.toMatchObject({
      exitCode: 66,
      message: expect.stringMatching(/9.9.9 is not installed. Installed: 1.0.0/),
    });
  });

  it("refuses a version that does not run any more", async () => {
    const home = await homeWith("1.0.0", "1.1.0");
    rmSync(join(versionsFolder(home), "1.0.0/node_modules/better-sqlite3/lib"), { recursive: true });
    await expect(rollback(home)).rejects.toThrow(/1\.0\.0 does not run with Node/);
    expect(currentVersion(home)?.id).toBe("1.1.0");
  });

  it("refuses a version that does not know the store's schema, and with --restore-store takes the copy from before", async () => {
    const home = await homeWith({ version: "1.0.0", storeSchema: 4 }, { version: "2.0.0", storeSchema: 5 });
    storeOf(home, "state/control-plane.db", 5, "after");
    await expect(rollback(home)).rejects.toThrow(/schema version 5; version 1.0.0 works with 4.*no copy of the store/s);
    storeOf(home, "backups/control-plane-4-20260101T000000.000Z.db", 4, "before");
    await expect(rollback(home)).rejects.toThrow(
      /The copy from before that upgrade is .*control-plane-4-.*--restore-store/s,
    );
    expect(currentVersion(home)?.id).toBe("2.0.0");
    expect(noteIn(join(home, "state/control-plane.db"))).toBe("after");

    const done = await rollback(home, { restoreStore: true });
    expect(done).toMatchObject({ to: "1.0.0", restoredFrom: expect.stringContaining("control-plane-4-") });
    expect(noteIn(join(home, "state/control-plane.db"))).toBe("before");
    expect(noteIn(done.keptStore ?? "")).toBe("after");
    expect(currentVersion(home)?.id).toBe("1.0.0");
  });

  it("does not touch a store that a process has open", async () => {
    const home = await homeWith({ version: "1.0.0", storeSchema: 4 }, { version: "2.0.0", storeSchema: 5 });
    storeOf(home, "state/control-plane.db", 5, "after");
    storeOf(home, "backups/control-plane-4-20260101T000000.000Z.db", 4, "before");
    const open = new Database(join(home, "state/control-plane.db"));
    onTestFinished(() => void open.close());
    open.exec("pragma journal_mode = wal; select * from note");
    await expect(rollback(home, { restoreStore: true })).rejects.toThrow(/was not set back.*runtime stop --all/s);
    expect(currentVersion(home)?.id).toBe("2.0.0");
    expect(open.prepare("select text from note").pluck().get()).toBe("after");
  });
});

describe("prune", () => {
  it("keeps current, previous and what a process runs from, and nothing else", async () => {
    const home = await homeWith("1.0.0", "1.1.0", "1.2.0", "1.3.0");
    mkdirSync(join(versionsFolder(home), "mine"));
    const script = join(versionsFolder(home), "1.0.0/wait.mjs");
    writeFileSync(script, "console.log('up'); setInterval(() => {}, 1000);");
    const child = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "ignore"] });
    onTestFinished(() => void child.kill("SIGKILL"));
    await new Promise((up) => child.stdout.once("data", up));

    const planned = await pruneVersions(home, null, true);
    expect(planned.removed).toEqual(["1.1.0"]);
    expect(ids(home)).toHaveLength(4);
    expect(await pruneVersions(home, null, false)).toMatchObject({ removed: ["1.1.0"] });
    expect(planned.kept).toEqual([
      { id: "1.3.0", because: "current" },
      { id: "1.2.0", because: "previous" },
      { id: "1.0.0", because: `process ${child.pid} runs from it` },
    ]);
    child.kill("SIGKILL");
    await new Promise((gone) => child.once("exit", gone));
    expect(await pruneVersions(home, null, false)).toMatchObject({ removed: ["1.0.0"] });
    expect(readdirSync(versionsFolder(home)).sort()).toEqual(["1.2.0", "1.3.0", "mine"]);
  });
});

it("says that the Node a version was installed for is not there any more, or is another one now", async () => {
  const home = await homeWith("1.0.0", "1.1.0");
  const change = (id: string, node: object) => {
    const file = join(versionsFolder(home), id, "manifest.json");
    const manifest = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(file, JSON.stringify({ ...manifest, node: { ...manifest.node, ...node } }));
  };
  change("1.0.0", { path: "/nowhere/node" });
  change("1.1.0", { abi: "1" });
  expect(installedVersions(home).map(({ problem }) => problem)).toEqual([
    expect.stringMatching(/was installed for Node .*ABI 1\), and .* is .*\(ABI \d+\) now/),
    expect.stringMatching(/was at \/nowhere\/node and is not there/),
  ]);
});
