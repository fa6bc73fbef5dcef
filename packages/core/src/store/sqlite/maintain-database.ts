import { statSync } from "node:fs";
import type Database from "better-sqlite3";
import type { Millis } from "../../domain/time.ts";
import type { StoreMaintenance } from "../store.ts";
import { tableRules } from "../table-rules.ts";
import { busy, retryWhileBusy } from "./busy-retry.ts";
import { explainSqliteError, isBusy } from "./explain-sqlite-error.ts";
import { keepNative } from "./native-handles.ts";

/** What is asked of the file as a whole, and is no operation on its rows. */
export function maintainDatabase(database: Database.Database, file: string, waitMs: Millis): StoreMaintenance {
  const lock = { path: file, waitMs };
  const rows = (sql: string) => keepNative(database.prepare(sql)).all() as Record<string, unknown>[];
  const whenFree = <T>(work: () => T) =>
    retryWhileBusy(lock, () => {
      try {
        return work();
      } catch (error) {
        if (isBusy(error)) return busy;
        throw explainSqliteError(error, file);
      }
    });
  /** Null: a SQLite without the table that tells. */
  const bytesByTable = (): ReadonlyMap<string, number> | null => {
    try {
      const found = rows(
        `select s.tbl_name as name, sum(d.pgsize) as bytes from dbstat d join sqlite_schema s on s.name = d.name
          where d.aggregate = true group by s.tbl_name`,
      );
      return new Map(found.map(({ name, bytes }) => [String(name), Number(bytes)]));
    } catch (error) {
      if (/no such table/.test(String(error))) return null;
      throw error;
    }
  };
  const version = keepNative(database.prepare("pragma data_version"));
  return {
    revision: () => whenFree(() => Number((version.get() as { data_version: number }).data_version)),
    integrity: () =>
      whenFree(() => [
        ...rows("pragma integrity_check(20)")
          .map((row) => String(row.integrity_check))
          .filter((line) => line !== "ok"),
        ...rows("pragma foreign_key_check").map(
          ({ table, rowid, parent }) => `row ${rowid} of ${table} refers to a row of ${parent} that is not there`,
        ),
      ]),
    sizes: () =>
      whenFree(() => {
        const tables = rows(
          "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name",
        );
        const counts = tables.map(({ name }): [string, number] => {
          return [String(name), Number(rows(`select count(*) as count from "${name}"`)[0]?.count)];
        });
        return { rows: Object.fromEntries(counts), bytes: bytesOf(file) };
      }),
    tables: () =>
      whenFree(() => {
        const names = rows(
          "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name",
        ).map(({ name }) => String(name));
        const bytes = bytesByTable();
        return names.map((table) => {
          const oldest = tableRules.find((rule) => rule.table === table)?.oldest ?? null;
          const [found] = rows(
            `select count(*) as count, ${oldest ? `min(${oldest})` : "null"} as oldest from "${table}"`,
          );
          return {
            table,
            rows: Number(found?.count),
            bytes: bytes?.get(table) ?? null,
            oldestAt: found?.oldest == null ? null : Number(found.oldest),
          };
        });
      }),
    compact: () =>
      whenFree(() => {
        rows("pragma wal_checkpoint(truncate)");
        keepNative(database.prepare("vacuum")).run();
        rows("pragma wal_checkpoint(truncate)");
      }),
  };
}

const bytesOf = (file: string): number =>
  [file, `${file}-wal`].reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);
