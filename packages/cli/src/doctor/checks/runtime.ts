import { hostname } from "node:os";
import type { Instant, ProfilePause, RuntimeRow, Session, Store } from "@agent-control-plane/core";
import { isAlive, readWrapperMark } from "@agent-control-plane/runners";
import { ago } from "../../runtime/ago.ts";
import { reportOf, rulesOf } from "../../runtime/rules-in-force.ts";
import { withStoreToRead } from "../../store/with-store.ts";
import { packageVersion } from "../../version.ts";
import { type Finding, note, ok, problem } from "../finding.ts";
import type { Check, Scope } from "../scope.ts";

export interface RuntimeFacts {
  readonly now: Instant;
  readonly version: string;
  /** Of this host. */
  readonly daemons: readonly (Pick<RuntimeRow, "id" | "version" | "profileIds" | "heartbeatAt" | "state"> & {
    readonly pid: number;
    readonly isAlive: boolean;
  })[];
  readonly profiles: readonly ProfileWork[];
  readonly pauses: readonly ProfilePause[];
}

export interface ProfileWork {
  readonly profileId: string;
  /** Why the newest rules are not in force; empty: they are, or nobody runs. */
  readonly rulesProblems: readonly string[];
  /** What a daemon said that its last tick met. */
  readonly tickError: string | null;
  /** Leases that ran out. */
  readonly expired: readonly {
    readonly taskId: number;
    readonly subject: string;
    readonly expiresAt: Instant;
    readonly heartbeatAt: Instant;
    readonly hasOpenSession: boolean;
  }[];
  /** Sessions that should run and whose wrapper is gone. */
  readonly lost: readonly { readonly id: string; readonly subject: string; readonly startedAt: Instant | null }[];
  readonly deadLetters: number;
  readonly deadTasks: number;
}

export const runtimeCheck: Check = {
  name: "runtime",
  limitMs: 15_000,
  look: async (scope) => {
    const facts = await readRuntime(scope);
    return facts === null ? [] : judgeRuntime(facts);
  },
};

/** A daemon reports every ten seconds. */
const silentMs = 60_000;
/** A lease is recovered only when its heartbeat is missing, too; beside a daemon, which does it, that has to take long. */
export const patienceMs = 60_000;

export function judgeRuntime({ now, version, daemons, profiles, pauses }: RuntimeFacts): readonly Finding[] {
  const alive = daemons.filter((daemon) => daemon.isAlive);
  const served = new Set(alive.flatMap(({ profileIds }) => profileIds));
  const found = [
    ...daemons.filter((daemon) => !daemon.isAlive).map((daemon) => dead(daemon, now)),
    ...alive.flatMap((daemon) => [...silent(daemon, now), ...otherVersion(daemon, version)]),
    ...profiles.flatMap((work) => judgeWork(work, served.has(work.profileId), now)),
    ...pauses.map(paused),
  ];
  const names = alive.map(({ pid }) => `pid ${pid}`).join(", ");
  if (found.some(({ level }) => level === "problem")) return found;
  return [
    ok("runtime", "daemons", alive.length === 0 ? "no daemon runs" : `${alive.length} daemon(s) at work: ${names}`),
    ...found,
  ];
}

type Daemon = RuntimeFacts["daemons"][number];

const dead = ({ id, pid, heartbeatAt }: Daemon, now: Instant): Finding =>
  problem("daemon-dead", {
    subject: id,
    found: `a daemon (pid ${pid}, last seen ${ago(now - heartbeatAt)} ago) is gone without signing off; what it had begun to send waits for its claims to run out`,
    fix: "forget it, then start the runtime again; sessions that still run are adopted.",
    command: "acp runtime start --all",
    safe: true,
  });

function silent({ id, pid, heartbeatAt, state }: Daemon, now: Instant): readonly Finding[] {
  if (now - heartbeatAt < silentMs) return [];
  const found = `the daemon (pid ${pid}, ${state}) lives, but its last heartbeat is ${ago(now - heartbeatAt)} old`;
  const fix =
    "look into logs/runtime.log (a full disk, a hanging network folder?), then restart it; sessions go on meanwhile.";
  return [problem("daemon-silent", { subject: id, found, fix, command: "acp runtime restart --all" })];
}

function otherVersion({ id, pid, version }: Daemon, own: string): readonly Finding[] {
  if (version === own) return [];
  const found = `the daemon (pid ${pid}) is version ${version}, this program ${own}`;
  const fix = "restart it; sessions under way keep the version they began with.";
  return [problem("daemon-version", { subject: id, found, fix, command: "acp runtime restart --all" })];
}

