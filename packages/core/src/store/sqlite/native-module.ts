import Database from "better-sqlite3";
import { keepNative } from "./native-handles.ts";

/** The SQLite module is compiled for one Node and one system. Null: it loads here; else what it says. */
export function nativeModuleProblem(): string | null {
  try {
    keepNative(new Database(":memory:")).close();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
