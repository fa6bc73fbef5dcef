import { chmodSync, lstatSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { foldersOf, type IndexEntry } from "./index-entries.ts";
import { makePace } from "./pace.ts";
import { pathBelow } from "./remove-tree.ts";
import { isUntouchedFile, isUntouchedFolder, type TreeSeal } from "./seal-tree.ts";

/**
 * Moves over into the new folder `to` what of `from` is still exactly what the host made: by inode and change time,
 * nothing is judged by what it looks like. A folder that was touched is replaced by a new one, and so are the files
 * directly in it. Everything else stays in `from` or goes to `junk`. Throws the system's errors.
 */
export async function sieveTree(of: {
  readonly from: string;
  readonly to: string;
  readonly junk: string;
  readonly entries: ReadonlyMap<string, IndexEntry>;
  readonly seal: TreeSeal;
}): Promise<void> {
  const { entries, seal } = of;
  const folders = foldersOf(entries.keys());
  const sealedAtNs = BigInt(seal.sealedAtNs);
  const pace = makePace();
  let thrown = 0;

  /** `to` is new; `from` is anything with that path. */
  async function carry(from: Buffer, to: Buffer, path: string): Promise<void> {
    mkdirSync(to);
    // Its owner may have no right to look into it or to move out of it.
    chmodSync(from, 0o700);
    for (const { name, below, stat } of children(from, path)) {
      await pace();
      if (!stat.isDirectory() || !folders.has(below)) continue;
      await move(pathBelow(from, name), pathBelow(to, name), below);
    }
  }

  async function move(from: Buffer, to: Buffer, path: string): Promise<void> {
    if (!isUntouchedFolder(lstatSync(from, { bigint: true }), path, seal)) return carry(from, to, path);
    renameSync(from, to);
    await sift(to, path);
  }

  /** The folder itself is untouched: nothing came or went, but its files may have been written to. */
  async function sift(folder: Buffer, path: string): Promise<void> {
    for (const { name, below, stat } of children(folder, path)) {
      await pace();
      const entry = entries.get(below);
      if (entry && isUntouchedFile(stat, entry, sealedAtNs)) continue;
      const here = pathBelow(folder, name);
      if (isUntouchedFolder(stat, below, seal)) {
        await sift(here, below);
        continue;
      }
      const away = Buffer.from(join(of.junk, String(thrown++)));
      // Moving a folder rewrites its "..", which needs the right to write to it.
      if (stat.isDirectory()) chmodSync(here, 0o700);
      renameSync(here, away);
      if (stat.isDirectory() && folders.has(below)) await carry(away, here, below);
    }
  }

  mkdirSync(of.junk);
  await carry(Buffer.from(of.from), Buffer.from(of.to), "");
}

function* children(folder: Buffer, path: string) {
  for (const name of readdirSync(folder, { encoding: "buffer" })) {
    const below = path === "" ? name.toString("latin1") : `${path}/${name.toString("latin1")}`;
    yield { name, below, stat: lstatSync(pathBelow(folder, name), { bigint: true }) };
  }
}
