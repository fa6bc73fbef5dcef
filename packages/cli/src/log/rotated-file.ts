import {
  closeSync,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { basename, dirname } from "node:path";
import { isAlive, processMark } from "@agent-control-plane/runners/process-mark";

export interface Rotation {
  /** Of the file that is written to; a single longer line makes it larger. */
  readonly maxBytes: number;
  /** How many full ones are kept beside it, at least 1: `<file>.1` is the newest. */
  readonly files: number;
}

export interface RotatedFile {
  /** Never throws. A line that cannot be written (a full disk) is held, and written with the next one that can be. */
  write(line: string): void;
}

/**
 * A log that several processes append to and that any of them may rotate. Nothing is ever truncated: a full file is
 * renamed, so that a line which another process is just writing ends in `<file>.1`; whoever writes next sees another
 * file at the path and opens it. One at a time rotates, by a lock that names its holder. A crash in the middle leaves a
 * gap in the numbers, which the next rotation fills.
 */
export function openRotatedFile(
  path: string,
  limits: () => Rotation,
  /** The line that tells of lines that had to wait, and of those for which there was no room to wait. */
  tell: (waited: { readonly held: number; readonly lost: number }) => string,
): RotatedFile {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  let file = open(path);
  const held: Buffer[] = [];
  let heldBytes = 0;
  let waited = { held: 0, lost: 0 };
  /** The file ends within a line of ours. */
  let isTorn = false;
  let nextTryBytes = 0;

  return {
    write(line) {
      held.push(Buffer.from(line));
      heldBytes += Buffer.byteLength(line);
      try {
        writeHeld();
      } catch {
        waited = { ...waited, held: held.length };
        while (heldBytes > mostHeldBytes && held.length > 1) {
          heldBytes -= held.shift()?.length ?? 0;
          waited = { held: held.length, lost: waited.lost + 1 };
        }
      }
    },
  };

  function writeHeld(): void {
    for (let next = held[0]; next !== undefined; next = held[0]) {
      useCurrentFile(next.length);
      if (isTorn) writeAll(Buffer.from("\n"));
      writeAll(next);
      held.shift();
      heldBytes -= next.length;
    }
    if (waited.held + waited.lost === 0) return;
    const told = waited;
    waited = { held: 0, lost: 0 };
    const line = Buffer.from(tell(told));
    held.push(line);
    heldBytes += line.length;
    writeHeld();
  }

  function writeAll(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      at += writeSync(file.handle, bytes, at);
      isTorn = at < bytes.length;
    }
  }

  function useCurrentFile(bytes: number): void {
    const { maxBytes, files } = limits();
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isFile() && found.size > 0 && found.size + bytes > maxBytes && found.size >= nextTryBytes) {
      // A folder that nobody may change any more: the file grows, which loses nothing, and is tried again later.
      nextTryBytes = rotate(path, maxBytes - bytes, files) ? 0 : found.size + 64 * 1024;
    } else if (found && found.ino === file.inode) return;
    const current = statSync(path, { throwIfNoEntry: false });
    if (current && current.ino === file.inode) return;
    const before = file.handle;
    file = open(path);
    isTorn = false;
    closeSync(before);
  }
}

/** Enough for a daemon to say for days that its disk is full. */
const mostHeldBytes = 1024 * 1024;

function open(path: string): { readonly handle: number; readonly inode: number } {
  const handle = openSync(path, "a", 0o600);
  // Of what was opened: another one may have rotated it since.
  return { handle, inode: fstatSync(handle).ino };
}

/** True when the file at `path` is small now, whoever made it so; false when it could not be rotated. */
function rotate(path: string, mostBytes: number, files: number): boolean {
  const lock = `${path}.lock`;
  if (!tryToLock(lock)) return true; // somebody else is at it; what we write meanwhile goes to either of the two
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found || found.size <= mostBytes) return true;
    if (statSync(`${path}.1`, { throwIfNoEntry: false })?.ino === found.ino) {
      unlinkSync(path); // the last one was ended between its two steps
      return true;
    }
    const kept = rotatedFiles(path);
    for (const number of kept) if (number > files) rmSync(`${path}.${number}`, { force: true });
    const gap =
      Array.from({ length: files }, (_, index) => index + 1).find((number) => !kept.includes(number)) ?? files;
    if (kept.includes(gap)) rmSync(`${path}.${gap}`);
    for (let number = gap - 1; number >= 1; number -= 1) move(`${path}.${number}`, `${path}.${number + 1}`);
    move(path, `${path}.1`);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Never over a file that is there: a second one who rotates, however that came about, fails instead. */
function move(from: string, to: string): void {
  linkSync(from, to);
  unlinkSync(from);
}

/** The numbers of the full files there are, the newest (1) first. */
function rotatedFiles(path: string): readonly number[] {
  const prefix = `${basename(path)}.`;
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(prefix) && /^[1-9]\d{0,4}$/.test(name.slice(prefix.length)))
    .map((name) => Number(name.slice(prefix.length)))
    .sort((a, b) => a - b);
}

/** All parts that there are, the oldest first, each once: a crash in the middle of a move leaves two names of one. */
export const logParts = (path: string): readonly string[] => {
  const isThere = statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory();
  const numbers = isThere ? rotatedFiles(path).toReversed() : [];
  const inodes = new Set<number | undefined>();
  return [...numbers.map((number) => `${path}.${number}`), path].filter((part) => {
    const inode = statSync(part, { throwIfNoEntry: false })?.ino;
    if (inode !== undefined && inodes.has(inode)) return false;
    inodes.add(inode);
    return true;
  });
};

/**
 * A link that points nowhere: made in one step with its content, and without a byte of the disk. What a dead process left
 * is taken away under a lock of its own and looked at again there: of two that saw it, the second would take away the
 * lock that the first has made meanwhile.
 */
function tryToLock(lock: string, mostTakings = 2): boolean {
  if (makeLink(lock)) return true;
  const taking = `${lock}.taking`;
  if (mostTakings === 0 || !isLeftBehind(lock) || !tryToLock(taking, mostTakings - 1)) return false;
  try {
    if (isLeftBehind(lock)) rmSync(lock, { force: true });
  } finally {
    rmSync(taking, { force: true });
  }
  return makeLink(lock);
}

function makeLink(lock: string): boolean {
  try {
    symlinkSync(JSON.stringify(processMark(process.pid)), lock);
    return true;
  } catch {
    return false; // there already, or in a folder that nobody may change
  }
}

function isLeftBehind(lock: string): boolean {
  try {
    const holder = JSON.parse(readlinkSync(lock));
    return holder === null || !isAlive(holder);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ENOENT";
  }
}
