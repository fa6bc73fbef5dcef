import type { Operation } from "./statement.ts";

/** Runs operations against one database. */
export interface Executor {
  /** All of the operation in one transaction that holds the write lock from its start. */
  write<T>(operation: () => Operation<T>): Promise<T>;
  /** An operation of a single reading statement. */
  read<T>(operation: () => Operation<T>): Promise<T>;
  close(): Promise<void>;
}
