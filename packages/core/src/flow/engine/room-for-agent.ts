import { pickProvider } from "../../decide/provider/pick-provider.ts";
import { accountSlots } from "../../decide/provider/quota-covers.ts";
import { hostSlot, providerSlot } from "../../decide/room/slots.ts";
import type { HostLimits } from "../../domain/host.ts";
import type { Provider, Quota } from "../../domain/provider.ts";
import type { HostView } from "../../domain/snapshot.ts";
import type { Instant, Millis } from "../../domain/time.ts";
import type { TaskTakes, TaskWaits } from "../../store/ports/flows.ts";

/** What the agents of flows and lanes share on this host, as it was seen last. */
export interface AgentRoom {
  readonly quotas: readonly Quota[];
  /** How many running tasks hold each slot. */
  readonly slots: ReadonlyMap<string, number>;
  readonly limits: Pick<HostLimits, "maxWorkers" | "providers">;
  /** What the host lacks for one more session. */
  readonly refusal: HostView["refusal"];
}

/** A limit of a provider may be cleared by a person: what waits for it looks again so often. */
const againMs: Millis = 15_000;

/**
 * Pure. Whether an agent's task may begin, served by the first of these providers that may: the places that it takes,
 * counted in the same places as the sessions of lanes, or why it waits.
 */
export function roomForAgent(
  providers: readonly Provider[],
  { quotas, slots, limits, refusal }: AgentRoom,
  now: Instant,
): TaskTakes | TaskWaits {
  if (refusal !== null) return waits(refusal.because, refusal.detail);
  const picked = pickProvider(providers, quotas, slots, now);
  if (picked.kind === "hold") return waits(picked.because, picked.detail, nextLook(quotas, now));
  const { provider } = picked;
  const most = limits.providers[provider.backend];
  const within = [
    { slot: hostSlot, max: limits.maxWorkers, because: "host-full" },
    ...(most === undefined ? [] : [{ slot: providerSlot(provider.backend), max: most, because: "provider-full" }]),
    ...picked.within,
  ];
  const full = within.find(({ slot, max }) => (slots.get(slot) ?? 0) >= max);
  if (full) return waits(full.because, `${slots.get(full.slot)} sessions run, at most ${full.max}`);
  return {
    slots: [hostSlot, providerSlot(provider.backend), ...accountSlots(provider)],
    within: within.map(({ slot, max }) => ({ slot, max })),
    session: { model: provider.model, account: provider.account, pool: provider.pool },
  };
}

const waits = (reason: string, summary: string, until: Instant | null = null): TaskWaits => ({
  waits: { reason, summary, until },
});

function nextLook(quotas: readonly Quota[], now: Instant): Instant {
  const ends = quotas.map(({ resetAt }) => resetAt).filter((resetAt) => resetAt > now);
  return Math.min(now + againMs, ...ends);
}
