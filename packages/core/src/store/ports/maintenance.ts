import type { Instant } from "../../domain/time.ts";

/** One table, for people who ask where the space goes. */
export interface TableSize {
  readonly table: string;
  readonly rows: number;
  /** With its indexes; null: this SQLite does not say. */
  readonly bytes: number | null;
  /** Of its oldest row; null: none, or its rows have no time. */
  readonly oldestAt: Instant | null;
}

export interface StoreMaintenance {
  /**
   * A number that is another one whenever somebody else has written since this store was asked last; says nothing of what
   * was written. Costs no look at any row.
   */
  revision(): Promise<number>;
  /** What the database itself finds wrong with its file; empty: nothing. Reads all of it. */
  integrity(): Promise<readonly string[]>;
  /** Rows by table, and the bytes of the file with its log of changes. */
  sizes(): Promise<{ readonly rows: Readonly<Record<string, number>>; readonly bytes: number }>;
  /** Each table with its share of the file. Reads all of it. */
  tables(): Promise<readonly TableSize[]>;
  /** Gives freed space back to the disk. Everybody else waits meanwhile; needs as much free space as the store has. */
  compact(): Promise<void>;
}
