import { createHash, type Hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { PackageFile } from "./package-files.ts";

/** What a version is made of, without any time: the same files give the same hash wherever and whenever they are. */
export function contentHash(files: readonly PackageFile[]): string {
  const hash = createHash("sha256");
  for (const file of files) addFile(hash, file, readFileSync(file.from));
  return hash.digest("hex");
}

/** For those who read each file anyway. */
export function addFile(hash: Hash, { to, isExecutable }: PackageFile, content: Uint8Array): void {
  hash.update(`${to}\0${isExecutable ? "x" : "-"}\0${content.length}\0`);
  hash.update(content);
}

/** The same files in the folder of an installed version. */
export const installedFiles = (folder: string, files: readonly PackageFile[]): readonly PackageFile[] =>
  files.map((file) => ({ ...file, from: join(folder, file.to) }));
