import type { HoldReason } from "../../domain/hold-reason.ts";
import { isPullRequestLane } from "../../domain/lane.ts";
import type { SchedulingPolicy } from "../../domain/policy.ts";
import type { Provider, Quota } from "../../domain/provider.ts";
import type { BaseView, Snapshot } from "../../domain/snapshot.ts";
import { nothingSpent } from "../../domain/spend.ts";
import type { Task } from "../../domain/task.ts";
import type { Wanted } from "../../domain/wanted.ts";
import { type BudgetVerdict, judgeBudget } from "../budget/judge-budget.ts";
import { baseIssue, waitsForIssue } from "../decide-broken-base.ts";
import { rulesOf } from "../provider/choose-providers.ts";
import { isOfProvider } from "../provider/decide-quota.ts";
import { coolingOf, inOrderOfTrying, type Picked, pickProvider } from "../provider/pick-provider.ts";
import { issueNumberOf } from "../subjects.ts";
import { fairShare } from "./fair-share.ts";
import { type Contender, inOrder, isOverdue } from "./order.ts";
import { limitsOf, profileSlot, type SlotLimit, slotsOf, slotsTaken, take, traitsOf } from "./slots.ts";

/** What a claim names, so that the store counts again in its own transaction, over all runtimes; and who serves it. */
export interface Slots {
  readonly provider: Provider;
  readonly slots: readonly string[];
  readonly within: readonly Pick<SlotLimit, "slot" | "max">[];
}

export type Placed =
  | { readonly kind: "launch"; readonly contender: Contender; readonly slots: Slots }
  | {
      readonly kind: "hold";
      readonly contender: Contender;
      readonly because: HoldReason;
      readonly detail: string;
      readonly place?: number;
      /** Of what its budget holds. */
      readonly budget?: Extract<BudgetVerdict, { kind: "hold" }>;
      /** Of what only a person can let go: the limits of its providers. */
      readonly lasting?: readonly Quota[];
    };

/** The fewest places kept for pull requests that wait, before issues may take the rest. */
const leastReserved = 4;

/**
 * Gives out the room there is, in order, and says of everyone left what was missing, and its place in the line. `running` are the profile's
 * running tasks; `openPulls` the agent pull requests that are open or about to be opened.
 */
export function giveRoom(
  snapshot: Snapshot,
  running: readonly Task[],
  contenders: readonly Contender[],
  openPulls: number,
): readonly Placed[] {
  const { policy, host, now } = snapshot;
  const { limits } = policy;
  const taken = slotsTaken(running, policy, host);
  const ready = contenders.map((contender) => ({ contender, hold: untimely(snapshot, contender) }));
  const able = ready.filter(({ hold }) => hold === null).map(({ contender }) => contender);
  const placed: Placed[] = ready.flatMap(({ contender, hold }) => (hold ? [{ kind: "hold", contender, ...hold }] : []));
  // Work that waits for people to merge something may wait for days: meanwhile it keeps nobody back.
  const mayOpen = ({ wanted }: Contender) => !opensPull(wanted.lane) || openPulls < limits.openAgentPullRequests;
  const next = exclusiveNext(able, mayOpen, now);
  let share = fairShare(host, policy.profileId);
  let launches = 0;
  let opened = openPulls;
  let places = 0;
  const pullsLeft = new Set(able.filter(({ wanted }) => isPullRequestLane(wanted.lane)));

  for (const contender of othersFirst(inOrder(able, now, lastRecurring(snapshot, running)))) {
    const { wanted } = contender;
    pullsLeft.delete(contender);
    const picked = pick(contender);
    const hold = picked.kind === "use" ? noRoom(contender, picked) : picked;
    if (hold) {
      const place = unplaced.has(hold.because) ? {} : { place: ++places };
      placed.push({ kind: "hold", contender, because: hold.because, detail: hold.detail, ...place });
      continue;
    }
    if (picked.kind === "hold") continue;
    const { provider } = picked;
    const slots = slotsOf(wanted, policy, provider);
    for (const slot of slots) take(taken, slot);
    launches += 1;
    share -= 1;
    if (opensPull(wanted.lane)) opened += 1;
    const limited = [...limitsOf(wanted, policy, host, provider), ...picked.within];
    const within = limited.map(({ slot, max }) => ({ slot, max }));
    placed.push({ kind: "launch", contender, slots: { slots, within, provider } });
  }
  return placed;

  /** A limit that was there again may be one of what tried it, too large a prompt for example: somebody else tries next. */
  function othersFirst(line: readonly Contender[]): readonly Contender[] {
    if (!snapshot.quotas.some(({ hits, resetAt }) => hits > 1 && resetAt <= now)) return line;
    const hasMetOne = ({ task }: Contender) => isOfProvider(task?.reason ?? null);
    return [...line.filter((each) => !hasMetOne(each)), ...line.filter(hasMetOne)];
  }

  function pick({ wanted, task }: Contender): Picked {
    const spoken = task ? snapshot.spokenWith?.get(task.id) : undefined;
    return pickProvider(inOrderOfTrying(providersOf(wanted, policy), spoken), snapshot.quotas, taken, now);
  }

  function noRoom(contender: Contender, { provider }: Extract<Picked, { kind: "use" }>): Hold | null {
    const { wanted } = contender;
    // It keeps everybody waiting, each at the place they have.
    if (host.refusal) return host.refusal;
    if (opensPull(wanted.lane) && opened >= limits.openAgentPullRequests) {
      return { because: "open-pr-limit", detail: `${opened} of ${limits.openAgentPullRequests}` };
    }
    if (next !== null && next.wanted !== wanted) {
      return { because: "exclusive-waiting", detail: `${next.wanted.subject} goes first` };
    }
    for (const { slot, max, because } of limitsOf(wanted, policy, host, provider)) {
      const count = taken.get(slot) ?? 0;
      if (count >= max) return { because, detail: `${count} of ${max}, ${slot}` };
    }
    // Whoever waited too long goes first, before places that are kept, too.
    const givesWay = wanted.lane === "issue-implementation" && !isOverdue(contender, now);
    const kept = givesWay ? keptForPulls() : 0;
    if (kept > 0 && (taken.get(profileSlot(policy.profileId)) ?? 0) + kept >= limits.workers) {
      return { because: "pull-requests-first", detail: `${kept} of ${limits.workers} are kept` };
    }
    if (share <= 0) return { because: "fair-share", detail: "other profiles of this host come first" };
    if (launches >= limits.launchesPerTick) {
      return { because: "launch-limit", detail: `${limits.launchesPerTick} a tick` };
    }
    return null;
  }

  /** Places that issues leave alone because pull requests wait: work that is done comes before work that is not begun. */
  function keptForPulls(): number {
    const reviews = [...pullsLeft].filter(({ wanted }) => wanted.stage?.startsWith("double-check")).length;
    const free = (slot: string, max: number) => Math.max(0, max - (taken.get(slot) ?? 0));
    return Math.min(
      Math.max(leastReserved, reviews),
      pullsLeft.size,
      free(`${policy.profileId}/pull-requests`, limits.pullRequestWorkers),
      free(profileSlot(policy.profileId), limits.workers),
    );
  }
}