function judgeWork(work: ProfileWork, isServed: boolean, now: Instant): readonly Finding[] {
  const { profileId, rulesProblems, tickError, deadLetters, deadTasks } = work;
  const start = `acp runtime start --profile-id ${profileId}`;
  const expired = work.expired.filter(
    ({ expiresAt, heartbeatAt, hasOpenSession }) =>
      !hasOpenSession && now - (isServed ? expiresAt : heartbeatAt) > patienceMs,
  );
  return [
    ...(rulesProblems.length > 0
      ? [
          problem("daemon-rules", {
            subject: profileId,
            profileId,
            found: `the daemon goes on without the newest rules:\n${rulesProblems.join("\n")}`,
            fix: "correct the profile; the daemon takes it up by itself, or say so that a restart is needed.",
            command: `acp profile validate --profile-id ${profileId}`,
          }),
        ]
      : []),
    ...(tickError === null
      ? []
      : [
          problem("daemon-rules", {
            subject: profileId,
            profileId,
            found: `the daemon's last tick failed: ${tickError}`,
            fix: "correct what the message names; the daemon tries again by itself.",
            command: `acp runtime status --profile-id ${profileId}`,
          }),
        ]),
    ...expired.map((lease) => staleLease(profileId, lease, now)),
    ...(isServed ? [] : work.lost.map((session) => lost(profileId, session, start))),
    ...(deadLetters === 0
      ? []
      : [
          problem("dead-letter", {
            subject: profileId,
            profileId,
            found: `${deadLetters} write(s) to the forge were given up`,
            fix: "look why, correct it, then send them again or drop them.",
            command: "acp outbox list",
          }),
        ]),
    ...(deadTasks === 0
      ? []
      : [
          note("task-dead", {
            subject: profileId,
            profileId,
            found: `${deadTasks} piece(s) of work used up their tries and wait for a person`,
            fix: "the comment on each issue says what it needs; acp tasks replay <id> gives one new tries.",
            command: `acp tasks list --profile-id ${profileId}`,
          }),
        ]),
  ];
}

const staleLease = (
  profileId: string,
  { taskId, subject, heartbeatAt }: ProfileWork["expired"][number],
  now: Instant,
): Finding =>
  problem("lease-stale", {
    ...{ subject: String(taskId), profileId },
    found: `task ${taskId} (${subject}) is held by nobody: its last heartbeat is ${ago(now - heartbeatAt)} old and no session of it is left`,
    fix: "put it back into the queue; a running daemon does so by itself.",
    command: `acp runtime start --profile-id ${profileId}`,
    safe: true,
  });

const lost = (profileId: string, { id, subject }: ProfileWork["lost"][number], command: string): Finding =>
  problem("session-lost", {
    ...{
      subject: id,
      profileId,
      found: `session ${id} (${subject}) should run, but its process is gone and no daemon is there to notice`,
    },
    fix: "start the runtime: it concludes the session, keeps its work and tries again.",
    command,
  });

const paused = ({ scope, actor, reason }: ProfilePause): Finding =>
  note("paused", {
    subject: scope,
    profileId: scope === "*" ? null : scope,
    found: `${scope === "*" ? "all profiles are" : `profile "${scope}" is`} paused by ${actor}: ${reason}`,
    fix: "resume when it is time.",
    command: scope === "*" ? "acp runtime resume --all" : `acp runtime resume --profile-id ${scope}`,
  });

async function readRuntime({ context, profileIds }: Scope): Promise<RuntimeFacts | null> {
  const { home, clock } = context;
  try {
    return await withStoreToRead(home, null, async (store) => {
      const rows = (await store.runtimes.list()).filter(({ host }) => host === hostname());
      const daemons = rows.map((row) => ({ ...row, pid: row.process.pid, isAlive: isAlive(row.process) }));
      const live = rows.filter((row) => isAlive(row.process));
      const now = clock.now();
      const profiles = await Promise.all(profileIds.map((id) => readWork(store, id, live, now)));
      const pauses = (await store.pauses.list()).filter(({ scope }) => scope === "*" || profileIds.includes(scope));
      return { now, version: packageVersion(), daemons, profiles, pauses };
    });
  } catch {
    return null; // why it cannot be read is the store check's to say
  }
}

async function readWork(
  store: Store,
  profileId: string,
  live: readonly RuntimeRow[],
  now: Instant,
): Promise<ProfileWork> {
  const [open, running, deadTasks, counts] = await Promise.all([
    store.sessions.list({ profileId, states: ["intended", "running", "ended"] }),
    store.tasks.list({ queue: profileId, states: ["running"] }),
    store.tasks.list({ queue: profileId, states: ["dead"] }),
    store.outbox.counts(profileId),
  ]);
  const leases = await Promise.all(running.map(async (task) => ({ task, lease: await store.tasks.lease(task.id) })));
  const rules = rulesOf(live, profileId);
  const daemon = live.find(({ profileIds }) => profileIds.includes(profileId));
  const error = reportOf(daemon, profileId).error;
  return {
    profileId,
    rulesProblems: rules === null || rules.state === "in-force" ? [] : rules.problems,
    tickError: typeof error === "string" ? error : null,
    expired: leases.flatMap(({ task, lease }) => {
      if (lease === null || lease.expiresAt > now) return [];
      const { expiresAt, heartbeatAt } = lease;
      const hasOpenSession = open.some(({ taskId }) => taskId === task.id);
      return [{ taskId: task.id, subject: task.subject, expiresAt, heartbeatAt, hasOpenSession }];
    }),
    lost: open.filter(isLost).map(({ id, subject, startedAt }) => ({ id, subject, startedAt })),
    deadLetters: counts.failed,
    deadTasks: deadTasks.length,
  };
}

function isLost({ state, wrapper, runDir }: Session): boolean {
  if (state === "ended") return false;
  const mark = wrapper ?? readWrapperMark(runDir);
  return mark === null || !isAlive(mark);
}
