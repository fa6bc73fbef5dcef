// Before a migration changes a store, it is copied; a copy can be gone back to.
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ManualClock, storeProblems, temporaryFolder } from "@agent-control-plane/testkit";
import Database from "better-sqlite3";
import { expect, it, onTestFinished } from "vitest";
import { type OpenStore, openStore, restoreStore, schemaOfStore, storeSchema, UserError } from "../../src/index.ts";
import { backupFolder, backupName, listBackups } from "../../src/store/backups.ts";
import { migrations } from "../../src/store/migrations/index.ts";

const before = storeSchema - 1;

it("a new store is no upgrade: nothing is copied, and opening again copies nothing", async () => {
  const path = storeFile();
  await (await openStore({ path })).close();
  await (await openStore({ path })).close();
  expect(listBackups(backupFolder(path))).toEqual([]);
});

it("an older store is copied once, whole and for its owner only, before it is upgraded", async () => {
  const path = await olderStore();
  // What stands in the log of the database, and not in its file yet, is copied, too.
  const other = new Database(path);
  other.exec("insert into log_horizon values (1, 77, 77)");
  await open(path);
  other.close();
  expect(schemaOfStore(path)).toBe(storeSchema);
  const [copy, ...others] = listBackups(backupFolder(path));
  expect(others).toEqual([]);
  expect(copy).toMatchObject({ schema: before });
  expect(dirname(copy?.path ?? "")).toBe(join(dirname(dirname(path)), "backups"));
  expect(statSync(copy?.path ?? "").mode & 0o777).toBe(0o600);
  const copied = new Database(copy?.path, { readonly: true });
  expect(copied.prepare("pragma integrity_check").pluck().get()).toBe("ok");
  expect(copied.prepare("select at from log_horizon").pluck().get()).toBe(77);
  expect(copied.prepare("select max(number) from migrations").pluck().get()).toBe(before);
  copied.close();
});

it("many programs that upgrade one store at once make one copy", async () => {
  const path = await olderStore();
  await Promise.all(Array.from({ length: 5 }, () => open(path)));
  expect(listBackups(backupFolder(path))).toHaveLength(1);
});

it("no copy, no upgrade: the store stays as it was, and nothing half-written is left", async () => {
  const path = await olderStore();
  const content = readFileSync(path);
  writeFileSync(backupFolder(path), "no folder can be made here");
  const failure = await openStore({ path }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(UserError);
  expect(String(failure)).toMatch(/was not changed, because the copy.*goes on working with it/s);
  expect(schemaOfStore(path)).toBe(before);
  expect(readFileSync(path).equals(content)).toBe(true);
});

it("a migration that fails changes nothing, and leaves no copy of what is still there", async () => {
  const path = await olderStore();
  // The last migration makes this table itself, so it fails when there is one.
  const [, table = ""] = /create table (?:if not exists )?"?(\w+)/.exec(migrations.at(-1)?.sql ?? "") ?? [];
  expect(table).not.toBe("");
  const other = new Database(path);
  other.exec(`create table "${table}" (x integer)`);
  other.close();
  await expect(openStore({ path })).rejects.toThrow(/already exists/);
  expect(schemaOfStore(path)).toBe(before);
  expect(readdirSync(backupFolder(path))).toEqual([]);
});

it("a store that is too new names its copy from before the upgrade, and the way back to it", async () => {
  const path = await olderStore();
  await (await openStore({ path })).close();
  const database = new Database(path);
  database.prepare("insert into migrations (number, name, applied_at) values (99, 'from the future', 0)").run();
  database.close();
  const failure = String(await openStore({ path }).catch((error: unknown) => error));
  expect(failure).toContain(`schema version 99; this program knows versions up to ${storeSchema}`);
  expect(failure).toContain(listBackups(backupFolder(path))[0]?.path);
  expect(failure).toContain('"acp rollback --restore-store"');
});

it("going back to a copy keeps the store as it was as a copy, and the log of the old file goes with it", async () => {
  const path = await olderStore();
  const store = await openStore({ path });
  await store.tasks.enqueue({ queue: "q", dedupeKey: "after the upgrade" }, "test");
  await store.close();
  const [copy] = listBackups(backupFolder(path));
  const kept = restoreStore(path, copy?.path ?? "", 1_800_000_000_000);
  expect(schemaOfStore(path)).toBe(before);
  expect(schemaOfStore(kept)).toBe(storeSchema);
  expect(readdirSync(dirname(path))).toEqual(["control-plane.db"]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const reopened = await open(path);
  expect(await reopened.tasks.list({})).toEqual([]);
  expect(await storeProblems(reopened)).toEqual([]);
});

it("a store that is open elsewhere is not exchanged", async () => {
  const path = await olderStore();
  const store = await open(path);
  await store.tasks.enqueue({ queue: "q" }, "test");
  const [copy] = listBackups(backupFolder(path));
  expect(() => restoreStore(path, copy?.path ?? "", 0)).toThrow(/open in another process|locked/);
  expect(await store.tasks.list({})).toHaveLength(1);
});

it("copies are listed newest first, and making one takes none of the others away", async () => {
  const path = await olderStore();
  const folder = backupFolder(path);
  await mkdir(folder);
  for (let n = 1; n <= 7; n++) writeFileSync(join(folder, backupName(4, n * 1000)), "");
  for (const name of ["control-plane-4.db", "mine.db"]) writeFileSync(join(folder, name), "");
  await (await openStore({ path, clock: new ManualClock() })).close();
  const [made, ...others] = listBackups(folder);
  expect(schemaOfStore(made?.path ?? "")).toBe(before);
  expect(others.map(({ madeAt }) => madeAt)).toEqual([7000, 6000, 5000, 4000, 3000, 2000, 1000]);
});

const storeFile = () => join(temporaryFolder(), "state", "control-plane.db");

/** A store as the version before this one left it. */
async function olderStore(): Promise<string> {
  const path = storeFile();
  await mkdir(dirname(path));
  const database = new Database(path);
  database.exec("pragma journal_mode = wal");
  database.exec(
    "create table migrations (number integer primary key, name text not null, applied_at integer not null) strict",
  );
  for (const { number, name, sql } of migrations.slice(0, before)) {
    database.prepare("insert into migrations values (?, ?, 1)").run(number, name);
    database.exec(sql);
  }
  database.close();
  chmodSync(path, 0o600);
  return path;
}

async function open(path: string): Promise<OpenStore> {
  const store = await openStore({ path, clock: new ManualClock() });
  onTestFinished(() => store.close());
  return store;
}
