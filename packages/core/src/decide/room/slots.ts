import type { HoldReason } from "../../domain/hold-reason.ts";
import { isLane, isPullRequestLane } from "../../domain/lane.ts";
import type { SchedulingPolicy } from "../../domain/policy.ts";
import type { Provider } from "../../domain/provider.ts";
import type { HostView } from "../../domain/snapshot.ts";
import type { Task } from "../../domain/task.ts";
import type { WorkTraits } from "../../domain/wanted.ts";
import { accountSlots } from "../provider/quota-covers.ts";

/** A place that a running task takes, one of a limited number; `host` and `provider:` are shared by all profiles. */
export interface SlotLimit {
  readonly slot: string;
  readonly max: number;
  /** What is said to one that finds it full. */
  readonly because: HoldReason;
}

interface Work {
  readonly lane: string;
  readonly traits: WorkTraits;
}

export const hostSlot = "host";
export const providerSlot = (backend: string): string => `provider:${backend}`;
export const profileSlot = (profileId: string): string => `profile:${profileId}`;
/** The profile whose running tasks hold this slot; null for a slot of another kind. */
export const profileOfSlot = (slot: string): string | null =>
  slot.startsWith(profileSlot("")) ? slot.slice(profileSlot("").length) : null;
const exclusiveSlot = (profileId: string): string => `${profileId}/exclusive`;

/** Everything a piece of work takes one of while this provider serves it. */
export const slotsOf = (work: Work, policy: Pick<SchedulingPolicy, "profileId">, provider: Provider): string[] => [
  ...ownSlots(work, policy),
  ...sharedSlots(provider),
];

const sharedSlots = (provider: Provider): readonly string[] => [
  providerSlot(provider.backend),
  ...accountSlots(provider),
];

const isShared = (slot: string): boolean => slot.startsWith(providerSlot("")) || slot.startsWith("account:");

function ownSlots({ lane, traits }: Work, { profileId: id }: Pick<SchedulingPolicy, "profileId">): string[] {
  const own = (name: string, isTaken: boolean) => (isTaken ? [`${id}/${name}`] : []);
  return [
    hostSlot,
    profileSlot(id),
    ...own("exclusive", traits.exclusive),
    ...own("pull-requests", isPullRequestLane(lane)),
    ...own("scheduled", lane === "scheduled-check"),
    ...own("scheduled-heavy", lane === "scheduled-check" && traits.heavy),
    ...own("blocked-recovery", lane === "blocked-recovery"),
    ...own("recurring", traits.recurring && lane !== "scheduled-check"),
    ...own("heavy", traits.heavy),
  ];
}

/**
 * What a piece of work must find free, in the order in which a person would want to hear of it. Exclusive work needs
 * the profile empty; all other work needs that nothing exclusive runs.
 */
export function limitsOf(
  work: Work,
  policy: SchedulingPolicy,
  host: HostView,
  { backend }: Pick<Provider, "backend">,
): readonly SlotLimit[] {
  const { profileId: id, limits } = policy;
  const taken = new Set([...ownSlots(work, policy), providerSlot(backend)]);
  const provider = host.providers.get(backend);
  const all: readonly SlotLimit[] = [
    { slot: exclusiveSlot(id), max: 1, because: "exclusive-running" },
    work.traits.exclusive
      ? { slot: profileSlot(id), max: 1, because: "needs-quiet" }
      : { slot: profileSlot(id), max: limits.workers, because: "workers-full" },
    { slot: `${id}/pull-requests`, max: limits.pullRequestWorkers, because: "lane-full" },
    { slot: `${id}/scheduled`, max: limits.scheduledWorkers, because: "lane-full" },
    { slot: `${id}/scheduled-heavy`, max: limits.scheduledHeavyWorkers, because: "heavy-full" },
    { slot: `${id}/blocked-recovery`, max: limits.blockedRecoveryWorkers, because: "lane-full" },
    { slot: `${id}/recurring`, max: limits.recurringWorkers, because: "recurring-full" },
    { slot: `${id}/heavy`, max: limits.heavyWorkers, because: "heavy-full" },
    ...(provider ? [{ slot: providerSlot(backend), max: provider.max, because: "provider-full" as const }] : []),
    { slot: hostSlot, max: host.maxWorkers, because: "host-full" },
  ];
  return all.filter(({ slot }) => taken.has(slot) || slot === exclusiveSlot(id));
}

/** How many of each slot are taken: by this profile's running tasks, and on the host by everybody's. */
export function slotsTaken(running: readonly Task[], policy: SchedulingPolicy, host: HostView): Map<string, number> {
  const taken = new Map<string, number>();
  for (const task of running) {
    for (const slot of ownSlots({ lane: task.lane, traits: traitsOf(task) }, policy)) take(taken, slot);
  }
  // A task does not say who serves it; what it holds does.
  for (const [slot, count] of host.slots ?? []) if (isShared(slot)) taken.set(slot, count);
  // What the host says counts the other profiles too.
  const onHost = [...host.load.values()].reduce((sum, { running: count }) => sum + count, 0);
  taken.set(hostSlot, Math.max(onHost, taken.get(hostSlot) ?? 0));
  for (const [backend, { running: onAll }] of host.providers) {
    const slot = providerSlot(backend);
    taken.set(slot, Math.max(onAll, taken.get(slot) ?? 0));
  }
  return taken;
}

export const take = (taken: Map<string, number>, slot: string): void => {
  taken.set(slot, (taken.get(slot) ?? 0) + 1);
};

const plain: WorkTraits = { heavy: false, exclusive: false, recurring: false };

/** As the task was made; tasks of earlier versions have none. */
export function traitsOf({ payload, lane }: Pick<Task, "payload" | "lane">): WorkTraits {
  if (!isLane(lane) || payload === null || typeof payload !== "object" || !("traits" in payload)) return plain;
  return { ...plain, ...(payload.traits as unknown as Partial<WorkTraits>) };
}
