/** What git's index knows of a checked out file: content aside, everything that identifies the file on disk. */
export interface IndexEntry {
  readonly kind: "file" | "executable" | "link";
  /** The lower 32 bits; more git does not keep. */
  readonly inode: bigint;
  readonly size: bigint;
  readonly changedAtNs: bigint;
  readonly writtenAtNs: bigint;
}

/**
 * The entries of a git index (versions 2 and 3, SHA-1) by path, in latin1. Null for one that is not a plain complete
 * checkout: conflicts, submodules, entries that git would not compare with the disk. Pure.
 */
export function readIndexEntries(index: Buffer): ReadonlyMap<string, IndexEntry> | null {
  const entries = new Map<string, IndexEntry>();
  try {
    const version = index.readUInt32BE(4);
    if (index.toString("latin1", 0, 4) !== "DIRC" || version < 2 || version > 3) return null;
    let at = 12;
    for (let left = index.readUInt32BE(8); left > 0; left -= 1) {
      const kind = kinds.get(index.readUInt32BE(at + 24));
      // Only the length of the name: no stage, no bit that hides the file from git.
      const flags = index.readUInt16BE(at + 60);
      const end = index.indexOf(0, at + 62);
      if (kind === undefined || flags > longestName || end < 0) return null;
      entries.set(index.toString("latin1", at + 62, end), {
        kind,
        changedAtNs: instantAt(index, at),
        writtenAtNs: instantAt(index, at + 8),
        inode: BigInt(index.readUInt32BE(at + 20)),
        size: BigInt(index.readUInt32BE(at + 36)),
      });
      at += (end - at + 8) & ~7;
    }
    return entries;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Each folder that holds one of `paths`, without the outermost. */
export function foldersOf(paths: Iterable<string>): ReadonlySet<string> {
  const folders = new Set<string>();
  for (const path of paths) {
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
      const folder = path.slice(0, end);
      if (folders.has(folder)) break;
      folders.add(folder);
    }
  }
  return folders;
}

const longestName = 0xfff;

const kinds: ReadonlyMap<number, IndexEntry["kind"]> = new Map([
  [0o100644, "file"],
  [0o100755, "executable"],
  [0o120000, "link"],
]);

function instantAt(index: Buffer, at: number): bigint {
  return BigInt(index.readUInt32BE(at)) * 1_000_000_000n + BigInt(index.readUInt32BE(at + 4));
}
