import {
  type OpenStore,
  openStore,
  openStoreToRead as openToRead,
  type Store,
  storePath,
} from "@agent-control-plane/core";
import { refuseToUpgradeUnderDaemon } from "../versions/upgrade-guard.ts";

/** Opens the store to look at it, without making or changing it; null when there is none yet. */
export async function openStoreToRead(home: string, { isOneLook = false } = {}): Promise<Store | null> {
  return openToRead({ path: storePath(home), isOneLook });
}

/** Opens the store to look at it; null: nothing was ever set up. */
export async function looking<T>(
  { home }: { readonly home: string },
  look: (store: Store | null) => Promise<T>,
  { isOneLook = true } = {},
): Promise<T> {
  const store = await openStoreToRead(home, { isOneLook });
  try {
    return await look(store);
  } finally {
    await store?.close();
  }
}

/** Opens the store to look at it and runs `look`; `otherwise` when nothing was ever set up. */
export const withStoreToRead = <T>(home: string, otherwise: T, look: (store: Store) => Promise<T>): Promise<T> =>
  looking({ home }, async (store) => (store ? look(store) : otherwise));

/** Opens the store for a person's act, and closes it after. */
export async function withStore<T>(home: string, act: (store: OpenStore) => Promise<T>): Promise<T> {
  refuseToUpgradeUnderDaemon(home);
  const store = await openStore({ path: storePath(home) });
  try {
    return await act(store);
  } finally {
    await store.close();
  }
}
