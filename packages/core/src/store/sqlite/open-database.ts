import { closeSync, mkdirSync, openSync, readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import Database from "better-sqlite3";
import type { Instant, Millis } from "../../domain/time.ts";
import { UserError } from "../../errors.ts";
import { busy, retryWhileBusy } from "./busy-retry.ts";
import { explainNativeError } from "./explain-native-error.ts";
import { explainSqliteError, isBusy } from "./explain-sqlite-error.ts";
import { isEmpty, migrate, refuseForeignDatabase, refuseOlderStore } from "./migrate.ts";
import { keepNative } from "./native-handles.ts";

/**
 * Opens or creates the database file, readable by its owner only, in WAL mode and migrated. What is not ours is
 * refused before the first write. Several processes may do this at once on one path.
 */
export async function openDatabase(path: string, waitMs: Millis, now: () => Instant): Promise<Database.Database> {
  const file = resolve(path);
  createPrivateFile(file);
  // timeout 0: waiting for the lock is done by retryWhileBusy, see there.
  const database = openFile(file, { timeout: 0 });
  const step = <T>(work: () => T) => retryWhileBusy({ path: file, waitMs }, () => unlessBusy(work));
  try {
    await step(() => refuseForeignDatabase(database));
    await step(() => useWal(database));
    setPragmas(database);
    await migrate(database, now, step);
    return database;
  } catch (error) {
    database.close();
    throw explainSqliteError(error, file);
  }
}

/**
 * Opens an existing database to look at it: nothing is created, migrated or changed. SQLite itself puts its -wal and
 * -shm files beside a database that nobody has open, and leaves them; `isOneLook` reads such a file as it is now. Null: it
 * has no tables.
 */
export async function openDatabaseToRead(
  path: string,
  waitMs: Millis,
  { isOneLook = false } = {},
): Promise<Database.Database | null> {
  const file = resolve(path);
  try {
    const image = isOneLook ? closedImage(file) : null;
    const database = image ?? openFile(file, { timeout: 0, readonly: true, fileMustExist: true });
    try {
      const isStore = () => {
        if (isEmpty(database)) return false;
        refuseForeignDatabase(database, file);
        refuseOlderStore(database, file);
        return true;
      };
      if (await retryWhileBusy({ path: file, waitMs }, () => unlessBusy(isStore))) return database;
      database.close();
      return null;
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (error) {
    throw explainSqliteError(error, file);
  }
}

/** More than this is not read into memory; then the files beside it are accepted. */
const mostImageBytes = 512 * 1024 * 1024;

/** The whole database in memory; null when somebody has it open, or came while we read: the file alone is not all then. */
function closedImage(file: string): Database.Database | null {
  const isClosed = () => statSync(`${file}-wal`, { throwIfNoEntry: false }) === undefined;
  const stamp = () => {
    const found = statSync(file, { bigint: true });
    return `${found.mtimeNs} ${found.size} ${found.ino}`;
  };
  if (!isClosed() || statSync(file).size > mostImageBytes) return null;
  const before = stamp();
  const image = readFileSync(file);
  if (!isClosed() || stamp() !== before) return null;
  // Of WAL mode the header says so; there is no log in memory, and nothing of it is needed.
  if (image.length >= 20 && image[18] === 2) image.fill(1, 18, 20);
  return keepNative(new Database(image, { timeout: 0, readonly: true }));
}

function openFile(file: string, options: Database.Options): Database.Database {
  try {
    return keepNative(new Database(file, options));
  } catch (error) {
    throw explainNativeError(error);
  }
}

/** SQLite gives its -wal and -shm files the mode of the database file, so that one is made first, by us. */
function createPrivateFile(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    closeSync(openSync(file, "a", 0o600));
  } catch (error) {
    throw new UserError(
      `Store ${file} cannot be created or opened: ${error instanceof Error ? error.message : String(error)}. ` +
        "Check the path, its permissions and free disk space.",
      { cause: error },
    );
  }
}

function unlessBusy<T>(work: () => T): T | typeof busy {
  try {
    return work();
  } catch (error) {
    if (isBusy(error)) return busy;
    throw error;
  }
}

/** Switching needs the file alone; when it is WAL already, only asking does not. */
function useWal(database: Database.Database): void {
  const journalMode = (text: string) => keepNative(database.prepare(text)).pluck().get();
  if (journalMode("pragma journal_mode") === "wal") return;
  const mode = journalMode("pragma journal_mode = wal");
  if (mode !== "wal") {
    throw new UserError(
      `Store ${database.name} cannot use write-ahead logging (SQLite answered "${mode}"). ` +
        "Put it on a local disk; network folders do not work.",
    );
  }
}

function setPragmas(database: Database.Database): void {
  // FULL: a commit that was answered survives power loss; NORMAL may lose the last ones in WAL mode.
  database.exec("pragma synchronous = full");
  database.exec("pragma foreign_keys = on");
  database.exec("pragma wal_autocheckpoint = 1000");
  // After a burst the log is cut back instead of keeping its largest size for ever.
  database.exec(`pragma journal_size_limit = ${64 * 1024 * 1024}`);
}
