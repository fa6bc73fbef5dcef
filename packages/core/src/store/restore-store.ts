import { existsSync } from "node:fs";
import Database from "better-sqlite3";
import type { ProcessMark } from "../domain/session.ts";
import type { Instant } from "../domain/time.ts";
import { backupFolder } from "./backups.ts";
import { backupDatabase, endLog, putBackDatabase } from "./sqlite/backup-database.ts";
import { explainNativeError } from "./sqlite/explain-native-error.ts";
import { explainSqliteError } from "./sqlite/explain-sqlite-error.ts";
import { storeSchema, versionOf } from "./sqlite/migrate.ts";
import { keepNative } from "./sqlite/native-handles.ts";

/** The schema version of a store, of whatever program version; null when there is none. Reads only. */
export function schemaOfStore(path: string): number | null {
  if (!existsSync(path)) return null;
  try {
    const database = keepNative(new Database(path, { readonly: true, fileMustExist: true, timeout: 5000 }));
    try {
      return versionOf(database);
    } finally {
      database.close();
    }
  } catch (error) {
    throw explainNativeError(explainSqliteError(error, path));
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
    const folder = backupFolder(path);
    const kept = backupDatabase(path, folder, schemaOfStore(path) ?? 0, now);
    putBackDatabase(backup, path, folder);
    return kept;
  } catch (error) {
    throw explainSqliteError(error, path);
  }
}

/** A daemon as any version of this program wrote it down. */
export interface NotedRuntime {
  readonly id: string;
  readonly process: ProcessMark;
  readonly host: string;
  readonly version: string;
  readonly profileIds: readonly string[];
}

/** The daemons of a store of an older schema, which is not upgraded by it; none when it is of ours, or newer. */
export function runtimesOfOlderStore(path: string): readonly NotedRuntime[] {
  const schema = schemaOfStore(path);
  if (schema === null || schema === 0 || schema >= storeSchema) return [];
  try {
    const database = keepNative(new Database(path, { readonly: true, fileMustExist: true }));
    try {
      const rows = keepNative(
        database.prepare(`select id, process, host, version, profile_ids as "profileIds" from runtimes order by id`),
      ).all() as (Omit<NotedRuntime, "process" | "profileIds"> & Record<"process" | "profileIds", string>)[];
      return rows.map((row) => ({
        ...row,
        process: JSON.parse(row.process),
        profileIds: JSON.parse(row.profileIds),
      }));
    } finally {
      database.close();
    }
  } catch (error) {
    throw explainSqliteError(error, path);
  }
}
