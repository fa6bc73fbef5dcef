import type Database from "better-sqlite3";
import type { Millis } from "../../domain/time.ts";
import type { Executor, OnStatement } from "../executor.ts";
import type { Operation, OutsideAct, Statement } from "../statement.ts";
import { busy, type LockWait, pause, retryWhileBusy } from "./busy-retry.ts";
import { explainSqliteError, isBusy } from "./explain-sqlite-error.ts";
import { LockTurns } from "./lock-turns.ts";
import { keepNative } from "./native-handles.ts";

interface Waiting {
  readonly operation: () => Operation<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Drives operations synchronously: from `begin immediate` to `commit` nothing else of this process runs, so a
 * connection needs no lock of its own. A crash anywhere before the end of `commit` leaves nothing; after it, all.
 */
export class SqliteExecutor implements Executor {
  readonly #database: Database.Database;
  readonly #lock: LockWait;
  readonly #turns = new LockTurns();
  readonly #onStatement: OnStatement | undefined;
  readonly #prepared = new Map<string, Database.Statement>();
  readonly #together: Waiting[] = [];

  /** `file`: for messages; one that is read in memory does not know it. */
  constructor(database: Database.Database, file: string, waitMs: Millis, onStatement?: OnStatement) {
    this.#database = database;
    this.#lock = { path: file, waitMs, onWait: () => this.#turns.waited(performance.now()) };
    this.#onStatement = onStatement;
  }

  async write<T>(operation: () => Operation<T>): Promise<T> {
    if (this.#turns.isOver(performance.now())) await pause(1);
    return retryWhileBusy(this.#lock, () => this.#attempt(() => this.#transact(operation)));
  }

  /** What is asked for in one turn of the event loop is one transaction: waiting for the disk is most of a small one. */
  writeTogether<T>(operation: () => Operation<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#together.push({ operation, resolve: resolve as (value: unknown) => void, reject });
      if (this.#together.length === 1) setImmediate(() => void this.#writeAll(this.#together.splice(0)));
    });
  }

  /** One that fails is not to take the others with it: then each is a transaction of its own. */
  async #writeAll(waiting: readonly Waiting[]): Promise<void> {
    if (waiting.length > 1) {
      const answers = await this.write(() => inTurn(waiting)).catch(() => null);
      if (answers !== null) return waiting.forEach(({ resolve }, index) => void resolve(answers[index]));
    }
    for (const { operation, resolve, reject } of waiting) await this.write(operation).then(resolve, reject);
  }

  async read<T>(operation: () => Operation<T>): Promise<T> {
    return retryWhileBusy(this.#lock, () => this.#attempt(() => this.#drive(operation())));
  }

  async close(): Promise<void> {
    this.#database.close();
  }

  #attempt<T>(work: () => T): T | typeof busy {
    try {
      return work();
    } catch (error) {
      if (isBusy(error)) return busy;
      throw explainSqliteError(error, this.#lock.path);
    }
  }

  #transact<T>(operation: () => Operation<T>): T {
    this.#step("begin immediate");
    try {
      const result = this.#drive(operation());
      this.#step("commit");
      return result;
    } catch (error) {
      this.#undo();
      throw error;
    }
  }

  #drive<T>(operation: Operation<T>): T {
    let step = operation.next();
    while (!step.done) step = operation.next(this.#execute(step.value));
    return step.value;
  }

  #execute(statement: Statement | OutsideAct): unknown {
    if ("act" in statement) return statement.act();
    this.#onStatement?.(statement.sql, statement.params);
    const prepared = this.#prepare(statement.sql);
    if (statement.answer === "one") return prepared.get(statement.params);
    if (statement.answer === "all") return prepared.all(statement.params);
    return prepared.run(statement.params).changes;
  }

  #step(sql: string): void {
    this.#onStatement?.(sql);
    this.#prepare(sql).run();
  }

  /** SQLite has already rolled back by itself after some errors, a full disk among them. */
  #undo(): void {
    if (this.#database.inTransaction) this.#step("rollback");
  }

  #prepare(sql: string): Database.Statement {
    const known = this.#prepared.get(sql);
    if (known) return known;
    const prepared = keepNative(this.#database.prepare(sql));
    this.#prepared.set(sql, prepared);
    return prepared;
  }
}

function* inTurn(waiting: readonly Waiting[]): Operation<readonly unknown[]> {
  const answers: unknown[] = [];
  for (const { operation } of waiting) answers.push(yield* operation());
  return answers;
}
