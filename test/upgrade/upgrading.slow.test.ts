// Up and down between versions while a session runs: it finishes once, and the store survives or is refused clearly.
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { installProfile, makeProduct, type Product, type Ran, until } from "../support/product.ts";
import { buildOf } from "./several-builds.ts";

let product: Product;
let newest = "";
afterEach(async () => {
  if (newest === "") return product?.close();
  // What is left by a failed test may have a store that only the newest version opens.
  await run(newest, "runtime", "stop", "--all");
  await run(newest, "forge", "stop");
  rmSync(product.folder, { recursive: true, force: true, maxRetries: 10 });
});

function run(cli: string, ...args: readonly string[]): Promise<Ran> {
  return new Promise((done) => {
    execFile(process.execPath, [cli, ...args], { env: product.env, cwd: product.folder }, (error, stdout, stderr) =>
      done({ code: error ? (typeof error.code === "number" ? error.code : 1) : 0, stdout, stderr }),
    );
  });
}

async function json<T>(cli: string, ...args: readonly string[]): Promise<T> {
  const ran = await run(cli, ...args, "--json");
  if (ran.code !== 0) throw new Error(`acp ${args.join(" ")} ended with ${ran.code}: ${ran.stderr}`);
  return JSON.parse(ran.stdout);
}

const current = () => join(product.home, "runtime-home/current/node_modules/agent-control-plane/dist/cli.js");
const folderOf = (id: string) => join(product.home, "runtime-home/versions", id);

interface Sessions {
  readonly sessions: readonly {
    readonly id: string;
    readonly state: string;
    readonly wrapper: { readonly pid: number } | null;
  }[];
}
const sessionsOf = async (cli: string) => (await json<Sessions>(cli, "sessions", "list", "--all")).sessions;
const pullsOf = async (cli: string) =>
  (await json<{ pullRequests: readonly { number: number }[] }>(cli, "pr", "list", "--state", "all")).pullRequests;
const versionServing = async (cli: string) => {
  const { profiles } = await json<{ profiles: readonly { running: boolean; version?: string; pid: number }[] }>(
    cli,
    "runtime",
    "status",
  );
  return profiles[0]?.running === true ? readFileSync(`/proc/${profiles[0].pid}/maps`, "utf8") : "nobody";
};

async function refusesToGoBack(): Promise<void> {
  expect((await run(current(), "rollback")).stderr).toMatch(/works with \d+. Nothing was switched.*--restore-store/s);
  expect((await run(current(), "rollback", "--restore-store")).stderr).toMatch(/was not set back.*runtime stop --all/s);
}

