import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Instant } from "../domain/time.ts";

/** A copy of a store, made before its schema was changed. */
export interface StoreBackup {
  readonly path: string;
  /** The schema version it has. */
  readonly schema: number;
  readonly madeAt: Instant;
}

/** Of the store of a runtime home (`state/control-plane.db`): `backups/` there. Of any other: `backups/` beside it. */
export function backupFolder(storeFile: string): string {
  const folder = dirname(storeFile);
  return join(basename(folder) === "state" ? dirname(folder) : folder, "backups");
}

/** Every copy in the folder, newest first. */
export function listBackups(folder: string): readonly StoreBackup[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap((name) => {
      const found = backupOf(name);
      return found ? [{ ...found, path: join(folder, name) }] : [];
    })
    .sort((a, b) => b.madeAt - a.madeAt || b.path.localeCompare(a.path));
}

/** `control-plane-4-20261121T142501.123Z.db`: the schema version and when. */
export const backupName = (schema: number, at: Instant): string =>
  `control-plane-${schema}-${new Date(at).toISOString().replace(/[-:]/g, "")}.db`;

function backupOf(name: string): Omit<StoreBackup, "path"> | null {
  const [, schema, year, month, day, hour, minute, rest] =
    /^control-plane-(\d+)-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d\.\d{3}Z)(?:-\d+)?\.db$/.exec(name) ?? [];
  if (schema === undefined) return null;
  return { schema: Number(schema), madeAt: Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${rest}`) };
}

/** A name in the folder that nothing has yet. */
export function freeName(folder: string, name: string): string {
  for (let number = 1; ; number++) {
    const path = join(folder, number === 1 ? name : name.replace(/\.db$/, `-${number}.db`));
    if (!existsSync(path)) return path;
  }
}
