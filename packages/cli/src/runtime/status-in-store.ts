import {
  itemNumberOf,
  type Json,
  limitOfDay,
  type PaceWait,
  type ProfilePause,
  type RuntimeRow,
  readDay,
  type Session,
  type Store,
  type StoredDecision,
} from "@agent-control-plane/core";
import type { CliContext } from "../context.ts";
import { type DescribedQuota, describeQuota } from "../quota/describe-quota.ts";
import { awaitingApproval } from "./awaiting-approval.ts";
import { liveDaemons, withStoreToRead } from "./daemons.ts";
import { pausesOf } from "./describe-pause.ts";
import { factsInForce } from "./facts-in-force.ts";
import type { ProfileFacts } from "./profile-facts.ts";
import { readFacts } from "./read-facts.ts";
import { reportOf, rulesOf } from "./rules-in-force.ts";
import { hostRulesKey } from "./rules-problem.ts";
import type { ProfileStatus, Status } from "./status.ts";

/** Of all profiles. */
interface Shared {
  readonly daemons: readonly RuntimeRow[];
  readonly pauses: readonly ProfilePause[];
  readonly paces: readonly PaceWait[];
}

/** The whole status, where there is a store; null when there is none after all. */
export async function statusInStore(context: CliContext, profileIds: readonly string[]): Promise<Status | null> {
  return withStoreToRead<Status | null>(context.home, null, async (store) => {
    const daemons = await liveDaemons(store);
    const shared = { daemons, pauses: await store.pauses.list(), paces: await store.pace.waits() };
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

async function flowsUnderWay(store: Store): Promise<Status["flows"]> {
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

async function profileStatus(
  context: CliContext,
  store: Store,
  { daemons, pauses, paces }: Shared,
  facts: ProfileFacts,
): Promise<ProfileStatus> {
  const { profileId } = facts;
  const daemon = daemons.find((row) => row.profileIds.includes(profileId));
  const [sessions, decisions, live, counts] = await Promise.all([
    store.sessions.list({ profileId, states: ["intended", "running", "ended"] }),
    store.decisions.list(profileId),
    store.tasks.list({ queue: profileId, states: ["queued", "scheduled", "running", "dead"] }),
    store.outbox.counts(profileId),
  ]);
  const tasks: Record<string, number> = {};
  for (const task of live) tasks[task.state] = (tasks[task.state] ?? 0) + 1;
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
    sessions: sessions.map(({ id, subject, kind, state, startedAt, spend = null }: Session) => ({
      id,
      subject,
      kind,
      state,
      startedAt,
      spend,
    })),
    spend: await spendOf(context, store, facts),
    decisions: [...decisions].sort((a, b) => numberOf(a) - numberOf(b)),
    next: nextOf(decisions),
    tasks,
    awaiting: await awaitingApproval(store, profileId),
    outbox: { ...counts, waits: counts.pending > 0 ? waitOf(paces, profileId) : null },
  };
}

async function spendOf(
  { clock }: Pick<CliContext, "clock">,
  store: Store,
  { profileId, timeZone, limit }: ProfileFacts,
): Promise<ProfileStatus["spend"]> {
  const { spent, raises } = await readDay(store, profileId, { now: clock.now(), timeZone });
  return { today: spent, limit: limitOfDay(limit, raises.at(-1)) };
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
