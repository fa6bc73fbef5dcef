// Of a folder in which others work: what is taken away while it is looked at counts as not there.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Paths of all plain files below a folder; links are not followed. */
export function filesBelow(folder: string): readonly string[] {
  return (unlessGone(() => readdirSync(folder, { withFileTypes: true })) ?? []).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(path);
    return entry.isFile() ? [path] : [];
  });
}

/** The bytes of a file as text, one character each. */
export const bytesOf = (path: string): string => unlessGone(() => readFileSync(path, "latin1")) ?? "";

function unlessGone<T>(look: () => T): T | null {
  try {
    return look();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
