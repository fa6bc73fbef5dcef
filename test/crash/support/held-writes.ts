import { createRequire } from "node:module";
import { setTimeout as wait } from "node:timers/promises";

interface Connection {
  exec(sql: string): void;
  prepare(sql: string): { pluck(): { get(): unknown } };
  close(): void;
}

// The test folder has no dependency of its own on the native module.
const require = createRequire(new URL("../../../packages/core/package.json", import.meta.url));
const Database = require("better-sqlite3") as { new (path: string, options: { timeout: number }): Connection };

/** Everybody else's writes to the store wait for us, but for the moments when one is let through. */
export interface HeldWrites {
  letOneThrough(): Promise<void>;
  release(): void;
}

const spinMs = 4;

/**
 * For moments too short to be met by chance: what stands between two writes stands still while we look. After another
 * one's write we take the lock back in a tight loop, before the next write can begin.
 */
export function holdWrites(storeFile: string): HeldWrites {
  const database = new Database(storeFile, { timeout: 0 });
  const version = () => database.prepare("pragma data_version").pluck().get();
  let isHeld = false;

  function take(): boolean {
    try {
      database.exec("begin immediate");
      return true;
    } catch {
      return false;
    }
  }

  return {
    async letOneThrough() {
      // Timers and the other side's own go on.
      await wait(1);
      const before = version();
      if (isHeld) database.exec("commit");
      isHeld = false;
      const until = performance.now() + spinMs;
      while (performance.now() < until && version() === before);
      while (!isHeld) isHeld = take();
    },
    release() {
      if (isHeld) database.exec("rollback");
      database.close();
    },
  };
}