const providersOf = ({ providers }: Wanted, policy: SchedulingPolicy): readonly Provider[] =>
  providers ?? rulesOf(policy).usual;

/** What waits for people to merge something, or for a provider, is in nobody's way. */
const unplaced: ReadonlySet<HoldReason> = new Set<HoldReason>(["open-pr-limit", "provider-probing"]);

interface Hold {
  readonly because: HoldReason;
  readonly detail: string;
  readonly budget?: Extract<BudgetVerdict, { kind: "hold" }>;
  readonly lasting?: readonly Quota[];
}

/** What keeps everything, or this one, from starting now, whatever room there is. */
function untimely(snapshot: Snapshot, { task, wanted }: Contender): Hold | null {
  const { now, policy, forge, pause, spend } = snapshot;
  if (snapshot.draining) return { because: "draining", detail: "" };
  if (forge.kind === "unseen") return { because: forge.because, detail: forge.detail };
  if (pause) return { because: "paused", detail: `by ${pause.actor}${pause.reason ? `: ${pause.reason}` : ""}` };
  const budget = judgeBudget(policy.budgets, spend?.items.get(wanted.subject), spend?.day ?? noDay, policy.timeZone);
  if (budget.kind === "hold") return { because: budget.because, detail: budget.detail, budget };
  if (task && task.runAt > now) {
    const until = `until ${at(task.runAt)}${task.reason ? `, ${task.reason}` : ""}`;
    return { because: task.attempts > 0 ? "backoff" : "snoozed", detail: until };
  }
  const providers = providersOf(wanted, policy);
  if (providers.every((provider) => coolingOf(provider, snapshot.quotas, now) !== null)) {
    const picked = pickProvider(providers, snapshot.quotas, new Map(), now);
    if (picked.kind === "hold") {
      const { kind: _, ...hold } = picked;
      return hold;
    }
  }
  if (forge.base.verdict === "broken" && waitsForBase(wanted, forge.base)) {
    const head = `${forge.base.branch} at ${forge.base.sha.slice(0, 12)}`;
    return { because: "baseline-broken", detail: [head, waitsForIssue(forge.base)].filter(Boolean).join(", ") };
  }
  return null;
}

const noDay = { spent: nothingSpent, until: 0 };
/** The issue that is to mend the base is worked while it is broken: nothing else would end that. */
const waitsForBase = ({ lane, subject }: Contender["wanted"], base: BaseView): boolean =>
  !isPullRequestLane(lane) && lane !== "scheduled-check" && issueNumberOf(subject) !== (baseIssue(base) ?? 0);

/** Exclusive work that can start keeps the others back until it has; nobody overdue waits for it, though. */
function exclusiveNext(
  able: readonly Contender[],
  mayOpen: (contender: Contender) => boolean,
  now: number,
): Contender | null {
  const exclusive = able.filter((each) => each.wanted.traits.exclusive && mayOpen(each));
  const first = inOrder(exclusive, now, null)[0];
  if (!first) return null;
  const isKeptWaiting = able.some((each) => !each.wanted.traits.exclusive && isOverdue(each, now));
  return isKeptWaiting && !isOverdue(first, now) ? null : first;
}

const opensPull = (lane: string): boolean => lane === "issue-implementation" || lane === "blocked-recovery";

/** The recurring issue that was launched last: the next in turn comes after it. */
function lastRecurring({ history }: Snapshot, running: readonly Task[]): number | null {
  const ended = [...history.values()].flatMap((lanes) => lanes.map(({ newest }) => newest));
  const all = [...running, ...ended].filter((task) => traitsOf(task).recurring && task.lane === "issue-implementation");
  const last = all.toSorted((a, b) => b.id - a.id)[0];
  const match = last ? /^issue:(\d+)$/.exec(last.subject) : null;
  return match ? Number(match[1]) : null;
}

const at = (instant: number): string => new Date(instant).toISOString();