it("a session runs on through an upgrade, a rollback and a migration, and its issue is worked once", async () => {
  product = makeProduct();
  const [a, b, c] = [
    buildOf(join(product.folder, "a"), "0.1.0"),
    buildOf(join(product.folder, "b"), "0.2.0"),
    buildOf(join(product.folder, "c"), "0.3.0", { migration: true }),
  ];
  const gate = join(product.folder, "gate");
  const worked = join(product.folder, "worked");
  const work = `echo x >> ${worked}; while [ ! -e ${gate} ]; do sleep 0.1; done; date > "note-$$.txt"; git add .; git commit -qm work`;
  await installProfile(product, { shellCommand: work });

  expect(await json(a, "sync")).toMatchObject({ status: "installed", id: "0.1.0" });
  // As after the end of an npx cache.
  rmSync(join(product.folder, "a"), { recursive: true });
  // From the copy itself, and its source gone: nothing is published onto itself.
  expect(await json(current(), "sync")).toMatchObject({ status: "unchanged", id: "0.1.0" });
  await json(current(), "issue", "create", "--title", "Some work", "--label", "agent-ready");
  await json(current(), "runtime", "start", "--all");
  const session = await until("a session at work", async () => {
    const [found] = await sessionsOf(current());
    return found?.state === "running" && existsSync(worked) && found;
  });
  const wrapper = session.wrapper?.pid ?? 0;
  expect(readFileSync(`/proc/${wrapper}/cmdline`, "utf8")).toContain(folderOf("0.1.0"));

  // Up by a version of the same schema, and back: the session is adopted each time.
  for (const [act, id] of [
    [() => json(b, "sync"), "0.2.0"],
    [() => json(current(), "rollback"), "0.1.0"],
    [() => json(current(), "rollback"), "0.2.0"],
  ] as const) {
    await act();
    await json(current(), "runtime", "restart", "--all");
    expect(await versionServing(current())).toContain(folderOf(id));
    expect(await sessionsOf(current())).toMatchObject([
      { id: session.id, state: "running", wrapper: { pid: wrapper } },
    ]);
  }

  // Up by a version with one more migration. Nothing upgrades the store under the daemon that runs.
  newest = c;
  expect(await json(c, "sync")).toMatchObject({ status: "installed", id: "0.3.0", before: "0.2.0" });
  const refused = await run(c, "runtime", "pause", "--all");
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toMatch(/A daemon of version 0\.2\.0 .*version 0\.3\.0\) would upgrade it.*restart --all/s);
  expect(readdirSync(product.home)).not.toContain("backups");
  // The daemon removes copies that are too old when it starts, and not the one that was just made.
  mkdirSync(join(product.home, "backups"));
  const aged = ["20200101", "20200201"].map((date) => `control-plane-1-${date}T000000.000Z.db`);
  for (const name of aged) writeFileSync(join(product.home, "backups", name), "");
  await json(current(), "runtime", "restart", "--all");
  expect(await versionServing(current())).toContain(folderOf("0.3.0"));
  expect(readdirSync(join(product.home, "backups"))).toEqual([expect.stringMatching(/^control-plane-[2-9]-.*\.db$/)]);
  expect(await sessionsOf(current())).toMatchObject([{ id: session.id, state: "running", wrapper: { pid: wrapper } }]);

  // Back while it runs: refused, by the schema first, and then because the session has the store open.
  await refusesToGoBack();
  await json(current(), "runtime", "stop", "--all", "--keep-sessions");
  expect((await run(current(), "rollback", "--restore-store")).stderr).toMatch(
    /was not set back.*Nothing was switched/s,
  );
  await json(current(), "runtime", "start", "--all");
  expect(await sessionsOf(current())).toMatchObject([{ id: session.id, state: "running", wrapper: { pid: wrapper } }]);

  // The session runs from a version that is neither current nor previous: it stays.
  const pruned = await json<{ removed: unknown; kept: readonly { id: string; because: string }[] }>(
    c,
    "versions",
    "prune",
  );
  expect(pruned.removed).toEqual([]);
  expect(pruned.kept.find(({ id }) => id === "0.1.0")?.because).toMatch(/^process \d+ runs from it$/);

  writeFileSync(gate, "");
  await until("its pull request", async () => (await pullsOf(current())).length === 1);
  await until("the session is over", async () =>
    (await sessionsOf(current())).every(({ state }) => state === "concluded"),
  );
  expect(readFileSync(worked, "utf8")).toBe("x\n");
  expect((await json<{ problems: unknown }>(current(), "store", "check")).problems).toEqual([]);

  // Back over the migration: refused by the old program and by the rollback, and nothing is changed by that.
  const old = await run(join(folderOf("0.2.0"), "node_modules/agent-control-plane/dist/cli.js"), "runtime", "status");
  expect(old.stderr).toMatch(/this program knows versions up to \d+.*rollback --restore-store/s);
  await refusesToGoBack();
  expect((await json<{ current: string }>(current(), "version")).current).toBe("0.3.0");

  // With the runtime stopped it goes back. The store forgot the end of the session; the run folder and the forge did not.
  await json(current(), "runtime", "stop", "--all");
  expect(await json(current(), "rollback", "--restore-store")).toMatchObject({ from: "0.3.0", to: "0.2.0" });
  newest = "";
  await json(current(), "runtime", "start", "--all");
  await json(current(), "issue", "create", "--title", "More work", "--label", "agent-ready");
  await until("the second issue's pull request", async () => (await pullsOf(current())).length === 2);
  await until("all sessions are over", async () =>
    (await sessionsOf(current())).every(({ state }) => state === "concluded"),
  );
  expect((await pullsOf(current())).length).toBe(2);
  expect(readFileSync(worked, "utf8")).toBe("x\nx\n");
  expect((await json<{ problems: unknown }>(current(), "store", "check")).problems).toEqual([]);
}, 240_000);

// Before a release: the `dist/package` of the one before, whose store has an older schema.
const before = process.env.ACP_UPGRADE_FROM ?? "";
if (before !== "")
  it("a session of an older build runs on through the upgrade to this one, and back it goes", async () => {
    product = makeProduct();
    const older = buildOf(join(product.folder, "older"), "0.0.9", { from: before });
    const newer = buildOf(join(product.folder, "newer"), "0.1.9");
    const gate = join(product.folder, "gate");
    const worked = join(product.folder, "worked");
    const work = `echo x >> ${worked}; while [ ! -e ${gate} ]; do sleep 0.1; done; date > "note-$$.txt"; git add .; git commit -qm work`;
    await installProfile(product, { shellCommand: work });
    await json(older, "sync");
    await json(current(), "issue", "create", "--title", "Some work", "--label", "agent-ready");
    await json(current(), "runtime", "start", "--all");
    const session = await until("a session at work", async () => {
      const [found] = await sessionsOf(current());
      return found?.state === "running" && existsSync(worked) && found;
    });
    const adopted = [{ id: session.id, state: "running", wrapper: { pid: session.wrapper?.pid } }];

    newest = newer;
    await json(newer, "sync");
    expect((await run(newer, "runtime", "pause", "--all")).stderr).toMatch(
      /A daemon of version 0\.0\.9 .*restart --all/s,
    );
    await json(current(), "runtime", "restart", "--all");
    expect(await versionServing(current())).toContain(folderOf("0.1.9"));
    expect(await sessionsOf(current())).toMatchObject(adopted);
    await refusesToGoBack();
    expect(await sessionsOf(current())).toMatchObject(adopted);
    writeFileSync(gate, "");
    await until("its pull request", async () => (await pullsOf(current())).length === 1);
    await until("the session is over", async () =>
      (await sessionsOf(current())).every(({ state }) => state === "concluded"),
    );
    expect(readFileSync(worked, "utf8")).toBe("x\n");

    await json(current(), "runtime", "stop", "--all");
    expect(await json(current(), "rollback", "--restore-store")).toMatchObject({ from: "0.1.9", to: "0.0.9" });
    newest = "";
    await json(current(), "runtime", "start", "--all");
    await json(current(), "issue", "create", "--title", "More work", "--label", "agent-ready");
    await until("the second issue's pull request", async () => (await pullsOf(current())).length === 2);
    expect(readFileSync(worked, "utf8")).toBe("x\nx\n");
    expect((await json<{ problems: unknown }>(current(), "store", "check")).problems).toEqual([]);
  }, 240_000);
