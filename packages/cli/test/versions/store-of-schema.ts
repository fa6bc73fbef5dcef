import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

// Only core has it: the command line knows no SQL.
export const Database = createRequire(new URL("../../../core/package.json", import.meta.url))("better-sqlite3");

/** A database that looks like a store of this schema. */
export function storeOf(home: string, path: string, schema: number, text: string): void {
  mkdirSync(join(home, path, ".."), { recursive: true });
  const database = new Database(join(home, path));
  database.exec(`create table migrations (number integer); insert into migrations values (${schema});
    create table note (text); insert into note values ('${text}')`);
  database.close();
}

/** What `storeOf` wrote into it; throws when the file is not whole. */
export function noteIn(file: string): unknown {
  const database = new Database(file, { readonly: true, fileMustExist: true });
  try {
    const state = database.pragma("integrity_check", { simple: true });
    if (state !== "ok") throw new Error(`${file}: ${state}`);
    return database.prepare("select text from note").pluck().get();
  } finally {
    database.close();
  }
}
