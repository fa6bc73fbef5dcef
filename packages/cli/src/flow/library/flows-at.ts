import {
  type OpenStore,
  openStore,
  openStoreToRead,
  runtimeHome,
  type Store,
  storePath,
} from "@agent-control-plane/core";
import type * as api from "@agent-control-plane/core/flows-api";
import { actingPerson } from "../../acting-person.ts";
import { refuseToUpgradeUnderDaemon } from "../../versions/upgrade-guard.ts";

export interface Place {
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  readonly by: string;
}

export function placeOf({ home, env = process.env, by }: api.FlowsAt = {}): Place {
  return { home: home ?? runtimeHome(env), env, by: by ?? actingPerson(env) };
}

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
