import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** Puts a whole file in place or changes nothing: written beside it, synced, renamed. Keeps the mode of the one that was there. */
export function replaceFile(path: string, text: string, mode = 0o644): void {
  const fresh = join(dirname(path), `.${basename(path)}.new-${process.pid}-${randomBytes(4).toString("hex")}`);
  const handle = openSync(fresh, "wx", statSync(path, { throwIfNoEntry: false })?.mode ?? mode);
  try {
    let rest = Buffer.from(text);
    while (rest.length > 0) rest = rest.subarray(writeSync(handle, rest));
    fsyncSync(handle);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  } finally {
    closeSync(handle);
  }
  renameSync(fresh, path);
}
