/**
 * better-sqlite3 12 is what runs on Node 20 and on Node 24, but on Node 24 (seen with 24.21) its native objects may not
 * be collected: when the collector runs while no script does, their destructor aborts the whole process ("Assertion
 * failed: (env) != nullptr" in RemoveEnvironmentCleanupHook). So each database and each prepared statement stays
 * reachable for as long as the process lives; closing a database frees what is large about it. Callers must not make
 * them without end: prepare a text once, and do not open and close in a loop. `pragma()` and `transaction()` of the
 * library make statements nobody can keep, so they are not used.
 */
export function keepNative<T extends object>(handle: T): T {
  kept.push(handle);
  return handle;
}

const kept: object[] = [];
