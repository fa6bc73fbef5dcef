import { existsSync } from "node:fs";
import Database from "better-sqlite3";
import type { Instant } from "../domain/time.ts";
import { backupFolder } from "./backups.ts";
import { backupDatabase, endLog, putBackDatabase } from "./sqlite/backup-database.ts";
import { explainSqliteError } from "./sqlite/explain-sqlite-error.ts";
import { versionOf } from "./sqlite/migrate.ts";
import { keepNative } from "./sqlite/native-handles.ts";

/** The schema version of a store, of whatever program version; null when there is none. Reads only. */
export function schemaOfStore(path: string): number | null {
  if (!existsSync(path)) return null;
  try {
    const database = keepNative(new Database(path, { readonly: true, fileMustExist: true }));
    try {
      return versionOf(database);
    } finally {
      database.close();
    }
  } catch (error) {
    throw explainSqliteError(error, path);
  }
}

/**
 * Goes back to a copy. The store as it is becomes a copy first; its path is answered. The caller makes sure that nobody
 * has the store open. Killed in between, the store is the old one or the copy, whole.
 */
export function restoreStore(path: string, backup: string, now: Instant): string {
  try {
    // First, because it needs the store alone: a refusal leaves no copy behind.
    endLog(path);
    const kept = backupDatabase(path, backupFolder(path), schemaOfStore(path) ?? 0, now);
    putBackDatabase(backup, path);
    return kept;
  } catch (error) {
    throw explainSqliteError(error, path);
  }
}
