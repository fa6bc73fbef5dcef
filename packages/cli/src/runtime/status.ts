import {
  type Amount,
  fixOf,
  type HoldReason,
  holdReasons,
  holdText,
  issueNumberOf,
  itemNumberOf,
  type Json,
  limitOfDay,
  needsPerson,
  type PaceWait,
  type ProfilePause,
  type RuntimeRow,
  readDay,
  readProfile,
  type Session,
  type SessionSpend,
  type SpendLimit,
  type Store,
  type StoredDecision,
} from "@agent-control-plane/core";
import { backends } from "@agent-control-plane/runners/backends";
import { countedInWords } from "../budget/describe-item.ts";
import type { CliContext } from "../context.ts";
import { counted } from "../counted.ts";
import { pauseInWords } from "../outbox/why-it-waits.ts";
import { table, wrapped } from "../output.ts";
import { type DescribedQuota, describeQuota, quotaInWords, servedBy } from "../quota/describe-quota.ts";
import { servicesOf } from "../services/find-services.ts";
import type { ServiceState } from "../services/read-service-state.ts";
import { ago } from "./ago.ts";
import { awaitingApproval } from "./awaiting-approval.ts";
import { liveDaemons, withStoreToRead } from "./daemons.ts";
import { describePause, pausesOf, resumeCommand } from "./describe-pause.ts";
import { type RulesInForce, reportOf, rulesOf } from "./rules-in-force.ts";
import { hostRulesKey } from "./rules-problem.ts";

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
  /** Of host.yaml, as `rules` of a profile. */
  readonly hostRules: RulesInForce | null;
  readonly profiles: readonly ProfileStatus[];
}

/** Everything `status` says, read without writing a byte. */
export async function readStatus(context: CliContext, profileIds: readonly string[]): Promise<Status> {
  const { home } = context;
  const bare: Status = {
    home,
    cooldowns: [],
    providers: [],
    hostRules: null,
    profiles: profileIds.map((id) => notYet(context, id)),
  };
  const services = await servicesOf(context, profileIds);
  return withStoreToRead(home, { ...bare, profiles: bare.profiles.map(served) }, async (store) => {
    const daemons = await liveDaemons(store);
    const shared = { daemons, pauses: await store.pauses.list(), paces: await store.pace.waits() };
    const profiles = (await Promise.all(profileIds.map((id) => profileStatus(context, store, shared, id)))).map(served);
    const providers = (await store.quotas.list()).map((quota) => describeQuota(quota, context.clock.now()));
    const cooldowns = [...(await store.cooldowns.active()), ...providers.flatMap(asCooldown)];
    return { home, cooldowns, providers, hostRules: rulesOf(daemons, hostRulesKey), profiles };
  });

  function served(profile: ProfileStatus): ProfileStatus {
    const own = services.find(({ profileId }) => profileId === profile.profileId);
    const found = own ?? services.find(({ profileId }) => profileId === null);
    if (found === undefined) return profile;
    const { name, state, enabled, pid } = found;
    return { ...profile, service: { name, state, enabled, pid } };
  }
}

const asCooldown = ({ state, scope, resetAt, reason }: DescribedQuota): Status["cooldowns"] =>
  state === "in-force" ? [{ scope: `provider:${scope}`, until: resetAt, reason }] : [];

