import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";
import type { Instant } from "../../domain/time.ts";
import { UserError } from "../../errors.ts";
import { syncPath } from "../../sync-path.ts";
import { backupName, freeName } from "../backups.ts";
import { explainSqliteError } from "./explain-sqlite-error.ts";
import { keepNative } from "./native-handles.ts";

/**
 * A consistent copy of a live database, in `folder`; answers its path. It is whole or not there: written beside, synced,
 * then renamed. A caller that holds the write lock gets exactly the state it is about to change. No other copy goes for
 * it: how many are kept is for the retention of the host to say, and one of them may be what is gone back to.
 */
export function backupDatabase(file: string, folder: string, schema: number, now: Instant): string {
  const unfinished = join(folder, `.unfinished-${process.pid}`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // Of processes that were killed here: one process at a time changes a schema.
    for (const name of readdirSync(folder)) if (name.startsWith(".unfinished-")) rmSync(join(folder, name));
    copyDatabase(file, unfinished);
    const target = freeName(folder, backupName(schema, now));
    renameSync(unfinished, target);
    syncPath(folder);
    return target;
  } catch (error) {
    removeUnfinished(unfinished);
    throw noBackup(file, folder, explainSqliteError(error, unfinished));
  }
}

function noBackup(file: string, folder: string, error: unknown): UserError {
  const why = error instanceof Error ? error.message : String(error);
  return new UserError(
    `Store ${file} was not changed, because the copy that is made first could not be written to ${folder}: ${why} ` +
      "The store is as it was, and the version that made it goes on working with it. Make room there and try again.",
    { exitCode: 1, cause: error },
  );
}

/** The first error counts: where no folder could be made there is nothing to remove. */
function removeUnfinished(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {}
}

/**
 * Puts a copy in the place of the database. Nobody may have the database open. It is made in `folder` first, where the
 * next copy removes what a killed process left.
 */
export function putBackDatabase(backup: string, file: string, folder: string): void {
  const fresh = join(folder, `.unfinished-${process.pid}`);
  try {
    copyDatabase(backup, fresh);
    endLog(file);
    renameSync(fresh, file);
  } catch (error) {
    removeUnfinished(fresh);
    throw error;
  }
  syncPath(dirname(file));
}

/** Whole and on the disk when it returns. */
function copyDatabase(from: string, to: string): void {
  // SQLite takes an empty file as it is: so the copy is this user's alone from its first byte.
  writeFileSync(to, "", { flag: "wx", mode: 0o600 });
  const reader = keepNative(new Database(from, { readonly: true, fileMustExist: true, timeout: 5000 }));
  try {
    keepNative(reader.prepare("vacuum into ?")).run(to);
  } finally {
    reader.close();
  }
  chmodSync(to, 0o600);
  syncPath(to);
}

/** Takes what the log holds into the file and removes the log: beside another file it would be taken for that one's. */
export function endLog(file: string): void {
  const database = keepNative(new Database(file, { fileMustExist: true, timeout: 0 }));
  try {
    const mode = keepNative(database.prepare("pragma journal_mode = delete")).pluck().get();
    if (mode !== "delete") throw new UserError(`Store ${file} is open in another process. Nothing was changed.`);
  } finally {
    database.close();
  }
}
