import { rmSync } from "node:fs";
import { backupFolder, type Instant, listBackups, type RetentionLimits, storePath } from "@agent-control-plane/core";

/**
 * The one rule for copies of the database, which whoever makes one leaves alone: the newest stays whatever the limits.
 * Answers how many of the others went. What else lies there is left alone, above all the saved work of removed profiles.
 * A daemon applies it before it opens the store, too: one that is killed in each migration leaves a copy each time.
 */
export function pruneBackups(
  home: string,
  { now, limits, isDry = false }: { readonly now: Instant; readonly limits: RetentionLimits; readonly isDry?: boolean },
): number {
  const before = now - limits.backups.days * 86_400_000;
  const going = listBackups(backupFolder(storePath(home))).filter(
    ({ madeAt }, index) => index > 0 && (index >= limits.backups.count || madeAt < before),
  );
  if (!isDry) for (const { path } of going) rmSync(path, { force: true });
  return going.length;
}
