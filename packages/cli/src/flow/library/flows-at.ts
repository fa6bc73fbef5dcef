import { type OpenStore, openStore, openStoreToRead, type Store, storePath } from "@agent-control-plane/core";
import { refuseToUpgradeUnderDaemon } from "../../versions/upgrade-guard.ts";
import type { Place } from "./place-of.ts";

/** Opens the store to look at it; null: nothing was ever set up. Makes and changes nothing. */
export async function looking<T>(
  { home }: Pick<Place, "home">,
  look: (store: Store | null) => Promise<T>,
  { isOneLook = true } = {},
): Promise<T> {
  const store = await openStoreToRead({ path: storePath(home), isOneLook });
  try {
    return await look(store);
  } finally {
    await store?.close();
  }
}

export async function acting<T>({ home }: Pick<Place, "home">, act: (store: OpenStore) => Promise<T>): Promise<T> {
  refuseToUpgradeUnderDaemon(home);
  const store = await openStore({ path: storePath(home) });
  try {
    return await act(store);
  } finally {
    await store.close();
  }
}
