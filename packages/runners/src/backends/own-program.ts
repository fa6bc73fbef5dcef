import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * A program of ours that is bundled beside the command line: in the published package in the same `dist`, in a source
 * tree where the build puts it. Where neither is, the place it should be at: starting it then says what is missing.
 */
export function ownProgram(name: string, from: string = dirname(fileURLToPath(import.meta.url))): string {
  const places = foldersAbove(from).flatMap((folder) => [
    join(folder, `${name}.js`),
    join(folder, "dist", `${name}.js`),
    join(folder, "dist", "package", "dist", `${name}.js`),
  ]);
  return places.find((place) => existsSync(place)) ?? join(from, `${name}.js`);
}

/** Up to the root of the package or of the workspace: what lies above is not ours. */
function foldersAbove(from: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = from; ; folder = dirname(folder)) {
    folders.push(folder);
    if (existsSync(join(folder, "profiles-template")) || folder === dirname(folder)) return folders;
  }
}
