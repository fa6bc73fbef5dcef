import Database from "better-sqlite3";

export interface RecordedStatement {
  readonly sql: string;
  readonly params: object | undefined;
}

/** SQLite's own words on how it finds the rows of each recorded statement, step by step. */
export function queryPlans(path: string, statements: readonly RecordedStatement[]): readonly string[] {
  const database = new Database(path, { readonly: true });
  try {
    return statements.flatMap(({ sql, params }) => {
      const rows = params ? database.prepare(`explain query plan ${sql}`).all(params) : [];
      return (rows as { detail: string }[]).map((step) => step.detail);
    });
  } finally {
    database.close();
  }
}
