import type { Stats } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import type { Instant, Profile } from "@agent-control-plane/core";
import { type FolderRule, folderRules } from "./folder-rules.ts";

export interface FolderSize {
  readonly name: string;
  /** Null: of the host, and not of one profile. */
  readonly profileId: string | null;
  readonly files: number;
  readonly bytes: number;
  /** When the file that was not changed for longest was changed; null: there is none. */
  readonly oldestAt: Instant | null;
  readonly rule: string;
}

export interface MeasuredDisk {
  readonly folders: readonly FolderSize[];
  /** Files below the runtime home that no rule speaks of: they are not ours, or a rule is missing. */
  readonly unruled: readonly string[];
}

/** What takes how much, by rule. Reads names and sizes only, follows no link, and takes what vanishes meanwhile as gone. */
export async function measureDisk(
  home: string,
  profiles: readonly Profile[],
  temporary: string = tmpdir(),
): Promise<MeasuredDisk> {
  const places = placesOf(home, profiles, temporary);
  const sizes = new Map<string, FolderSize>();
  const unruled: string[] = [];
  for (const place of places) {
    const skip = places.filter((other) => other !== place && isBelow(other.path, place.path));
    await eachFile(place.path, place.filter, skip, (path, stat) => {
      const rule = ruleOf(place.root, relative(place.path, path));
      if (!rule) return void unruled.push(path);
      add(sizes, rule, place.profileId, stat);
    });
  }
  return { folders: [...sizes.values()], unruled };
}

interface Place {
  readonly path: string;
  readonly root: FolderRule["root"];
  readonly profileId: string | null;
  /** Of the names directly in it. */
  readonly filter?: RegExp;
}

function placesOf(home: string, profiles: readonly Profile[], temporary: string): readonly Place[] {
  return [
    { path: home, root: "home", profileId: null },
    ...profiles.flatMap(({ id, runtime }): Place[] => [
      { path: runtime.agentRepoRoot, root: "anchor", profileId: id },
      // What the host reads an agent's tree with, for moments.
      { path: `${runtime.agentRepoRoot}.scratch`, root: "anchor", profileId: id },
      { path: runtime.worktreeRoot, root: "worktrees", profileId: id },
      { path: runtime.runsRoot, root: "runs", profileId: id },
    ]),
    { path: temporary, root: "temporary", profileId: null, filter: /^acp-(health|demo|smoke|doctor)-/ },
  ];
}

const isBelow = (path: string, folder: string): boolean => path.startsWith(folder + sep);

/** `path` with slashes, from the place's root. */
function ruleOf(root: FolderRule["root"], path: string): FolderRule | undefined {
  const portable = path.split(sep).join("/");
  return folderRules.find((rule) => rule.root === root && rule.paths.test(portable));
}

function add(sizes: Map<string, FolderSize>, { name, rule }: FolderRule, profileId: string | null, stat: Stats): void {
  const key = `${profileId ?? ""}/${name}`;
  const { files = 0, bytes = 0, oldestAt = null } = sizes.get(key) ?? {};
  const changedAt = Math.round(stat.mtimeMs);
  sizes.set(key, {
    ...{ name, profileId, rule, files: files + 1, bytes: bytes + stat.size },
    oldestAt: Math.min(oldestAt ?? changedAt, changedAt),
  });
}

async function eachFile(
  folder: string,
  filter: RegExp | undefined,
  skip: readonly { readonly path: string }[],
  visit: (path: string, stat: Stats) => void,
): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (filter && !filter.test(entry.name)) continue;
    if (skip.some((other) => other.path === path)) continue;
    if (entry.isDirectory()) await eachFile(path, undefined, skip, visit);
    else {
      const stat = await lstat(path).catch(() => null);
      if (stat) visit(path, stat);
    }
  }
}
