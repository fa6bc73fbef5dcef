import { statSync } from "node:fs";

/**
 * Whether a file is still the same, without reading it: times of change (of content and of mode), size, inode. Two
 * stamps of which the content differs can only be equal when it was written twice within the clock's grain.
 */
export function fileStamp(path: string): string {
  try {
    const found = statSync(path, { bigint: true, throwIfNoEntry: false });
    return found ? `${found.mtimeNs}:${found.ctimeNs}:${found.size}:${found.ino}` : "absent";
  } catch (error) {
    // A folder that may not be looked into: reading will say so in better words.
    return (error as NodeJS.ErrnoException).code ?? "unreadable";
  }
}
