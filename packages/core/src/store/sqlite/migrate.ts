import type Database from "better-sqlite3";
import { UserError } from "../../errors.ts";
import { migrations } from "../migrations/index.ts";
import { keepNative } from "./native-handles.ts";

const latest = migrations.length;

/**
 * Brings the schema to our version, one transaction a migration. Each first inserts its own row: of two processes
 * that open a new store at once the second finds the row there and goes on with the next number.
 */
export async function migrate(
  database: Database.Database,
  now: () => number,
  step: <T>(work: () => T) => Promise<T>,
): Promise<void> {
  while (versionOf(database) < latest) await step(() => applyNext(database, now()));
}

/** A newer store, or a database of something else, is refused before anything is written. */
export function refuseForeignDatabase(database: Database.Database, file = database.name): void {
  const tables = keepNative(database.prepare("select count(*) from sqlite_master")).pluck().get() as number;
  if (tables === 0) return;
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
        "was written to it. Install the newer agent-control-plane that made it, or restore the backup from before " +
        "that upgrade.",
    );
  }
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

function applyNext(database: Database.Database, now: number): void {
  database.exec("begin immediate");
  try {
    const migration = migrations[versionOf(database)];
    if (migration) {
      database.exec(
        "create table if not exists migrations " +
          "(number integer primary key, name text not null, applied_at integer not null) strict",
      );
      keepNative(
        database.prepare("insert into migrations (number, name, applied_at) values (@number, @name, @now)"),
      ).run({ number: migration.number, name: migration.name, now });
      database.exec(migration.sql);
    }
    database.exec("commit");
  } catch (error) {
    if (database.inTransaction) database.exec("rollback");
    throw error;
  }
}

/** 0 for a database without our table. */
function versionOf(database: Database.Database): number {
  const table = keepNative(
    database.prepare("select 1 from sqlite_master where type = 'table' and name = 'migrations'"),
  ).get();
  if (!table) return 0;
  const row = keepNative(database.prepare("select max(number) as version from migrations")).get() as {
    version: number | null;
  };
  return row.version ?? 0;
}
