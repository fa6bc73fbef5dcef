import { admit } from "../../decide/room/admit.ts";
import { profileOfSlot, providerSlot } from "../../decide/room/slots.ts";
import type { HostLimits, HostResources } from "../../domain/host.ts";
import type { HostLoad, HostView } from "../../domain/snapshot.ts";
import type { Millis } from "../../domain/time.ts";
import type { Clock } from "../../ports.ts";
import type { Store } from "../../store/store.ts";

/** A daemon that was silent for this long does not run its profiles any more; it reports every ten seconds. */
const silentMs: Millis = 45_000;

/** What the profiles of this host share, from the store that they share, and the host itself. */
export async function observeHost(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  limits: HostLimits,
  resources: () => HostResources,
): Promise<HostView> {
  const slots = await store.tasks.slotsHeld();
  const providers = Object.entries(limits.providers).map(
    ([name, max]) => [name, { max, running: slots.get(providerSlot(name)) ?? 0 }] as const,
  );
  return {
    maxWorkers: limits.maxWorkers,
    load: await observeLoad(store, clock, slots),
    providers: new Map(providers),
    slots,
    refusal: admit(resources(), limits),
  };
}

/** Only a profile that a live daemon works for wants anything: what a dead one said last must keep nobody waiting. */
async function observeLoad(
  store: Store,
  clock: Clock,
  slots: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, HostLoad>> {
  const load = new Map<string, HostLoad>();
  for (const [slot, running] of slots) {
    const profileId = profileOfSlot(slot);
    if (profileId !== null) load.set(profileId, { running, wanting: 0, waitingSince: null });
  }
  for (const { profileId, count, since } of await store.decisions.waitingForHost(clock.now() - silentMs)) {
    load.set(profileId, { running: load.get(profileId)?.running ?? 0, wanting: count, waitingSince: since });
  }
  return load;
}
