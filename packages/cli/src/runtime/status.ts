import { existsSync } from "node:fs";
import {
  type Amount,
  type Json,
  type PaceWait,
  type ProfilePause,
  type RuntimeRow,
  type SessionSpend,
  type SpendLimit,
  type StoredDecision,
  storePath,
} from "@agent-control-plane/core";
import type { ShownFlow } from "@agent-control-plane/dashboard";
import type { CliContext } from "../context.ts";
import type { DescribedQuota } from "../quota/describe-quota.ts";
import { servicesOf } from "../services/find-services.ts";
import type { ServiceState } from "../services/read-service-state.ts";
import type { ProfileFacts } from "./profile-facts.ts";
import { readFacts } from "./read-facts.ts";
import type { RulesInForce } from "./rules-in-force.ts";

export interface ProfileStatus {
  readonly profileId: string;
  readonly running: boolean;
  readonly pid: number | null;
  readonly state: RuntimeRow["state"] | "stopped";
  /** The installed service that serves it; null: none is. */
  readonly service: ServiceInStatus | null;
  readonly problems: number;
  /** What a person paused; that of all profiles (`*`) first. Empty: not paused. */
  readonly pauses: readonly ProfilePause[];
  /** Whether the daemon works by the rules as they stand in the file; null without a daemon. */
  readonly rules: RulesInForce | null;
  readonly lastTick: Json;
  readonly sessions: readonly {
    readonly id: string;
    readonly subject: string;
    readonly kind: string;
    readonly state: string;
    readonly startedAt: number | null;
    /** What it has spent so far; null: it has not said. */
    readonly spend: SessionSpend | null;
  }[];
  /** What was spent today, in the profile's time zone, and what may be. */
  readonly spend: { readonly today: Amount; readonly limit: SpendLimit };
  /** By number. */
  readonly decisions: readonly StoredDecision[];
  /** What starts first when there is room, in this order; only the front of a long line. */
  readonly next: readonly { readonly subject: string; readonly lane: string }[];
  readonly tasks: { readonly [state: string]: number };
  readonly awaiting: readonly Awaiting[];
  readonly outbox: {
    readonly pending: number;
    readonly failed: number;
    /** Held back because a person acted, or has to approve it. */
    readonly heldBack: number;
    /** Why none of it is sent now; null: it is. */
    readonly waits: Pick<PaceWait, "why" | "until"> | null;
  };
}

/** Of a service; "acp service status" says more. */
export type ServiceInStatus = Pick<ServiceState, "name" | "state" | "enabled" | "pid">;

/** Work that is done, and of which nothing is published before a person approves it. */
export interface Awaiting {
  readonly subject: string;
  readonly taskId: number;
  /** Whose work it is; null when the session is not known any more. */
  readonly session: string | null;
  readonly since: number;
}

export interface Status {
  readonly home: string;
  readonly cooldowns: readonly { readonly scope: string; readonly until: number; readonly reason: string }[];
  /** Limits of model providers that sessions met; those in force stand in `cooldowns`, too. */
  readonly providers: readonly DescribedQuota[];
  /** Flows under way, oldest first. */
  readonly flows: readonly ShownFlow[];
  /** Of host.yaml, as `rules` of a profile. */
  readonly hostRules: RulesInForce | null;
  readonly profiles: readonly ProfileStatus[];
}

/** Everything `status` says, read without writing a byte. What reads profiles, and the store, is loaded where there are any. */
export async function readStatus(context: CliContext, profileIds: readonly string[]): Promise<Status> {
  const { home } = context;
  const services = await servicesOf(context, profileIds);
  const found =
    (existsSync(storePath(home))
      ? await (await import("./status-in-store.ts")).statusInStore(context, profileIds)
      : null) ?? (await bareStatus(context, profileIds));
  return { ...found, profiles: found.profiles.map((profile) => served(profile, services)) };
}

/** Without a store nothing ever ran. */
async function bareStatus(context: CliContext, profileIds: readonly string[]): Promise<Status> {
  const profiles = await Promise.all(profileIds.map(async (id) => notYet(await readFacts(context, id))));
  return { home: context.home, cooldowns: [], providers: [], flows: [], hostRules: null, profiles };
}

function served(profile: ProfileStatus, services: readonly ServiceState[]): ProfileStatus {
  const own = services.find(({ profileId }) => profileId === profile.profileId);
  const found = own ?? services.find(({ profileId }) => profileId === null);
  if (found === undefined) return profile;
  const { name, state, enabled, pid } = found;
  return { ...profile, service: { name, state, enabled, pid } };
}

const notYet = ({ profileId, problems }: ProfileFacts): ProfileStatus => ({
  profileId,
  running: false,
  pid: null,
  state: "stopped",
  service: null,
  problems,
  pauses: [],
  rules: null,
  lastTick: null,
  sessions: [],
  spend: { today: { tokens: 0, usd: 0 }, limit: { usd: null, tokens: null } },
  decisions: [],
  next: [],
  tasks: {},
  awaiting: [],
  outbox: { pending: 0, failed: 0, heldBack: 0, waits: null },
});
