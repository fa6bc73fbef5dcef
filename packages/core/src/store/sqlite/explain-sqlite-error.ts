import Database from "better-sqlite3";
import { UserError } from "../../errors.ts";

/** No room, or the disk fails: nothing of the transaction was saved; it can be repeated when there is room. */
export class StoreFullError extends UserError {}

export function isBusy(error: unknown): boolean {
  return codeOf(error).startsWith("SQLITE_BUSY") || codeOf(error).startsWith("SQLITE_LOCKED");
}

/** Turns what SQLite says about the file or the disk into what a person can do; other errors pass unchanged. */
export function explainSqliteError(error: unknown, path: string): unknown {
  const code = codeOf(error);
  const cause = { cause: error };
  if (code === "SQLITE_NOTADB") return new UserError(damaged(path, "is not an SQLite database"), cause);
  if (code.startsWith("SQLITE_CORRUPT")) return new UserError(damaged(path, "is damaged"), cause);
  // The second one: there is no room for the index of the log, 32 KB beside the file.
  if (code === "SQLITE_FULL" || code === "SQLITE_IOERR_SHMSIZE") {
    return new StoreFullError(
      `Store ${path} cannot be written: the disk is full. Nothing was saved of this change. Make room and try again.`,
      cause,
    );
  }
  if (code.startsWith("SQLITE_IOERR")) {
    return new StoreFullError(
      `Store ${path} cannot be read or written: the disk reported an error (${code}). Nothing was saved of this ` +
        "change. Check free space and the disk, then try again.",
      cause,
    );
  }
  if (code.startsWith("SQLITE_READONLY") || code.startsWith("SQLITE_CANTOPEN") || code === "SQLITE_PERM") {
    return new UserError(
      `Store ${path} cannot be opened for writing (${code}). Check that the file and its folder belong to this user ` +
        "and are on a writable local disk.",
      cause,
    );
  }
  return error;
}

function damaged(path: string, what: string): string {
  return (
    `Store file ${path} ${what}; nothing was written to it. Restore it from a backup (with its -wal file, if any), ` +
    "or move it away to start with an empty store."
  );
}

function codeOf(error: unknown): string {
  return error instanceof Database.SqliteError ? error.code : "";
}
