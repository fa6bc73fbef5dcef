import { existsSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { defaultHostLimits } from "@agent-control-plane/core";
import { type Finding, ok, problem } from "../finding.ts";
import type { Check, Scope } from "../scope.ts";

export interface DiskFacts {
  readonly folder: string;
  readonly freeMb: number;
  /** Below it no session starts. */
  readonly leastMb: number;
  /** Null: this file system does not count them. */
  readonly inodes: { readonly free: number; readonly total: number } | null;
}

export const diskCheck: Check = { name: "disk", limitMs: 5_000, look: async (scope) => judgeDisks(readDisks(scope)) };

/** A session with its dependencies makes some ten thousand files. */
const leastInodes = 50_000;

export function judgeDisks(disks: readonly DiskFacts[]): readonly Finding[] {
  const found = disks.flatMap(judgeDisk);
  const most = disks.map(({ folder, freeMb }) => `${Math.round(freeMb)} MB free for ${folder}`).join(", ");
  return found.length > 0 ? found : [ok("disk", disks.map(({ folder }) => folder).join(", "), most)];
}

function judgeDisk({ folder, freeMb, leastMb, inodes }: DiskFacts): readonly Finding[] {
  const room = freeMb < Math.max(leastMb, tightMb);
  const files = inodes !== null && inodes.free < Math.min(leastInodes, inodes.total / 20);
  const fix =
    "remove what is not needed; the runtime's own history goes by age and size, and at once with this command.";
  return [
    ...(room
      ? [
          problem("disk-low", {
            subject: folder,
            found: `${Math.round(freeMb)} MB are free for ${folder}; below ${Math.max(leastMb, tightMb)} MB no session starts`,
            fix,
            command: "acp store compact",
          }),
        ]
      : []),
    ...(files
      ? [
          problem("inodes-low", {
            subject: folder,
            found: `only ${inodes?.free} of ${inodes?.total} files (inodes) can still be made for ${folder}`,
            fix: "remove many small files, such as package caches.",
            command: null,
          }),
        ]
      : []),
  ];
}

/** Also where host.yaml looks at nothing: with less the store itself cannot be written before long. */
const tightMb = 64;

function readDisks({ context: { home }, profiles, limits }: Scope): readonly DiskFacts[] {
  const leastMb = (limits ?? defaultHostLimits).minFreeDiskMb;
  const folders = [home, ...profiles.flatMap(({ runtime }) => [runtime.worktreeRoot, runtime.runsRoot])].map(existing);
  const disks = new Map<string, DiskFacts>();
  for (const folder of folders) {
    const { bavail, bsize, blocks, files, ffree, type } = statfsSync(folder);
    // One for each file system: two that agree in all of this are the same one.
    const key = [type, blocks, files, bavail].join(" ");
    if (disks.has(key)) continue;
    disks.set(key, {
      folder,
      leastMb,
      freeMb: (bavail * bsize) / (1024 * 1024),
      inodes: files > 0 ? { free: ffree, total: files } : null,
    });
  }
  return [...disks.values()];
}

/** The folder, or the nearest one above it that is there. */
const existing = (folder: string): string =>
  existsSync(folder) || folder === dirname(folder) ? folder : existing(dirname(folder));
