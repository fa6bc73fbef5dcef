import { systemClock } from "../clock.ts";
import type { Millis } from "../domain/time.ts";
import type { Clock } from "../ports.ts";
import { cooldownStore } from "./cooldowns.ts";
import { decisionStore } from "./decisions.ts";
import { eventStore } from "./events.ts";
import { forgeCacheStore } from "./forge-cache.ts";
import { optInStore } from "./opt-ins.ts";
import { outboxStore } from "./outbox.ts";
import { runtimeStore } from "./runtimes.ts";
import { sessionStore } from "./sessions.ts";
import { openDatabase } from "./sqlite/open-database.ts";
import { type OnStatement, SqliteExecutor } from "./sqlite/sqlite-executor.ts";
import type { Store } from "./store.ts";
import { taskStore } from "./tasks.ts";
import { worktreeStore } from "./worktrees.ts";

const defaultLockWaitMs = 15_000;

export interface StoreOptions {
  /** The database file; it and its folder are created when missing, for this user only. On a local disk. */
  readonly path: string;
  readonly clock?: Clock;
  /** How long an operation waits for other processes' transactions before it throws `UserError`; 15 s by default. */
  readonly lockWaitMs?: Millis;
  /** For counting, tracing and crash tests: called before each statement, begin and commit included. */
  readonly onStatement?: OnStatement;
}

/** The store and the clock that its instants come from. */
export interface OpenStore extends Store {
  readonly clock: Clock;
}

/**
 * Opens the store, creating and migrating it as needed. Throws `UserError` for a file that is damaged, newer than this
 * program, of another program or not writable, and `StoreFullError` for a full disk; nothing is written then.
 */
export async function openStore(options: StoreOptions): Promise<OpenStore> {
  const clock = options.clock ?? systemClock;
  const waitMs = options.lockWaitMs ?? defaultLockWaitMs;
  const database = await openDatabase(options.path, waitMs, () => clock.now());
  const executor = new SqliteExecutor(database, waitMs, options.onStatement);
  return {
    clock,
    tasks: taskStore(executor, clock),
    sessions: sessionStore(executor, clock),
    outbox: outboxStore(executor, clock),
    events: eventStore(executor, clock),
    cooldowns: cooldownStore(executor, clock),
    forgeCache: forgeCacheStore(executor),
    optIns: optInStore(executor),
    decisions: decisionStore(executor, clock),
    worktrees: worktreeStore(executor, clock),
    runtimes: runtimeStore(executor),
    close: () => executor.close(),
  };
}
