import type { Effect, HostView } from "@agent-control-plane/core";

/** The host as the next profile of one pass finds it, once this plan of a profile before it has been carried out. */
export function hostAfterPlan(host: HostView, profileId: string, effects: readonly Effect[]): HostView {
  const launches = effects.flatMap((effect) => ("launch" in effect && effect.launch ? [effect.launch] : []));
  const before = host.load.get(profileId) ?? { running: 0, wanting: 0, waitingSince: null };
  const taken = (slot: string) => launches.filter(({ slots }) => slots.includes(slot)).length;
  const slots = new Map(host.slots);
  for (const slot of launches.flatMap((launch) => launch.slots)) slots.set(slot, (slots.get(slot) ?? 0) + 1);
  return {
    ...host,
    slots,
    load: new Map([...host.load, [profileId, { ...before, running: before.running + launches.length }]]),
    providers: new Map(
      [...host.providers].map(([name, { running, max }]) => [
        name,
        { max, running: running + taken(`provider:${name}`) },
      ]),
    ),
  };
}
