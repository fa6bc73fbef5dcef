import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { processMark } from "@agent-control-plane/runners/process-mark";
import { type InstalledVersion, installedVersions } from "./installed-versions.ts";
import { goingPrefix, runtimeFolder, versionsFolder } from "./places.ts";
import { idOfInstalled, type RunningPackage } from "./running-package.ts";
import { abandonedStagings } from "./sync-version.ts";
import { versionsInUse } from "./versions-in-use.ts";

export interface Pruned {
  readonly removed: readonly string[];
  readonly kept: readonly { readonly id: string; readonly because: string }[];
  /** Half-made folders of processes that were killed. */
  readonly leftovers: readonly string[];
  readonly dryRun: boolean;
}

/** Removes every version but the current one, the one before, and those that a process runs from. */
export async function pruneVersions(home: string, own: RunningPackage | null, dryRun: boolean): Promise<Pruned> {
  const versions = installedVersions(home);
  const inUse = await versionsInUse(home, versions);
  const ownId = own && idOfInstalled(own.folder, home);
  const judged = versions.map((version) => ({ version, because: whyKept(version, inUse, ownId) }));
  const going = judged.filter(({ because }) => because === null).map(({ version }) => version);
  const leftovers = [...leftoversIn(versionsFolder(home)), ...halfSwitched(runtimeFolder(home))];
  if (!dryRun) {
    for (const { folder, id } of going) remove(folder, join(versionsFolder(home), `${goingPrefix}${id}`));
    for (const path of leftovers) rmSync(path, { recursive: true, force: true });
  }
  const kept = judged.flatMap(({ version, because }) => (because === null ? [] : [{ id: version.id, because }]));
  return { removed: going.map(({ id }) => id), kept, leftovers: leftovers.map((path) => basename(path)), dryRun };
}

function whyKept(version: InstalledVersion, inUse: ReadonlyMap<string, string>, ownId: string | null): string | null {
  if (version.isCurrent) return "current";
  if (version.isPrevious) return "previous";
  if (version.id === ownId) return "this program runs from it";
  return inUse.get(version.id) ?? null;
}

/** Out of sight in one step: a version that is listed is whole. */
function remove(folder: string, going: string): void {
  rmSync(going, { recursive: true, force: true });
  renameSync(folder, going);
  rmSync(going, { recursive: true, force: true });
}

function leftoversIn(parent: string): readonly string[] {
  if (!existsSync(parent)) return [];
  const going = readdirSync(parent).filter((name) => name.startsWith(goingPrefix));
  return [...abandonedStagings(parent), ...going].map((name) => join(parent, name));
}

/** What a process that was killed in the middle of a switch was about to rename. */
function halfSwitched(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const pid = /^(?:current|switches\.json)\.(\d+)\.tmp$/.exec(name)?.[1];
    return pid !== undefined && processMark(Number(pid)) === null ? [join(folder, name)] : [];
  });
}
