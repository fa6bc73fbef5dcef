import Sqlite from "better-sqlite3";
import { schemaText, schemaVersion } from "./schema.ts";

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

/** Opens or creates the file. Throws when a newer forge wrote it, because guessing at its meaning would lose data. */
export function openDatabase(file: string): Database {
  const sqlite = new Sqlite(file);
  sqlite.pragma("journal_mode = WAL");
  sqlite.pragma("synchronous = FULL");
  sqlite.pragma("foreign_keys = ON");
  prepareSchema(sqlite, file);
  return wrap(sqlite);
}

function prepareSchema(sqlite: Sqlite.Database, file: string): void {
  const found = sqlite.pragma("user_version", { simple: true }) as number;
  if (found === schemaVersion) return;
  if (found !== 0) {
    sqlite.close();
    throw new Error(
      `${file} has forge schema ${found}, this version knows ${schemaVersion}: use the version that wrote it, or another data folder`,
    );
  }
  sqlite.transaction(() => {
    sqlite.exec(schemaText);
    sqlite.pragma(`user_version = ${schemaVersion}`);
  })();
}

function wrap(sqlite: Sqlite.Database): Database {
  const totalChanges = sqlite.prepare("select total_changes()").pluck();
  const prepared = new Map<string, Sqlite.Statement>();
  const statement = (text: string) => {
    const known = prepared.get(text);
    if (known) return known;
    const fresh = sqlite.prepare(text);
    prepared.set(text, fresh);
    return fresh;
  };
  return {
    get: <Row>(text: string, parameters: Parameters = {}) => statement(text).get(parameters) as Row | undefined,
    all: <Row>(text: string, parameters: Parameters = {}) => statement(text).all(parameters) as Row[],
    run: (text, parameters = {}) => Number(statement(text).run(parameters).lastInsertRowid),
    version: () => totalChanges.get() as number,
    atomically: (act) => sqlite.transaction(act).immediate(),
    close: () => sqlite.close(),
  };
}
