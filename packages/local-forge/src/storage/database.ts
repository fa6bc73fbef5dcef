import Sqlite from "better-sqlite3";
import { keepNative } from "./native-handles.ts";
import { schemaText } from "./schema.ts";
import { upgrades } from "./upgrades.ts";

type Parameters = Record<string, string | number | null>;

/** The forge's own small database: statements are prepared once, instants are integer milliseconds, text is text. */
export interface Database {
  get<Row>(text: string, parameters?: Parameters): Row | undefined;
  all<Row>(text: string, parameters?: Parameters): Row[];
  /** Returns the id of the row an insert made. */
  run(text: string, parameters?: Parameters): number;
  /** Grows with every row written. */
  version(): number;
  atomically<T>(act: () => T): T;
  close(): void;
}

/** Opens or creates the file, and brings an older one up to date in place. Throws when a newer forge wrote it, because guessing at its meaning would lose data. */
export function openDatabase(file: string): Database {
  const sqlite = keepNative(new Sqlite(file));
  sqlite.exec("pragma journal_mode = WAL");
  sqlite.exec("pragma synchronous = FULL");
  sqlite.exec("pragma foreign_keys = ON");
  prepareSchema(sqlite, file);
  return wrap(sqlite);
}

const schemaVersion = 1 + upgrades.length;

function prepareSchema(sqlite: Sqlite.Database, file: string): void {
  const found = keepNative(sqlite.prepare("pragma user_version")).pluck().get() as number;
  if (found === schemaVersion) return;
  if (found > schemaVersion) {
    sqlite.close();
    throw new Error(
      `${file} has forge schema ${found}, this version knows ${schemaVersion}: use the version that wrote it, or another data folder`,
    );
  }
  atomically(sqlite, () => {
    const steps = found === 0 ? [schemaText, ...upgrades] : upgrades.slice(found - 1);
    for (const step of steps) sqlite.exec(step);
    sqlite.exec(`pragma user_version = ${schemaVersion}`);
  });
}

function wrap(sqlite: Sqlite.Database): Database {
  const totalChanges = keepNative(sqlite.prepare("select total_changes()")).pluck();
  const prepared = new Map<string, Sqlite.Statement>();
  const statement = (text: string) => {
    const known = prepared.get(text);
    if (known) return known;
    const fresh = keepNative(sqlite.prepare(text));
    prepared.set(text, fresh);
    return fresh;
  };
  return {
    get: <Row>(text: string, parameters: Parameters = {}) => statement(text).get(parameters) as Row | undefined,
    all: <Row>(text: string, parameters: Parameters = {}) => statement(text).all(parameters) as Row[],
    run: (text, parameters = {}) => Number(statement(text).run(parameters).lastInsertRowid),
    version: () => totalChanges.get() as number,
    atomically: (act) => atomically(sqlite, act),
    close: () => sqlite.close(),
  };
}

/** Inside another one it is part of that: there is nothing to nest. */
function atomically<T>(sqlite: Sqlite.Database, act: () => T): T {
  if (sqlite.inTransaction) return act();
  sqlite.exec("begin immediate");
  try {
    const result = act();
    sqlite.exec("commit");
    return result;
  } catch (error) {
    if (sqlite.inTransaction) sqlite.exec("rollback");
    throw error;
  }
}
