import { closeSync, fsyncSync, openSync } from "node:fs";

/** Waits until a file or folder is on disk. A new name is there when its folder is, whatever became of the file itself. */
export function syncPath(path: string): void {
  const handle = openSync(path, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
