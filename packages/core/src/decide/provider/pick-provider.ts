import type { HoldReason } from "../../domain/hold-reason.ts";
import type { Provider, Quota } from "../../domain/provider.ts";
import type { Instant } from "../../domain/time.ts";
import { fixOf, meaningOf, needsPerson } from "./lasting-limit.ts";
import { covers, limitedText, providerText, slotOfQuota } from "./quota-covers.ts";

/** A place that the session which tries an ended limit takes; there is one. */
export interface ProbeSlot {
  readonly slot: string;
  readonly max: 1;
  readonly because: "provider-probing";
}

export type Picked =
  | { readonly kind: "use"; readonly provider: Provider; readonly within: readonly ProbeSlot[] }
  | ProviderHold;

export interface ProviderHold {
  readonly kind: "hold";
  readonly because: HoldReason;
  readonly detail: string;
  /** Those that a person has to mend, where nothing else would let it go. */
  readonly lasting?: readonly Quota[];
}

/** How a conversation is gone on with: by the provider it was begun with, when that may serve now. */
export function inOrderOfTrying(providers: readonly Provider[], spoken: Provider | undefined): readonly Provider[] {
  const same = providers.find((each) => spoken && isSame(each, spoken));
  return same ? [same, ...providers.filter((each) => each !== same)] : providers;
}

/**
 * Pure. The first of these that may serve now: none of its limits is in force, and of one that has just ended nobody
 * else is trying it out. `taken`: how many sessions hold each slot.
 */
export function pickProvider(
  providers: readonly Provider[],
  quotas: readonly Quota[],
  taken: ReadonlyMap<string, number>,
  now: Instant,
): Picked {
  const open = providers.filter((provider) => coolingOf(provider, quotas, now) === null);
  if (open.length === 0) return allCooling(providers, quotas, now);
  const free = open.find((provider) => probesOf(provider, quotas).every(({ slot }) => (taken.get(slot) ?? 0) === 0));
  if (free) return { kind: "use", provider: free, within: probesOf(free, quotas) };
  const [first] = open;
  const [limit] = first ? quotas.filter((quota) => covers(quota, first)) : [];
  const detail = first && limit ? `${providerText(first)}: ${limit.reason} ended at ${iso(limit.resetAt)}` : "";
  return { kind: "hold", because: "provider-probing", detail };
}

/** The limit of a provider that ends last, of those in force; null: none is. */
export function coolingOf(provider: Provider, quotas: readonly Quota[], now: Instant): Quota | null {
  const cooling = quotas.filter((quota) => quota.resetAt > now && covers(quota, provider));
  return cooling.toSorted((a, b) => b.resetAt - a.resetAt)[0] ?? null;
}

/** Asked of providers of which no limit is in force: every one of theirs is unproven. */
const probesOf = (provider: Provider, quotas: readonly Quota[]): readonly ProbeSlot[] => {
  const slots = quotas.filter((quota) => covers(quota, provider)).map(slotOfQuota);
  return [...new Set(slots)].map((slot) => ({ slot, max: 1, because: "provider-probing" }));
};

/** The first to be free again comes first: its time is when something changes. */
function allCooling(providers: readonly Provider[], quotas: readonly Quota[], now: Instant): ProviderHold {
  const lasting = providers.map((provider) => lastingOf(provider, quotas, now));
  if (lasting.every((limit) => limit !== null)) return allRefusing(lasting);
  const limits = providers.flatMap((provider) => {
    const limit = coolingOf(provider, quotas, now);
    return limit ? [{ provider, limit }] : [];
  });
  const texts = limits
    .toSorted((a, b) => a.limit.resetAt - b.limit.resetAt)
    .map(({ provider, limit }) => `${providerText(provider)} until ${iso(limit.resetAt)} (${limit.reason})`);
  const more = texts.length > mostNamed ? `; and ${texts.length - mostNamed} more` : "";
  return { kind: "hold", because: "provider-cooldown", detail: `${texts.slice(0, mostNamed).join("; ")}${more}` };
}

/** The limit of a provider in force that a person has to mend; null: there is none. */
const lastingOf = (provider: Provider, quotas: readonly Quota[], now: Instant): Quota | null =>
  quotas.find((quota) => quota.resetAt > now && needsPerson(quota) && covers(quota, provider)) ?? null;

/** Waiting ends none of these. */
function allRefusing(limits: readonly Quota[]): ProviderHold {
  const lasting = [...new Set(limits)];
  const texts = lasting.map((limit) => `${limitedText(limit)}: ${limit.reason}, ${meaningOf(limit)}; ${fixOf(limit)}`);
  const more = texts.length > mostNamed ? `; and ${texts.length - mostNamed} more` : "";
  const detail = `${texts.slice(0, mostNamed).join("; ")}${more}`;
  return { kind: "hold", because: "provider-needs-person", detail, lasting };
}

const mostNamed = 4;

const isSame = (a: Provider, b: Provider): boolean =>
  a.backend === b.backend && a.model === b.model && a.account === b.account;

const iso = (at: Instant): string => new Date(at).toISOString();
