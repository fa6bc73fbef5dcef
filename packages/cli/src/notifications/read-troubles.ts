import { listProfileIds, type Store, type Trouble } from "@agent-control-plane/core";
import { liveDaemons } from "../runtime/daemons.ts";
import type { Told } from "./channels.ts";
import { heldKinds } from "./held-kinds.ts";
import { troublesOf } from "./troubles-of.ts";

/** Of a store with very many dead letters these are looked at, the newest. */
const mostDead = 5_000;

/** All that is not well now, less what the rules of its profile mute. A handful of statements, however many profiles. */
export async function readTroubles(
  store: Store,
  { home, now, told }: { readonly home: string; readonly now: number; readonly told: Told },
): Promise<readonly Trouble[]> {
  const troubles = troublesOf({
    now,
    profileIds: listProfileIds(home),
    held: await store.decisions.heldFor(Object.keys(heldKinds)),
    failedWrites: await store.outbox.list({ states: ["failed"], limit: mostDead }),
    deadTasks: await store.tasks.deadLetters({ limit: mostDead }),
    quotas: await store.quotas.list(),
    asking: await store.flows.decisions({ open: true }),
    daemons: await liveDaemons(store),
  });
  const mutes = new Map(told.profiles.map(({ id, notifications }) => [id, notifications.mute]));
  return troubles.filter(({ kind, profileId }) => !(mutes.get(profileId ?? "") ?? []).includes(kind));
}
