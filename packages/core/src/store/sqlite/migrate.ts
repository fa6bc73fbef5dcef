import { rmSync } from "node:fs";
import type Database from "better-sqlite3";
import { UserError } from "../../errors.ts";
import { backupFolder, listBackups } from "../backups.ts";
import { type Migration, migrations } from "../migrations/index.ts";
import { backupDatabase } from "./backup-database.ts";
import { keepNative } from "./native-handles.ts";

/** The schema version of stores that this program works with. */
export const storeSchema = migrations.length;
const latest = storeSchema;

/**
 * Brings the schema to our version in one transaction: a store is as one version or as another left it, and never
 * between two. Of two processes that open one store at once the second finds it done. A store that was there is copied
 * before it is changed, under the lock of that transaction: a copy that cannot be made stops everything.
 */
export async function migrate(
  database: Database.Database,
  now: () => number,
  step: <T>(work: () => T) => Promise<T>,
): Promise<void> {
  while (versionOf(database) < latest) await step(() => applyAll(database, now()));
}

/** A newer store, or a database of something else, is refused before anything is written. */
export function refuseForeignDatabase(database: Database.Database, file = database.name): void {
  if (isEmpty(database)) return;
  const version = versionOf(database);
  if (version === 0) {
    throw new UserError(
      `File ${file} is an SQLite database of another program (it has tables, but none of ours). ` +
        "Nothing was written to it. Choose another path for the store.",
    );
  }
  if (version > latest) {
    throw new UserError(
      `Store ${file} has schema version ${version}; this program knows versions up to ${latest}. Nothing ` +
        `was written to it. Install the newer agent-control-plane that made it ("acp versions" lists what is installed, ` +
        `"acp rollback --to <version>" switches to it), or ${wayBack(file)}.`,
    );
  }
}

/** Nothing was ever made in it. */
export const isEmpty = (database: Database.Database): boolean =>
  keepNative(database.prepare("select count(*) from sqlite_master")).pluck().get() === 0;

function wayBack(file: string): string {
  const [copy] = listBackups(backupFolder(file)).filter(({ schema }) => schema <= latest);
  if (!copy) return "move the store away to start with an empty one; there is no copy from before that upgrade";
  return (
    `go back to the copy from before that upgrade with "acp rollback --restore-store" (${copy.path}, schema version ` +
    `${copy.schema}; what happened since is lost to the store)`
  );
}

/** For looking only, where nothing is migrated: an older store lacks tables that this program reads. */
export function refuseOlderStore(database: Database.Database, file = database.name): void {
  const version = versionOf(database);
  if (version === latest) return;
  throw new UserError(
    `Store ${file} has schema version ${version}; this program reads version ${latest}. Nothing was written ` +
      "to it. Restart the runtime with this version, which upgrades the store in place.",
  );
}

function applyAll(database: Database.Database, now: number): void {
  database.exec("begin immediate");
  let copy: string | null = null;
  try {
    const version = versionOf(database);
    if (version > 0 && version < latest)
      copy = backupDatabase(database.name, backupFolder(database.name), version, now);
    for (const migration of migrations.slice(version)) apply(database, migration, now);
    database.exec("commit");
  } catch (error) {
    if (database.inTransaction) database.exec("rollback");
    // The store is as it was: a copy of that is of no use, and may have taken the room that the old version needs.
    if (copy !== null && versionOf(database) < latest) rmSync(copy, { force: true });
    throw error;
  }
}

function apply(database: Database.Database, { number, name, sql }: Migration, now: number): void {
  database.exec(
    "create table if not exists migrations " +
      "(number integer primary key, name text not null, applied_at integer not null) strict",
  );
  keepNative(database.prepare("insert into migrations (number, name, applied_at) values (@number, @name, @now)")).run({
    number,
    name,
    now,
  });
  database.exec(sql);
}

/** 0 for a database without our table. */
export function versionOf(database: Database.Database): number {
  const table = keepNative(
    database.prepare("select 1 from sqlite_master where type = 'table' and name = 'migrations'"),
  ).get();
  if (!table) return 0;
  const row = keepNative(database.prepare("select max(number) as version from migrations")).get() as {
    version: number | null;
  };
  return row.version ?? 0;
}
