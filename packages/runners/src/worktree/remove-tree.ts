import { chmod, lstat, readdir, rm } from "node:fs/promises";

/**
 * Deletes `path` with everything below it, also what its owner may not read. Links are removed, never followed.
 * Throws the system's error when something cannot be deleted.
 */
export async function removeTree(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch(async () => {
    await openFolders(Buffer.from(path));
    await rm(path, { recursive: true, force: true });
  });
}

/** Gives the owner read, write and search rights on each folder from `path` down. Bytes: names need not be UTF-8. */
export async function openFolders(path: Buffer): Promise<void> {
  const stat = await lstat(path).catch(() => null);
  if (!stat?.isDirectory()) return;
  if ((stat.mode & 0o700) !== 0o700) await chmod(path, (stat.mode & 0o777) | 0o700);
  for (const entry of await readdir(path, { withFileTypes: true, encoding: "buffer" })) {
    if (entry.isDirectory()) await openFolders(pathBelow(path, entry.name));
  }
}

export function pathBelow(folder: Buffer, name: Buffer): Buffer {
  return Buffer.concat([folder, Buffer.from("/"), name]);
}
