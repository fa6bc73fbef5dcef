import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { type Manifest, readManifest, runningNode } from "./manifest.ts";
import { cliIn, currentLink, idPattern, switchesFile, versionsFolder } from "./places.ts";

export interface InstalledVersion extends Manifest {
  /** The name of its folder: the version, with a part of its hash when other content had that number first. */
  readonly id: string;
  readonly folder: string;
  readonly isCurrent: boolean;
  /** What `acp rollback` goes back to. */
  readonly isPrevious: boolean;
  /** Why it would not run with the Node it was installed for; null when nothing speaks against it. */
  readonly problem: string | null;
}

/** Every version under the runtime home, newest installation first. Reads only. */
export function installedVersions(home: string): readonly InstalledVersion[] {
  const found = finishedFolders(home);
  const current = currentId(home);
  const previous = previousId(home, current, (id) => found.some((each) => each.id === id));
  return found
    .map((each) => ({ ...each, isCurrent: each.id === current, isPrevious: each.id === previous }))
    .sort((a, b) => b.installedAt - a.installedAt || b.id.localeCompare(a.id));
}

/** What `current` points to; null when nothing is installed, or when it points nowhere. */
export const currentVersion = (home: string): InstalledVersion | null =>
  installedVersions(home).find(({ isCurrent }) => isCurrent) ?? null;

/**
 * The program that services start: a path through `current`, so that it stays right over upgrades. Null when no version
 * is installed (`acp sync` installs one). Run it with `currentVersion(home).node.path`.
 */
export function pathOfCurrentCli(home: string): string | null {
  const path = cliIn(currentLink(home));
  return existsSync(path) ? path : null;
}

/** The id that `current` names, whether it is there or not. */
export function currentId(home: string): string | null {
  try {
    return basename(readlinkSync(currentLink(home)));
  } catch {
    return null; // none yet
  }
}

/** Ids that were current, oldest first. A file that cannot be read is an empty one: it only says what came before. */
export function readSwitches(home: string): readonly string[] {
  try {
    const ids: unknown = JSON.parse(readFileSync(switchesFile(home), "utf8"));
    return Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : [];
  } catch {
    return [];
  }
}

function previousId(home: string, current: string | null, isInstalled: (id: string) => boolean): string | null {
  return readSwitches(home).findLast((id) => id !== current && isInstalled(id)) ?? null;
}

function finishedFolders(home: string) {
  const parent = versionsFolder(home);
  if (!existsSync(parent)) return [];
  return readdirSync(parent).flatMap((id) => {
    const folder = join(parent, id);
    const manifest = idPattern.test(id) ? readManifest(folder) : null;
    return manifest ? [{ ...manifest, id, folder, problem: problemOf(folder, manifest) }] : [];
  });
}

/** Looks only at what costs nothing; `acp sync` and `acp rollback` run the program. */
function problemOf(folder: string, { node }: Manifest): string | null {
  if (!existsSync(cliIn(folder))) return `${cliIn(folder)} is not there`;
  if (!existsSync(node.path)) return `Node ${node.version} was at ${node.path} and is not there any more`;
  const here = runningNode();
  if (node.path === here.path && node.abi !== here.abi) {
    return `it was installed for Node ${node.version} (ABI ${node.abi}), and ${node.path} is ${here.version} (ABI ${here.abi}) now`;
  }
  return null;
}
