import { lstat, rm } from "node:fs/promises";
import { sep } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { GitError } from "./git-error.ts";

/**
 * Repeats a git command that met another process's lock in `gitDir`. Git holds such locks for milliseconds; the same
 * lock file seen through all tries was left by a dead process and is removed once.
 */
export async function withLockRetry<T>(gitDir: string, attempt: () => Promise<T>): Promise<T> {
  const seen = new Map<string, number>();
  for (let tries = 0; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof GitError) || !isContention(error.message) || tries >= 16) throw error;
      const lock = await lockNamed(error.message, gitDir);
      if (lock !== null) seen.set(lock.key, (seen.get(lock.key) ?? 0) + 1);
      if (lock !== null && (seen.get(lock.key) ?? 0) >= 12) await rm(lock.path, { force: true });
      await wait(20 + Math.random() * 15 * Math.min(tries + 1, 10) * 2);
    }
  }
}

function isContention(message: string): boolean {
  if (/cannot create '|Not a directory|Permission denied|No space left/.test(message)) return false;
  return /cannot lock ref|Unable to create '.*\.lock'|unable to lock|incorrect old value/.test(message);
}

async function lockNamed(message: string, gitDir: string): Promise<{ path: string; key: string } | null> {
  const path = /Unable to create '([^'\n]+\.lock)'/.exec(message)?.[1];
  if (path === undefined || !path.startsWith(gitDir + sep) || path.includes("..")) return null;
  const stat = await lstat(path).catch(() => null);
  return stat === null ? null : { path, key: `${path} ${stat.ino} ${stat.mtimeMs}` };
}
