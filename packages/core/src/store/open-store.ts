import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type Database from "better-sqlite3";
import { systemClock } from "../clock.ts";
import type { Millis } from "../domain/time.ts";
import type { Clock } from "../ports.ts";
import { baselineStore } from "./baselines.ts";
import { brokenBaseStore } from "./broken-bases.ts";
import { cooldownStore } from "./cooldowns.ts";
import { decisionStore } from "./decisions.ts";
import { eventStore } from "./events.ts";
import type { OnStatement } from "./executor.ts";
import { flowStore } from "./flows/flows.ts";
import { forgeCacheStore } from "./forge-cache.ts";
import { notificationStore } from "./notifications.ts";
import { outboxStore } from "./outbox.ts";
import { paceStore } from "./pace.ts";
import { pauseStore } from "./pauses.ts";
import { permissionStore } from "./permissions.ts";
import { quotaStore } from "./quotas.ts";
import { readingStore } from "./readings.ts";
import { retentionStore } from "./retention.ts";
import { runtimeStore } from "./runtimes.ts";
import { sampleStore } from "./samples.ts";
import { sessionStore } from "./sessions.ts";
import { spendStore } from "./spend.ts";
import { maintainDatabase } from "./sqlite/maintain-database.ts";
import { openDatabase, openDatabaseToRead } from "./sqlite/open-database.ts";
import { SqliteExecutor } from "./sqlite/sqlite-executor.ts";
import type { Store } from "./store.ts";
import { taskStore } from "./tasks.ts";
import { worktreeStore } from "./worktrees.ts";

const defaultLockWaitMs = 15_000;

interface Opened {
  readonly clock: Clock;
  readonly file: string;
  readonly waitMs: Millis;
  readonly onStatement: OnStatement | undefined;
}

export interface StoreOptions {
  /** The database file; it and its folder are created when missing, for this user only. On a local disk. */
  readonly path: string;
  readonly clock?: Clock;
  /** How long an operation waits for other processes' transactions before it throws `UserError`; 15 s by default. */
  readonly lockWaitMs?: Millis;
  /** For counting, tracing and crash tests: called before each statement, begin and commit included. */
  readonly onStatement?: OnStatement;
}

export interface LookOptions extends StoreOptions {
  /** The store as it is now, and not a byte beside it either. Without: what is written later is seen, too. */
  readonly isOneLook?: boolean;
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
  const file = resolve(options.path);
  const database = await openDatabase(options.path, waitMs, () => clock.now());
  return storeIn(database, { clock, file, waitMs, onStatement: options.onStatement });
}

/**
 * Opens the store to look at it: nothing is made or changed, and every write throws. Null when there is none: no file, or
 * one without a table, as a program leaves it that is killed while it makes the store. Throws `UserError` as `openStore`
 * does, and for a store of an older version.
 */
export async function openStoreToRead(options: LookOptions): Promise<OpenStore | null> {
  const clock = options.clock ?? systemClock;
  const waitMs = options.lockWaitMs ?? defaultLockWaitMs;
  const file = resolve(options.path);
  if (!existsSync(file)) return null;
  const database = await openDatabaseToRead(file, waitMs, { isOneLook: options.isOneLook ?? false });
  return database && storeIn(database, { clock, file, waitMs, onStatement: options.onStatement });
}

function storeIn(database: Database.Database, { clock, file, waitMs, onStatement }: Opened): OpenStore {
  const executor = new SqliteExecutor(database, file, waitMs, onStatement);
  return {
    clock,
    tasks: taskStore(executor, clock),
    sessions: sessionStore(executor, clock),
    samples: sampleStore(executor),
    outbox: outboxStore(executor, clock),
    events: eventStore(executor, clock),
    cooldowns: cooldownStore(executor, clock),
    quotas: quotaStore(executor, clock),
    pace: paceStore(executor, clock),
    spend: spendStore(executor, clock),
    forgeCache: forgeCacheStore(executor),
    readings: readingStore(executor),
    permissions: permissionStore(executor),
    pauses: pauseStore(executor, clock),
    baselines: baselineStore(executor, clock),
    brokenBases: brokenBaseStore(executor, clock),
    decisions: decisionStore(executor, clock),
    worktrees: worktreeStore(executor, clock),
    runtimes: runtimeStore(executor),
    flows: flowStore(executor, clock),
    retention: retentionStore(executor, clock),
    notifications: notificationStore(executor, clock),
    maintenance: maintainDatabase(database, file, waitMs),
    close: () => executor.close(),
  };
}
