import { hostname } from "node:os";
import {
  openStore,
  openStoreToRead as openToRead,
  type RuntimeRow,
  type Store,
  storePath,
} from "@agent-control-plane/core";
// By itself, for a quick `status`: the package's index would bring everything that starts processes into its bundle.
import { isAlive } from "@agent-control-plane/runners/process-mark";
import { refuseToUpgradeUnderDaemon } from "../versions/upgrade-guard.ts";

/** The daemons of this host that are alive, newest first; `null` store when nothing was ever set up. Reads only. */
export async function liveDaemons(store: Store): Promise<readonly RuntimeRow[]> {
  const rows = await store.runtimes.list();
  return rows
    .filter((row) => row.host === hostname() && isAlive(row.process))
    .sort((a, b) => b.startedAt - a.startedAt);
}

/** Opens the store to look at it, without making or changing it; null when there is none yet. */
export async function openStoreToRead(home: string, { isOneLook = false } = {}): Promise<Store | null> {
  return openToRead({ path: storePath(home), isOneLook });
}

/** Opens the store to look at it and runs `look`; `otherwise` when nothing was ever set up. */
export async function withStoreToRead<T>(home: string, otherwise: T, look: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStoreToRead(home, { isOneLook: true });
  if (!store) return otherwise;
  try {
    return await look(store);
  } finally {
    await store.close();
  }
}

/** Opens the store for a person's act, and closes it after. */
export async function withStore<T>(home: string, act: (store: Store) => Promise<T>): Promise<T> {
  refuseToUpgradeUnderDaemon(home);
  const store = await openStore({ path: storePath(home) });
  try {
    return await act(store);
  } finally {
    await store.close();
  }
}
