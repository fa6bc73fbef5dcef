import {
  backupFolder,
  type Instant,
  listBackups,
  restoreStore,
  type StoreBackup,
  schemaOfStore,
  storePath,
  UserError,
} from "@agent-control-plane/core";
import { type InstalledVersion, installedVersions } from "./installed-versions.ts";
import { askVersion } from "./stage-version.ts";
import { switchCurrent } from "./switch-current.ts";

export interface RolledBack {
  readonly status: "switched" | "unchanged";
  readonly from: string | null;
  readonly to: string;
  /** The copy that the store was set back to; null: the store was left alone. */
  readonly restoredFrom: string | null;
  /** The store as it was before that; null in a dry run, and when it was left alone. */
  readonly keptStore: string | null;
  readonly dryRun: boolean;
}

/**
 * Makes another installed version current, after it has shown that it runs. Where the store is of a newer schema than
 * that version knows, it is refused: with `restoreStore` the newest copy that fits takes the store's place.
 */
export async function rollBack(request: {
  readonly home: string;
  readonly to: string | undefined;
  readonly restoreStore: boolean;
  readonly dryRun: boolean;
  readonly now: Instant;
}): Promise<RolledBack> {
  const { home, dryRun } = request;
  const versions = installedVersions(home);
  const from = versions.find(({ isCurrent }) => isCurrent) ?? null;
  const schema = schemaOfStore(storePath(home));
  const target = targetOf(versions, from, request, schema);
  const copy = copyFor(home, target, schema, request.restoreStore);
  await askVersion(target.folder, target.node);
  const keptStore = copy && !dryRun ? setBack(home, copy, request.now) : null;
  if (!dryRun) switchTo(home, target.id, from, copy);
  const status = target.id === from?.id && copy === null ? "unchanged" : "switched";
  return { status, from: from?.id ?? null, to: target.id, restoredFrom: copy?.path ?? null, keptStore, dryRun };
}

function targetOf(
  versions: readonly InstalledVersion[],
  current: InstalledVersion | null,
  { to, restoreStore }: { readonly to: string | undefined; readonly restoreStore: boolean },
  schema: number | null,
): InstalledVersion {
  const installed = versions.map(({ id }) => id).join(", ") || "none";
  if (to !== undefined) {
    const named = versions.find(({ id }) => id === to) ?? only(versions.filter(({ version }) => version === to));
    if (named) return named;
    throw new UserError(`Version ${to} is not installed. Installed: ${installed}.`, { exitCode: 66 });
  }
  // An upgrade that was undone by hand: the program is the older one already, only the store is not.
  if (restoreStore && current && schema !== null && schema > current.storeSchema) return current;
  const previous = versions.find(({ isPrevious }) => isPrevious);
  if (previous) return previous;
  throw new UserError(
    `There is no version to go back to. Installed: ${installed}. "acp sync" of another version installs it beside.`,
    { exitCode: 66 },
  );
}

const only = <T>(found: readonly T[]): T | undefined => (found.length === 1 ? found[0] : undefined);

/** Null: the store can be left as it is. */
function copyFor(
  home: string,
  target: InstalledVersion,
  schema: number | null,
  mayRestore: boolean,
): StoreBackup | null {
  if (schema === null || schema <= target.storeSchema) return null;
  const copy = listBackups(backupFolder(storePath(home))).find((each) => each.schema <= target.storeSchema);
  const refusal = `The store has schema version ${schema}; version ${target.id} works with ${target.storeSchema}. Nothing was switched.`;
  if (!copy) {
    throw new UserError(
      `${refusal} There is no copy of the store from before that upgrade. Stay with a newer version.`,
      {
        exitCode: 1,
      },
    );
  }
  if (!mayRestore) {
    throw new UserError(
      `${refusal} The copy from before that upgrade is ${copy.path} (schema version ${copy.schema}). ` +
        "To go back to it, stop the runtime (acp runtime stop --all), then add --restore-store. What the store learned " +
        "since is lost to it then: it reads the forge anew, and work that ended since may be looked at again.",
      { exitCode: 1 },
    );
  }
  return copy;
}

function switchTo(home: string, id: string, from: InstalledVersion | null, copy: StoreBackup | null): void {
  try {
    switchCurrent(home, id);
  } catch (error) {
    const current = from === null ? "no version is current, as before" : `${from.id} is current, as before`;
    const store = copy === null ? "" : ` The store is the copy now (${copy.path}).`;
    const why = error instanceof Error ? error.message : String(error);
    throw new UserError(
      `Version ${id} was not made current: ${why}.\nNothing was switched: ${current}.${store} Mend that and run the command again.`,
      { exitCode: 1, cause: error },
    );
  }
}

function setBack(home: string, copy: StoreBackup, now: Instant): string {
  try {
    return restoreStore(storePath(home), copy.path, now);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UserError(
      `The store was not set back to ${copy.path}: ${why}\nNothing was switched. No process may work with the store: ` +
        '"acp runtime stop --all" ends them, "acp runtime status" shows them.',
      { exitCode: 1, cause: error },
    );
  }
}
