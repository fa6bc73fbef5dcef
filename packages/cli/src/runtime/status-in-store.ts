import {
  type DayReading,
  type ItemAbout,
  itemNumberOf,
  type Json,
  limitOfDay,
  liveTaskStates,
  type OutboxCounts,
  type OutboxRow,
  type PaceWait,
  type ProfilePause,
  type RuntimeRow,
  readDay,
  type Session,
  type Store,
  type StoredDecision,
  type Task,
} from "@agent-control-plane/core";
import type { CliContext } from "../context.ts";
import { type DescribedQuota, describeQuota } from "../quota/describe-quota.ts";
import { withStoreToRead } from "../store/with-store.ts";
import { awaitingApproval } from "./awaiting-approval.ts";
import { liveDaemons } from "./daemons.ts";
import { pausesOf } from "./describe-pause.ts";
import { factsInForce } from "./facts-in-force.ts";
import type { ProfileFacts } from "./profile-facts.ts";
import { readFacts } from "./read-facts.ts";
import { reportOf, rulesOf } from "./rules-in-force.ts";
import { hostRulesKey } from "./rules-problem.ts";
import type { ProfileStatus, Status } from "./status.ts";

/** Of all profiles. */
export interface Shared {
  readonly daemons: readonly RuntimeRow[];
  readonly pauses: readonly ProfilePause[];
  readonly paces: readonly PaceWait[];
}

/** The whole status, where there is a store; null when there is none after all. */
export async function statusInStore(context: CliContext, profileIds: readonly string[]): Promise<Status | null> {
  return withStoreToRead<Status | null>(context.home, null, async (store) => {
    const shared = await readShared(store);
    const { daemons } = shared;
    const profiles = await Promise.all(
      profileIds.map(async (id) => {
        const facts = factsInForce(context.home, id, daemons) ?? (await readFacts(context, id));
        return profileStatus(context, store, shared, facts);
      }),
    );
    const providers = (await store.quotas.list()).map((quota) => describeQuota(quota, context.clock.now()));
    const cooldowns = [...(await store.cooldowns.active()), ...providers.flatMap(asCooldown)];
    const flows = await flowsUnderWay(store);
    return { home: context.home, cooldowns, providers, flows, hostRules: rulesOf(daemons, hostRulesKey), profiles };
  });
}

const readShared = async (store: Store): Promise<Shared> => ({
  daemons: await liveDaemons(store),
  pauses: await store.pauses.list(),
  paces: await store.pace.waits(),
});

export async function flowsUnderWay(store: Store): Promise<Status["flows"]> {
  const flows = await store.flows.list({ states: ["running", "paused"], limit: 200 });
  return Promise.all(
    flows.map(async ({ id, name, state }) => {
      const { total: tasks, running, asking, succeeded, failed, skipped, cancelled } = await store.flows.counts(id);
      return { id, name, state, tasks, ended: succeeded + failed + skipped + cancelled, running, asking };
    }),
  );
}

const asCooldown = ({ state, scope, resetAt, reason }: DescribedQuota): Status["cooldowns"] =>
  state === "in-force" ? [{ scope: `provider:${scope}`, until: resetAt, reason }] : [];

/** What the store says of one profile. */
export interface ProfileRows {
  readonly sessions: readonly Session[];
  readonly decisions: readonly (StoredDecision & { readonly about: ItemAbout | null })[];
  /** Those that have not ended, and dead letters. */
  readonly tasks: readonly Task[];
  readonly counts: OutboxCounts;
  /** Writes that failed or are held back, oldest first. */
  readonly failed: readonly OutboxRow[];
  readonly day: DayReading;
}

export async function readProfileRows(
  { clock }: Pick<CliContext, "clock">,
  store: Store,
  { profileId, timeZone }: Pick<ProfileFacts, "profileId" | "timeZone">,
): Promise<ProfileRows> {
  const [sessions, decisions, live, dead, counts, failed, day] = await Promise.all([
    store.sessions.list({ profileId, states: ["intended", "running", "ended"] }),
    store.decisions.listAbout(profileId),
    // Each by its own index: together they would be looked for among all tasks there ever were.
    store.tasks.list({ queue: profileId, states: liveTaskStates }),
    store.tasks.deadLetters({ queue: profileId }),
    store.outbox.counts(profileId),
    store.outbox.list({ profileId, states: ["failed"] }),
    readDay(store, profileId, { now: clock.now(), timeZone }),
  ]);
  const tasks = [...live, ...dead].sort((a, b) => a.id - b.id);
  return { sessions, decisions: [...decisions].sort((a, b) => numberOf(a) - numberOf(b)), tasks, counts, failed, day };
}

/** Of one profile, from an open store. */
async function profileStatus(
  context: CliContext,
  store: Store,
  shared: Shared,
  facts: ProfileFacts,
): Promise<ProfileStatus> {
  return statusOfRows(store, shared, facts, await readProfileRows(context, store, facts));
}

export async function statusOfRows(
  store: Store,
  { daemons, pauses, paces }: Shared,
  facts: ProfileFacts,
  rows: ProfileRows,
): Promise<ProfileStatus> {
  const { profileId } = facts;
  const daemon = daemons.find((row) => row.profileIds.includes(profileId));
  const tasks: Record<string, number> = {};
  for (const task of rows.tasks) tasks[task.state] = (tasks[task.state] ?? 0) + 1;
  return {
    profileId,
    running: daemon !== undefined,
    pid: daemon?.process.pid ?? null,
    state: daemon?.state ?? "stopped",
    service: null,
    problems: facts.problems,
    pauses: pausesOf(profileId, pauses),
    rules: rulesOf(daemons, profileId),
    lastTick: lastTickOf(daemon, profileId),
    sessions: rows.sessions.map(({ id, subject, kind, state, startedAt, spend = null }) => ({
      ...{ id, subject, kind, state, startedAt, spend },
    })),
    spend: { today: rows.day.spent, limit: limitOfDay(facts.limit, rows.day.raises.at(-1)) },
    decisions: rows.decisions.map(({ about: _, ...decision }) => decision),
    next: nextOf(rows.decisions),
    tasks,
    awaiting: await awaitingApproval(store, rows.failed),
    outbox: { ...rows.counts, waits: rows.counts.pending > 0 ? waitOf(paces, profileId) : null },
  };
}

function waitOf(paces: readonly PaceWait[], id: string): ProfileStatus["outbox"]["waits"] {
  const wait = paces.find(({ profileId }) => profileId === id);
  return wait ? { why: wait.why, until: wait.until } : null;
}

const numberOf = ({ subject }: StoredDecision): number => itemNumberOf(subject) ?? 0;

const nextOf = (decisions: readonly StoredDecision[]): ProfileStatus["next"] =>
  decisions
    .flatMap(({ subject, lane, place }) => (place === null ? [] : [{ subject, lane, place }]))
    .sort((a, b) => a.place - b.place)
    .map(({ subject, lane }) => ({ subject, lane }));

function lastTickOf(daemon: RuntimeRow | undefined, profileId: string): Json {
  const { rules: _rules, facts: _facts, ...found } = reportOf(daemon, profileId);
  return Object.keys(found).length === 0 ? null : found;
}
