import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { temporaryFolder } from "@agent-control-plane/testkit";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { openStore, openStoreToRead, UserError } from "../../src/index.ts";

it("a new store is readable by its owner only, its log files too", async () => {
  const path = join(temporaryFolder(), "home", "store.db");
  const store = await openStore({ path });
  await store.tasks.enqueue({ queue: "q" }, "test");
  expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  for (const suffix of ["", "-wal", "-shm"]) expect(statSync(path + suffix).mode & 0o777).toBe(0o600);
  await store.close();
});

it("opening again changes nothing", async () => {
  const path = join(temporaryFolder(), "store.db");
  await (await openStore({ path })).close();
  const before = readFileSync(path);
  await (await openStore({ path })).close();
  expect(readFileSync(path).equals(before)).toBe(true);
});

it("many openings of one new store at once all succeed", async () => {
  const path = join(temporaryFolder(), "store.db");
  const stores = await Promise.all(Array.from({ length: 6 }, () => openStore({ path })));
  await Promise.all(stores.map((store) => store.tasks.enqueue({ queue: "q", dedupeKey: "same" }, "test")));
  expect(await stores[5]?.tasks.list({})).toHaveLength(1);
  for (const store of stores) await store.close();
});

describe("what is not our store is refused with the file's name, and not written to", () => {
  it("a file that is no database", () =>
    expectRefusal("this is a letter, not a database. ".repeat(100), /is not an SQLite/));

  it("a database with a damaged first page", async () => {
    const healthy = await storeFile();
    const damaged = readFileSync(healthy);
    damaged.fill(0x5a, 100, 4096);
    await expectRefusal(damaged, /is damaged.*Restore it from a backup/s);
  });

  it("a database of a newer version", async () => {
    const path = await storeFile();
    const database = new Database(path);
    database.pragma("journal_mode = delete");
    database.prepare("insert into migrations (number, name, applied_at) values (99, 'from the future', 0)").run();
    database.close();
    await expectRefusal(readFileSync(path), /schema version 99.*up to \d+.*[Ii]nstall the newer/s);
  });

  it("a database of another program", async () => {
    const path = join(temporaryFolder(), "other.db");
    const database = new Database(path);
    database.exec("create table customers (id integer)");
    database.close();
    await expectRefusal(readFileSync(path), /of another program/);
  });

  it("a folder", async () => {
    const folder = temporaryFolder();
    await expect(openStore({ path: folder })).rejects.toThrow(UserError);
  });
});

it("damage found later is named too", async () => {
  const path = await storeFile(200);
  const damaged = readFileSync(path);
  damaged.fill(0x5a, 4096);
  writeFileSync(path, damaged);
  const store = await openStore({ path }).catch((error: unknown) => error);
  const failure = store instanceof Error ? store : await firstFailure(store as Awaited<ReturnType<typeof openStore>>);
  expect(failure).toBeInstanceOf(UserError);
  expect(String(failure)).toContain(path);
});

async function firstFailure(store: Awaited<ReturnType<typeof openStore>>): Promise<unknown> {
  try {
    await store.tasks.list({});
    return undefined;
  } catch (error) {
    return error;
  } finally {
    await store.close();
  }
}

/** A closed store file, with all of its log merged into it. */
async function storeFile(tasks = 0): Promise<string> {
  const path = join(temporaryFolder(), "store.db");
  const store = await openStore({ path });
  for (let index = 0; index < tasks; index++) await store.tasks.enqueue({ queue: "q", payload: "x".repeat(200) }, "t");
  await store.close();
  return path;
}

async function expectRefusal(content: string | Buffer, message: RegExp): Promise<void> {
  const path = join(temporaryFolder(), "store.db");
  writeFileSync(path, content);
  const failure = await openStore({ path }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(UserError);
  expect(String(failure)).toContain(path);
  expect(String(failure)).toMatch(message);
  expect(readFileSync(path).equals(Buffer.from(content))).toBe(true);
}

it("one look at a store that nobody has open leaves no file beside it, and a later look sees what came after", async () => {
  const path = await storeFile();
  const look = async () => {
    const store = await openStoreToRead({ path, isOneLook: true });
    if (store === null) throw new Error("there is no store");
    const found = { tasks: await store.tasks.list({}), damage: await store.maintenance.integrity() };
    const { bytes } = await store.maintenance.sizes();
    await expect(store.tasks.enqueue({ queue: "q" }, "test")).rejects.toThrow();
    await store.close();
    expect(found.damage).toEqual([]);
    expect(bytes).toBeGreaterThanOrEqual(statSync(path).size);
    return found.tasks.length;
  };
  const before = readdirSync(dirname(path));
  const seen = await look();
  expect(readdirSync(dirname(path))).toEqual(before);
  const writer = await openStore({ path });
  await writer.tasks.enqueue({ queue: "q" }, "test");
  expect(await look()).toBe(seen + 1);
  await writer.close();
  expect(await look()).toBe(seen + 1);
});

describe("looked at, there is no store", () => {
  it("where there is no file, and none is made", async () => {
    const path = join(temporaryFolder(), "store.db");
    expect(await openStoreToRead({ path })).toBeNull();
    expect(readdirSync(dirname(path))).toEqual([]);
  });

  it.each(["at once", "for later, too"])(
    "in a file whose maker was killed before the first table (%s)",
    async (how) => {
      const isOneLook = how === "at once";
      const path = join(temporaryFolder(), "store.db");
      writeFileSync(path, "");
      expect(await openStoreToRead({ path, isOneLook })).toBeNull();
      expect(statSync(path).size).toBe(0);

      const database = new Database(path);
      database.exec("pragma journal_mode = wal");
      database.close();
      expect(statSync(path).size).toBeGreaterThan(0);
      expect(await openStoreToRead({ path, isOneLook })).toBeNull();

      await (await openStore({ path })).close();
      const store = await openStoreToRead({ path, isOneLook });
      expect(await store?.tasks.list({})).toEqual([]);
      await store?.close();
    },
  );
});
