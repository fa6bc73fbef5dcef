import { type BigIntStats, lstatSync, readdirSync } from "node:fs";
import { foldersOf, type IndexEntry } from "./index-entries.ts";
import { makePace } from "./pace.ts";
import { pathBelow } from "./remove-tree.ts";
import { isUntouchedFile } from "./seal-tree.ts";

/**
 * Whether `tree` holds exactly the files of an index that was just written, with their folders, and the rights a new
 * checkout would have; nothing else of any kind. Answers what is odd; null: nothing.
 */
export async function proveTree(tree: string, entries: ReadonlyMap<string, IndexEntry>): Promise<string | null> {
  const folders = foldersOf(entries.keys());
  const { mode } = lstatSync(tree, { bigint: true });
  const pace = makePace();
  let seen = 0;

  async function walk(folder: Buffer, path: string): Promise<string | null> {
    for (const name of readdirSync(folder, { encoding: "buffer" })) {
      await pace();
      const below = path === "" ? name.toString("latin1") : `${path}/${name.toString("latin1")}`;
      const here = pathBelow(folder, name);
      const stat = lstatSync(here, { bigint: true });
      const entry = entries.get(below);
      if (entry !== undefined) {
        if (!isUntouchedFile(stat, entry, null)) return `${below} is not the file that git wrote`;
        if (!hasRights(stat, entry, mode)) return `${below} has other rights than a new file`;
        seen += 1;
      } else if (folders.has(below) && stat.isDirectory()) {
        if (stat.mode !== mode) return `${below} has other rights than a new folder`;
        const odd = await walk(here, below);
        if (odd !== null) return odd;
      } else return `${below} is not in the index`;
    }
    return null;
  }

  const odd = await walk(Buffer.from(tree), "");
  return odd ?? (seen === entries.size ? null : `${entries.size - seen} files are missing`);
}

/** The rights a new folder got say what the process takes away from new files. */
function hasRights(stat: BigIntStats, entry: IndexEntry, folderMode: bigint): boolean {
  if (entry.kind === "link") return true;
  return (stat.mode & 0o7777n) === (folderMode & (entry.kind === "executable" ? 0o777n : 0o666n));
}
