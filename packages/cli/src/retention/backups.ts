import { lstatSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Instant, RetentionLimits } from "@agent-control-plane/core";

/** Copies of the database that were made before a migration or an upgrade. */
export const backupsFolder = (home: string): string => join(home, "backups");

/** The newest copy stays whatever the limits; answers how many of the others went. */
export function pruneBackups(
  folder: string,
  { now, limits, isDry = false }: { readonly now: Instant; readonly limits: RetentionLimits; readonly isDry?: boolean },
): number {
  const before = now - limits.backups.days * 86_400_000;
  const going = copiesIn(folder).filter(
    ({ changedAt }, index) => index > 0 && (index >= limits.backups.count || changedAt < before),
  );
  if (isDry) return going.length;
  for (const { path } of going) {
    for (const part of [path, `${path}-wal`, `${path}-shm`]) rmSync(part, { recursive: true, force: true });
  }
  return going.length;
}

/** The newest first. What somebody else put there, or links there, is none of ours. */
function copiesIn(folder: string): readonly { readonly path: string; readonly changedAt: Instant }[] {
  const names = lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(folder) : [];
  return names
    .filter((name) => /\.db$/.test(name))
    .flatMap((name) => {
      const path = join(folder, name);
      const stat = lstatSync(path, { throwIfNoEntry: false });
      return stat?.isFile() ? [{ path, changedAt: stat.mtimeMs }] : [];
    })
    .sort((a, b) => b.changedAt - a.changedAt || (a.path < b.path ? 1 : -1));
}
