import { randomBytes } from "node:crypto";
import {
  type BigIntStats,
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import * as z from "zod";
import type { Profile } from "./profile.ts";
import { contains } from "./rules.ts";

/** A folder that we made, or found empty, holds this file. Only what lies in such a folder is ever removed with a profile. */
export const ownershipMark = ".acp-owned";

const markSchema = z.strictObject({
  version: z.literal(1),
  profileId: z.string(),
  home: z.string(),
  /** Identity of the folder: a copy of the mark elsewhere proves nothing. */
  device: z.string(),
  inode: z.string(),
  /** False: a person had made the folder, empty; it outlives its content. */
  made: z.boolean(),
});
export type Ownership = z.infer<typeof markSchema>;

/** The runtime home that an installed profile lies in. */
export const homeOf = ({ file }: Pick<Profile, "file">): string => resolve(dirname(file), "..", "..", "..");

/** The agent root, and what lies outside of it. The anchor carries a mark of its own kind. */
export function rootsToOwn({ runtime }: Pick<Profile, "runtime">): readonly string[] {
  const { agentRoot, worktreeRoot, runsRoot } = runtime;
  return [agentRoot, ...[worktreeRoot, runsRoot].filter((path) => !contains(agentRoot, path))];
}

/** Makes the roots of a profile and marks those that are new or empty. One that holds somebody's files stays without a mark. */
export function claimRoots(profile: Pick<Profile, "id" | "file" | "runtime">): void {
  for (const root of rootsToOwn(profile)) claimFolder(root, { profileId: profile.id, home: homeOf(profile) });
}

/** The mark of the folder itself; null for none, for one of another folder, and for a link. */
export function readOwnership(folder: string): Ownership | null {
  const stat = folderAt(folder);
  const file = join(folder, ownershipMark);
  if (stat === null || lstatSync(file, { throwIfNoEntry: false })?.isFile() !== true) return null;
  try {
    const { success, data } = markSchema.safeParse(JSON.parse(readFileSync(file, "utf8")));
    return success && data.device === String(stat.dev) && data.inode === String(stat.ino) ? data : null;
  } catch {
    return null; // not readable as a mark: none
  }
}

function claimFolder(folder: string, owner: Pick<Ownership, "profileId" | "home">): void {
  const made = folderAt(folder) === null && mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined;
  const stat = folderAt(folder);
  // A link, or a folder with something in it: a person's, or marked already.
  if (stat === null || readdirSync(folder).length > 0) return;
  const mark: Ownership = { version: 1, ...owner, device: String(stat.dev), inode: String(stat.ino), made };
  const fresh = join(folder, `${ownershipMark}.${process.pid}-${randomBytes(4).toString("hex")}`);
  const handle = openSync(fresh, "wx", 0o600);
  try {
    writeSync(handle, `${JSON.stringify(mark, null, 2)}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  try {
    renameSync(fresh, join(folder, ownershipMark));
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}

function folderAt(path: string): BigIntStats | null {
  const stat = lstatSync(path, { throwIfNoEntry: false, bigint: true });
  return stat?.isDirectory() === true ? stat : null;
}
