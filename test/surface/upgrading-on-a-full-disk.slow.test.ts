// A disk that is full while a version is installed, the database is copied for an upgrade, or room is made: the old version
// goes on working, nothing is half done, and what is said is clear. On a small tmpfs, which only root may mount.
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readlinkSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { installProfile, makeProduct, type Product, type Ran, until } from "../support/product.ts";
import { buildOf } from "../upgrade/several-builds.ts";
import { daemonsOf, treeOf } from "./observing.ts";
import { canMount, fillDisk, freeDisk, mountHome, unmountHome } from "./small-disk.ts";

describe.skipIf(!canMount())("on a full disk", () => {
  let product: Product;
  beforeEach(() => {
    product = makeProduct();
    mountHome(product, 64);
  });
  afterEach(async () => {
    freeDisk(product);
    await run(current(), "runtime", "stop", "--all");
    await run(current(), "forge", "stop");
    const left = daemonsOf(product);
    unmountHome(product);
    await product.close();
    expect(left).toEqual([]);
  }, 120_000);

  function run(cli: string, ...args: readonly string[]): Promise<Ran> {
    return new Promise((done) => {
      execFile(process.execPath, [cli, ...args], { env: product.env, cwd: product.folder }, (error, stdout, stderr) =>
        done({ code: error ? (typeof error.code === "number" ? error.code : 1) : 0, stdout, stderr }),
      );
    });
  }

  async function well(cli: string, ...args: readonly string[]): Promise<Record<string, unknown>> {
    const ran = await run(cli, ...args, "--json");
    expect([args, ran.code, ran.stderr]).toEqual([args, 0, ran.stderr]);
    return JSON.parse(ran.stdout);
  }

  async function fails(cli: string, ...args: readonly string[]): Promise<string> {
    const ran = await run(cli, ...args);
    expect([args, ran.code, ran.stdout]).toEqual([args, 1, ran.stdout]);
    expect(ran.stderr).toMatch(/no space left|disk is full/i);
    expect(ran.stderr).not.toMatch(/not expected|\n +at /);
    return ran.stderr;
  }

  const runtimeFolder = () => join(product.home, "runtime-home");
  const current = () => join(runtimeFolder(), "current/node_modules/agent-control-plane/dist/cli.js");
  const linked = () => readlinkSync(join(runtimeFolder(), "current"));
  const build = (name: string, version: string, more = {}) => buildOf(join(product.folder, name), version, more);

  it("a version is installed whole or not at all, a rollback switches or does not, and the old one works", async () => {
    const [a, b] = [build("a", "0.1.0"), build("b", "0.2.0")];
    await well(a, "sync");
    const before = treeOf(runtimeFolder());
    // Not a byte; some of the files; all of them but the last.
    for (const leave of [0, 1 << 20, sizeOf(before) - (64 << 10)]) {
      fillDisk(product, leave);
      expect(await fails(b, "sync")).toContain("0.1.0 is current, as before");
      expect(treeOf(runtimeFolder())).toEqual(before);
      expect((await run(current(), "--version")).stdout).toBe("0.1.0\n");
      freeDisk(product);
    }
    expect(await well(b, "sync")).toMatchObject({ status: "installed", before: "0.1.0" });
    const both = treeOf(runtimeFolder());
    fillDisk(product);
    expect(await fails(current(), "rollback")).toContain("0.2.0 is current, as before");
    expect(treeOf(runtimeFolder())).toEqual(both);
    freeDisk(product);
    expect(await well(current(), "rollback")).toMatchObject({ to: "0.1.0" });
    expect(linked()).toBe("versions/0.1.0");
  }, 180_000);

  it("no copy, no upgrade of the database: the version before goes on with it, and with room it is upgraded", async () => {
    const [a, c] = [build("a", "0.1.0"), build("c", "0.3.0", { migration: true })];
    await installProfile(product, { shellCommand: "date > note.txt" });
    await well(a, "sync");
    await well(a, "runtime", "start", "--all");
    await well(c, "sync");
    // Its end gives back what the log of the database held.
    await well(a, "runtime", "stop", "--all");
    fillDisk(product, 300 << 10);
    expect(await fails(c, "runtime", "restart", "--all")).toMatch(
      /was not changed, because the copy.*goes on working/s,
    );
    expect(readdirSync(join(product.home, "backups"))).toEqual([]);
    expect(await well(c, "rollback")).toMatchObject({ from: "0.3.0", to: "0.1.0", restoredFrom: null });
    await well(current(), "runtime", "start", "--all");
    await well(current(), "issue", "create", "--title", "Some work", "--label", "agent-ready");
    freeDisk(product);
    const pulls = async () => (await well(current(), "pr", "list", "--state", "all")).pullRequests as unknown[];
    await until("its pull request", async () => (await pulls()).length === 1);

    await well(c, "sync");
    await well(current(), "runtime", "restart", "--all");
    const [copy = ""] = readdirSync(join(product.home, "backups"));
    expect(copy).toMatch(/^control-plane-\d+-.*\.db$/);
    await well(current(), "runtime", "stop", "--all");
    // Going back needs room for two copies: refused before anything is touched, and done when there is room.
    fillDisk(product, 100 << 10);
    expect(await fails(current(), "rollback", "--restore-store")).toContain("Nothing was switched");
    // Only the version that upgraded it reads it.
    expect(await well(current(), "store", "check")).toMatchObject({ problems: [] });
    expect(readdirSync(join(product.home, "backups"))).toEqual([copy]);
    expect(linked()).toBe("versions/0.3.0");
    freeDisk(product);
    expect(await well(current(), "rollback", "--restore-store")).toMatchObject({ to: "0.1.0" });
    expect(await well(current(), "store", "check")).toMatchObject({ problems: [] });
    expect(await pulls()).toHaveLength(1);
  }, 240_000);

  it("what may go goes, although not a byte is free: that is what makes room", async () => {
    const versions = ["0.1.0", "0.2.0", "0.3.0"].map((version) => build(version, version));
    for (const cli of versions) await well(cli, "sync");
    await installProfile(product, { shellCommand: "date > note.txt" });
    await well(current(), "runtime", "start", "--all");
    await well(current(), "runtime", "stop", "--all");
    const backups = join(product.home, "backups");
    mkdirSync(backups);
    for (const year of [2015, 2016, 2017, 2018, 2019, 2020, 2021, 2022])
      writeFileSync(join(backups, `control-plane-4-${year}0101T000000.000Z.db`), Buffer.alloc(1 << 20));
    const words = join(product.home, "logs/runtime.999999999.out");
    writeFileSync(words, "last words\n");
    utimesSync(words, 1, 1);
    fillDisk(product);
    expect(await well(current(), "versions", "prune")).toMatchObject({ removed: ["0.1.0"] });
    fillDisk(product);
    await well(current(), "store", "prune");
    expect(readdirSync(backups)).toEqual(["control-plane-4-20220101T000000.000Z.db"]);
    expect(existsSync(words)).toBe(false);
    await well(current(), "runtime", "start", "--all");
  }, 180_000);
});

const sizeOf = (tree: Readonly<Record<string, string>>): number =>
  Object.keys(tree).reduce((sum, file) => sum + statSync(file).size, 0);
