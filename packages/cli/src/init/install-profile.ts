import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { syncPath, UserError } from "@agent-control-plane/core";
import type { PlannedFile } from "./plan-profile.ts";

/**
 * Puts a whole profile folder in place or changes nothing: written into a sibling, synced, then renamed.
 *
 * Replacing takes two renames (old aside, new in place), because no portable call swaps two folders. A crash between
 * them leaves the old profile as `.<id>.old-*`; the next init of that id puts it back.
 */
export function installProfile(
  dir: string,
  files: readonly PlannedFile[],
  { force }: { readonly force: boolean },
): void {
  const mark = `${process.pid}-${randomBytes(4).toString("hex")}`;
  const fresh = sibling(dir, "new", mark);
  let made: string | undefined;
  try {
    made = mkdirSync(dirname(dir), { recursive: true });
    putBack(dir);
    mkdirSync(fresh, { mode: 0o700 });
    for (const file of files) writeFile(join(fresh, file.path), file);
    if (force) carrySecrets(dir, fresh);
    syncPath(fresh);
    switchFolders(dir, fresh, sibling(dir, "old", mark), force);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    if (made !== undefined) removeEmpty(dirname(dir), made);
    throw explained(error, dir);
  }
  syncPath(dirname(dir));
}

/** Whether a profile stands there already. Throws `UserError` when it does and nobody said `--force`. Writes nothing. */
export function refuseExisting(dir: string, force: boolean): boolean {
  const stands = lstatSync(dir, { throwIfNoEntry: false }) !== undefined || putAside(dir) !== null;
  if (stands && !force) throw alreadyThere(dir);
  return stands;
}

const sibling = (dir: string, kind: "new" | "old", mark: string) =>
  join(dirname(dir), `.${basename(dir)}.${kind}-${mark}`);

/** After a crash in the middle of a replacement the old profile is the profile. */
function putBack(dir: string): void {
  const aside = existsSync(dir) ? null : putAside(dir);
  if (aside !== null) renameSync(aside, dir);
}

function putAside(dir: string): string | null {
  if (!existsSync(dirname(dir))) return null;
  const name = readdirSync(dirname(dir)).find((candidate) => candidate.startsWith(`.${basename(dir)}.old-`));
  return name === undefined ? null : join(dirname(dir), name);
}

/** Folders we made on the way, as long as nobody has put anything in them. */
function removeEmpty(folder: string, upTo: string): void {
  try {
    rmdirSync(folder);
  } catch {
    return; // in use by somebody else by now: theirs
  }
  if (folder !== upTo) removeEmpty(dirname(folder), upTo);
}

function switchFolders(dir: string, fresh: string, aside: string, force: boolean): void {
  if (!force || !existsSync(dir)) {
    renameSync(fresh, dir); // fails when somebody made it meanwhile
    return;
  }
  renameSync(dir, aside);
  try {
    renameSync(fresh, dir);
  } catch (error) {
    renameSync(aside, dir);
    throw error;
  }
  rmSync(aside, { recursive: true, force: true });
}

function writeFile(path: string, { content, mode }: PlannedFile): void {
  mkdirSync(dirname(path), { recursive: true });
  const handle = openSync(path, "wx", mode);
  try {
    let rest = Buffer.from(content);
    while (rest.length > 0) rest = rest.subarray(writeSync(handle, rest));
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function carrySecrets(dir: string, fresh: string): void {
  const [from, to] = [join(dir, "secrets.env"), join(fresh, "secrets.env")];
  if (existsSync(to) || lstatSync(from, { throwIfNoEntry: false })?.isFile() !== true) return;
  copyFileSync(from, to);
  chmodSync(to, 0o600);
}

function explained(error: unknown, dir: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOTEMPTY" || code === "EEXIST") return alreadyThere(dir);
  if (code === undefined) return error;
  const cures: Readonly<Record<string, string>> = {
    ENOSPC: "Free some space",
    EACCES: "Make the folder writable",
    EROFS: "Use a writable place",
  };
  return new UserError(
    `The profile could not be written to ${dir}; nothing was changed (${message}). ${cures[code] ?? "See the reason given"} and try again.`,
    {
      cause: error,
    },
  );
}

function alreadyThere(dir: string): UserError {
  return new UserError(
    `A profile is installed at ${dir} already; nothing was changed. Use --force to replace it, or another --profile-id.`,
  );
}
