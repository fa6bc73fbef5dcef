import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Instant, syncPath, UserError } from "@agent-control-plane/core";
import { isAlive, processMark } from "@agent-control-plane/runners/process-mark";
import { contentHash, installedFiles } from "./content-hash.ts";
import { currentId } from "./installed-versions.ts";
import { mark, readManifest, runningNode } from "./manifest.ts";
import { type PackageFile, packageFiles } from "./package-files.ts";
import { stagingPrefix, versionsFolder } from "./places.ts";
import { idOfInstalled, type RunningPackage } from "./running-package.ts";
import { askVersion, copyFiles, writeManifest } from "./stage-version.ts";
import { switchCurrent } from "./switch-current.ts";

export interface Synced {
  /** `installed`: copied and made current; `switched`: it was there and is current now; `unchanged`: nothing was written. */
  readonly status: "installed" | "switched" | "unchanged";
  readonly id: string;
  readonly version: string;
  readonly folder: string;
  /** The id that was current before; null: none. */
  readonly before: string | null;
  /** Why not in a folder of the plain version number; null when it is. */
  readonly because: "other-content" | null;
  readonly dryRun: boolean;
}

/**
 * Copies a package, with what it needs to run, into the runtime home and makes it the current version:
 *
 *     read -> copy to a folder of no name -> run it there -> give it its name -> switch `current`
 *
 * Each step leaves what was there before as it was; a failed one leaves the old version current. The folder of a version
 * is never changed: other content under a number that is there goes beside it, as `<version>+<part of its hash>`. From
 * inside an installed version there is nothing to copy, and nothing is.
 */
export async function syncVersion(request: {
  readonly home: string;
  readonly from: RunningPackage;
  readonly now: Instant;
  readonly dryRun: boolean;
  /** Aborted before the copy has its place, it is taken away again and the promise fails. */
  readonly signal?: AbortSignal;
}): Promise<Synced> {
  const { home, from, dryRun } = request;
  const before = currentId(home);
  const inside = idOfInstalled(from.folder, home);
  const told = { version: from.version, before, dryRun };
  if (inside !== null) {
    return { ...told, status: "unchanged", id: inside, folder: join(versionsFolder(home), inside), because: null };
  }
  try {
    const files = packageFiles(from.folder);
    const hash = contentHash(files);
    const { id, isThere } = placeFor(home, from.version, hash, files);
    const folder = join(versionsFolder(home), id);
    const status = !isThere ? "installed" : id === before ? "unchanged" : "switched";
    const because = id === from.version ? null : "other-content";
    if (!dryRun) {
      if (!isThere) await install(request, files, hash, folder);
      if (status !== "unchanged") switchCurrent(home, id);
    }
    return { ...told, status, id, folder, because };
  } catch (error) {
    throw explained(error, from, before);
  }
}

async function install(
  { home, from, now, signal }: Parameters<typeof syncVersion>[0],
  files: readonly PackageFile[],
  hash: string,
  folder: string,
): Promise<void> {
  const parent = versionsFolder(home);
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  removeAbandoned(parent);
  const staged = join(parent, stagingName());
  try {
    mkdirSync(staged, { mode: 0o700 });
    if (copyFiles(files, staged) !== hash) {
      throw new UserError(`Package ${from.folder} changed while it was copied. Run the command again.`, {
        exitCode: 1,
      });
    }
    const node = runningNode();
    const { version, storeSchema } = await askVersion(staged, node);
    if (version !== from.version) {
      throw new UserError(`The copy of ${from.folder} says version ${version}, and not ${from.version}.`, {
        exitCode: 1,
      });
    }
    signal?.throwIfAborted();
    const { commit, folder: source } = from;
    const manifest = { mark, version, contentHash: hash, commit, storeSchema, node, installedAt: now, source } as const;
    writeManifest(staged, manifest);
    placeStaged(staged, folder, hash);
    syncPath(parent);
  } catch (error) {
    rmSync(staged, { recursive: true, force: true });
    throw error;
  }
}

/** Another sync may have placed the same content there in the meantime: then ours is not needed. */
function placeStaged(staged: string, folder: string, hash: string): void {
  try {
    renameSync(staged, folder);
  } catch (error) {
    if (readManifest(folder)?.contentHash !== hash) throw error;
    rmSync(staged, { recursive: true, force: true });
  }
}

/** The first place that is free or has this content already, whole. */
function placeFor(home: string, version: string, hash: string, files: readonly PackageFile[]) {
  const base = version.includes("+") ? `${version}.${hash.slice(0, 8)}` : `${version}+${hash.slice(0, 8)}`;
  for (let number = 0; ; number++) {
    const id = number === 0 ? version : number === 1 ? base : `${base}.${number}`;
    const folder = join(versionsFolder(home), id);
    if (!existsSync(folder)) return { id, isThere: false };
    if (readManifest(folder)?.contentHash === hash && isWhole(folder, hash, files)) return { id, isThere: true };
  }
}

/** Somebody may have changed or lost files of it since. */
function isWhole(folder: string, hash: string, files: readonly PackageFile[]): boolean {
  try {
    return contentHash(installedFiles(folder, files)) === hash;
  } catch {
    return false;
  }
}

/** Says whose it is: what a killed process left is known by that. */
function stagingName(): string {
  const started = processMark(process.pid)?.startedMark ?? "";
  return `${stagingPrefix}${process.pid}-${encodeURIComponent(started)}-${randomBytes(4).toString("hex")}`;
}

export function abandonedStagings(parent: string): readonly string[] {
  if (!existsSync(parent)) return [];
  return readdirSync(parent).filter((name) => {
    const [, pid, started = ""] = /^\.staging-(\d+)-(.*)-[0-9a-f]{8}$/.exec(name) ?? [];
    return pid !== undefined && !isAlive({ pid: Number(pid), startedMark: decodeURIComponent(started) });
  });
}

function removeAbandoned(parent: string): void {
  for (const name of abandonedStagings(parent)) rmSync(join(parent, name), { recursive: true, force: true });
}

function explained(error: unknown, { version }: RunningPackage, before: string | null): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  const rest = `Nothing was switched: ${before === null ? "no version is current, as before" : `${before} is current, as before`}.`;
  if (error instanceof UserError)
    return new UserError(`${message}\n${rest}`, { exitCode: error.exitCode, cause: error });
  if (code === undefined || typeof code !== "string" || !/^E[A-Z]+$/.test(code)) return error;
  const fix = code === "ENOSPC" ? "The disk is full. Make room" : "Mend that";
  return new UserError(`Version ${version} was not installed: ${message}.\n${rest} ${fix} and run the command again.`, {
    exitCode: 1,
    cause: error,
  });
}
