/**
 * A store operation is a generator of statements: it yields SQL with named parameters and is handed the rows.
 * Nothing in it awaits, so one text is driven synchronously inside one SQLite transaction and, by an asynchronous
 * executor, inside one PostgreSQL transaction. An operation may be started again from scratch when the database was
 * busy: it must not touch anything but the database.
 */
export type Operation<T> = Generator<Statement | OutsideAct, T, unknown>;

/**
 * Something that has to be done outside the database while the transaction holds the write lock: between a check and
 * what is written for it nobody else can write. It is synchronous, what it throws undoes the transaction, and it must
 * be safe to do again: the transaction may still be undone after it.
 */
export interface OutsideAct {
  readonly act: () => unknown;
}

export type Value = string | number | null;
export type Params = { readonly [name: string]: Value };

export interface Statement {
  /**
   * One of a bounded number of texts, because executors keep them prepared; values go into `params` as `@name`.
   * Column aliases are quoted: PostgreSQL folds others to lower case.
   */
  readonly sql: string;
  readonly params: Params;
  /** `one`: the first row or undefined. `all`: every row. `count`: how many rows were changed. */
  readonly answer: "one" | "all" | "count";
}

export function* one<Row>(sql: string, params: Params): Operation<Row | undefined> {
  return (yield { sql, params, answer: "one" }) as Row | undefined;
}

export function* all<Row>(sql: string, params: Params): Operation<readonly Row[]> {
  return (yield { sql, params, answer: "all" }) as readonly Row[];
}

export function* outside<T>(act: () => T): Operation<T> {
  return (yield { act }) as T;
}

/** For writes without a `returning` clause. */
export function* count(sql: string, params: Params): Operation<number> {
  return (yield { sql, params, answer: "count" }) as number;
}

/** For a write that must hit exactly one row: anything else is a broken assumption, and the transaction is undone. */
export function* must<Row>(sql: string, params: Params): Operation<Row> {
  const row = yield* one<Row>(sql, params);
  if (row === undefined) throw new Error(`Store statement returned no row but must return one: ${sql.trim()}`);
  return row;
}
