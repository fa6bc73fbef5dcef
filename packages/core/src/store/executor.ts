import type { Operation, Params } from "./statement.ts";

/** Runs operations against one database. */
export interface Executor {
  /** All of the operation in one transaction that holds the write lock from its start. */
  write<T>(operation: () => Operation<T>): Promise<T>;
  /** The same, in one transaction with the others that are asked for just now; each is all or nothing by itself. */
  writeTogether<T>(operation: () => Operation<T>): Promise<T>;
  /** An operation of a single reading statement. */
  read<T>(operation: () => Operation<T>): Promise<T>;
  close(): Promise<void>;
}

/** Called before each statement, `begin immediate`, `commit` and `rollback` (without values) included. */
export type OnStatement = (sql: string, params?: Params) => void;