const notYet = (context: CliContext, profileId: string): ProfileStatus => ({
  profileId,
  running: false,
  pid: null,
  state: "stopped",
  service: null,
  problems: problemsOf(context, profileId),
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

async function profileStatus(
  context: CliContext,
  store: Store,
  {
    daemons,
    pauses,
    paces,
  }: {
    readonly daemons: readonly RuntimeRow[];
    readonly pauses: readonly ProfilePause[];
    readonly paces: readonly PaceWait[];
  },
  profileId: string,
): Promise<ProfileStatus> {
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
    problems: problemsOf(context, profileId),
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
    spend: await spendOf(context, store, profileId),
    decisions: [...decisions].sort((a, b) => numberOf(a) - numberOf(b)),
    next: nextOf(decisions),
    tasks,
    awaiting: await awaitingApproval(store, profileId),
    outbox: { ...counts, waits: counts.pending > 0 ? waitOf(paces, profileId) : null },
  };
}

/** A profile that cannot be read has no time zone: its day is UTC's, and its limits are not known. */
async function spendOf(
  { home, env, clock }: CliContext,
  store: Store,
  profileId: string,
): Promise<ProfileStatus["spend"]> {
  const parsed = readProfile(home, profileId, env, backends);
  const timeZone = parsed.ok ? parsed.profile.timeZone : "UTC";
  const limit = parsed.ok ? parsed.profile.budgets.day : { usd: null, tokens: null };
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
  const { rules: _, ...found } = reportOf(daemon, profileId);
  return Object.keys(found).length === 0 ? null : found;
}

function problemsOf({ home, env }: CliContext, id: string): number {
  const parsed = readProfile(home, id, env, backends);
  return parsed.ok ? 0 : parsed.problems.length;
}

export function printStatus({ output: plain, clock, stdout }: CliContext, status: Status): void {
  // At a terminal only: what is piped is searched line by line.
  const lines = (text: string) => (stdout.isTTY ? wrapped(text, stdout.columns) : text);
  const output = { ...plain, print: (text: string) => plain.print(lines(text)) };
  const { bold, green, red, yellow, dim } = output.style;
  if (status.profiles.length === 0) {
    output.print(`No profiles under ${status.home}. Make one with "acp init --profile-id <id>".`);
    return;
  }
  for (const profile of status.profiles) {
    const state = profile.running ? green(`${profile.state}, pid ${profile.pid}`) : red("stopped");
    output.print(
      `${bold(profile.profileId)}  ${state}${profile.problems > 0 ? red(`  ${counted(profile.problems, "problem")} in its profile; "acp profile validate" names them`) : ""}`,
    );
    if (!profile.running) output.print(dim(`  ${howToStart(profile)}`));
    if (profile.service) output.print(serviceLine(profile, profile.service, output.style));
    for (const pause of profile.pauses) {
      const scope = pause.scope === "*" ? "paused with all profiles" : "paused";
      output.print(
        `  ${yellow(scope)} ${describePause(pause, clock.now())}; sessions go on  ${dim(resumeCommand(pause.scope))}`,
      );
    }
    if (profile.rules) printRules(output, profile.rules, clock.now());
    const problem = forgeProblem(profile.lastTick);
    if (problem) output.print(`  ${red(problem)}`);
    const counts = Object.entries(profile.tasks).map(([name, count]) => `${count} ${name}`);
    const { pending, failed, heldBack, waits } = profile.outbox;
    const writes = [
      `${pending} pending`,
      ...(heldBack > 0 ? [`${heldBack} held back`] : []),
      ...(failed > 0 ? [red(`${failed} failed`)] : []),
    ];
    output.print(dim(`  tasks: ${counts.join(", ") || "none"}; outbox: ${writes.join(", ")}`));
    for (const { subject, session, since } of profile.awaiting) {
      const look = session === null ? "" : dim(`  acp sessions diff ${session}`);
      output.print(`  ${subject}  ${yellow("waits for an approval")} since ${ago(clock.now() - since)}${look}`);
    }
    if (waits) output.print(`  ${yellow(pauseInWords(waits))}`);
    const { today, limit } = profile.spend;
    if (today.tokens > 0 || today.usd > 0)
      output.print(dim(`  spent today: ${countedInWords({ spent: today, limit })}`));
    const rows = profile.sessions.map((session) => [
      `  ${session.subject}`,
      yellow(session.kind === "verify" ? "verifying" : session.state),
      session.id,
      session.startedAt === null ? "" : ago(clock.now() - session.startedAt),
    ]);
    if (rows.length > 0) output.print(table(rows));
    if (profile.next.length > 0) output.print(`  next: ${nextText(profile.next)}`);
    const holds = profile.decisions.filter((decision) => decision.verdict === "hold" && decision.reason !== "running");
    if (holds.length > 0)
      output.print(table(holds.map((hold) => [`  ${hold.subject}`, dim(hold.reason), dim(textOf(hold))])));
  }
  if (status.hostRules && status.hostRules.state !== "in-force") {
    output.print(bold("host.yaml"));
    printRules(output, status.hostRules, clock.now());
  }
  for (const quota of status.providers) {
    output.print(
      `${yellow("provider")}  ${servedBy(quota)} ${quotaInWords(quota)}  ${quota.reason}  ${dim(quota.scope)}`,
    );
    if (needsPerson(quota)) output.print(`  ${red("needs a person")}: ${fixOf(quota)}`);
  }
  for (const cooldown of status.cooldowns.filter(({ scope }) => !scope.startsWith("provider:")))
    output.print(
      `${yellow("cooling down")}  ${cooldown.scope} until ${new Date(cooldown.until).toISOString()}  ${cooldown.reason}`,
    );
}

/** Of the line, as many as a line of text holds. */
const mostNamed = 5;

function nextText(next: ProfileStatus["next"]): string {
  const named = next.slice(0, mostNamed).map(({ subject, lane }) => {
    const kind = issueNumberOf(subject) === null ? "pr" : "issue";
    return `${kind} #${itemNumberOf(subject)} (${lane})`;
  });
  return `${named.join(", ")}${next.length > mostNamed ? ", ..." : ""}`;
}

const rulesText: Readonly<Record<RulesInForce["state"], string>> = {
  "in-force": "",
  "last-good": "the daemon goes on with the rules it had before this change",
  "restart-needed": "the daemon goes on with the rules it had before this change",
  "not-loaded": "the daemon does not work this profile",
};

function printRules({ print, style }: CliContext["output"], rules: RulesInForce, now: number): void {
  if (rules.state === "in-force" || rules.since === null) return;
  print(`  ${style.red(rulesText[rules.state])} (${ago(now - rules.since)}):`);
  for (const problem of rules.problems) print(`    ${problem.replaceAll("\n", "\n    ")}`);
}

/** A daemon that its service did not start is not started again when it dies. */
function serviceLine(
  { running, pid }: ProfileStatus,
  service: ServiceInStatus,
  { dim, yellow }: CliContext["output"]["style"],
): string {
  const isBeside = running && service.pid !== pid;
  const said = `  service ${service.name}: ${service.state}${service.enabled ? "" : ", not enabled"}`;
  if (isBeside) return yellow(`${said}; the daemon was started beside it ("acp runtime restart" hands it over)`);
  return service.state === "running" ? dim(said) : yellow(`${said}; see "acp service status"`);
}

const howToStart = ({ profileId, sessions }: ProfileStatus): string =>
  `acp runtime start --profile-id ${profileId}${sessions.length > 0 ? "   (sessions go on without it; it adopts them)" : ""}`;

/** Why the last tick saw nothing; null when it did. */
function forgeProblem(lastTick: Json): string | null {
  const { error, forge, forgeDetail } = (lastTick ?? {}) as { error?: string; forge?: string; forgeDetail?: string };
  if (error) return `the last tick failed: ${error}`;
  if (forge === undefined || forge === "seen") return null;
  return `${forge}: ${forgeDetail ?? holdText(forge as HoldReason)}`;
}

const textOf = (decision: StoredDecision): string => {
  const text = decision.reason in holdReasons ? holdText(decision.reason as HoldReason) : decision.reason;
  return decision.detail ? `${text} (${decision.detail})` : text;
};
