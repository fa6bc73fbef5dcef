import { copyFile, lstat, utimes } from "node:fs/promises";

/**
 * Copies a git index with its time of writing, in whole seconds and never later. Git trusts an entry only when it is
 * older than the index; a copy with a new time would hide edits made in the second of the checkout.
 */
export async function copyIndex(from: string, to: string): Promise<void> {
  const { mtimeMs } = await lstat(from);
  await copyFile(from, to);
  const writtenAt = Math.floor(mtimeMs / 1000);
  await utimes(to, writtenAt, writtenAt);
}
