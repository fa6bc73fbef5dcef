import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fstatSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { type Profile, profilesDir, type Session, UserError } from "@agent-control-plane/core";
import {
  createProfileWorktrees,
  createRunArchive,
  isAlive,
  listWorktrees,
  pathOfFound,
  reapSession,
  sessionOfFound,
} from "@agent-control-plane/runners";
import { silentLog } from "../runtime/silent-log.ts";
import { withStore, withStoreToRead } from "../store/with-store.ts";
import { hasWrapper } from "./checks/folders.ts";
import { leftByWrite } from "./checks/home.ts";
import { patienceMs } from "./checks/runtime.ts";
import type { Finding, FindingCode } from "./finding.ts";
import type { Scope } from "./scope.ts";

export interface Healed {
  readonly code: string;
  readonly subject: string;
  /** `not-safe`: a person has to do it. `would-fix`: with `--dry-run`. */
  readonly result: "fixed" | "would-fix" | "failed" | "not-safe";
  /** What was done, would be, or why not. */
  readonly detail: string;
}

/** Puts right what is safe to, one after the other; each looks again at what it is about to change. */
export async function heal(
  scope: Scope,
  findings: readonly Finding[],
  { dryRun }: { readonly dryRun: boolean },
): Promise<readonly Healed[]> {
  const healed: Healed[] = [];
  for (const finding of findings.filter(({ level, safe }) => safe || level === "problem")) {
    const of = { code: finding.code, subject: finding.subject };
    const act = finding.safe ? healers[finding.code as FindingCode] : undefined;
    if (act === undefined) healed.push({ ...of, result: "not-safe", detail: finding.fix });
    else if (dryRun) healed.push({ ...of, result: "would-fix", detail: finding.fix });
    else healed.push({ ...of, ...(await attempt(() => act(scope, finding))) });
  }
  return healed;
}

async function attempt(act: () => Promise<string>): Promise<Pick<Healed, "result" | "detail">> {
  try {
    return { result: "fixed", detail: await act() };
  } catch (error) {
    return { result: "failed", detail: error instanceof Error ? error.message : String(error) };
  }
}

type Healer = (scope: Scope, finding: Finding) => Promise<string>;

export const healers: Partial<Record<FindingCode, Healer>> = {
  "permissions-open": async (_, { subject }) => closeToOthers(subject),
  "secrets-open": async (_, { subject }) => closeToOthers(subject),
  "half-written": removeLeft,
  "profile-put-aside": putBack,
  "daemon-dead": forgetDaemon,
  "lease-stale": recoverLease,
  "orphan-process": endProcesses,
  "orphan-worktree": retireWorktree,
  "orphan-run-folder": archiveRun,
  "stale-git-lock": removeLock,
};

const actor = "acp doctor";

/** The open file itself is changed, so that a link in its place is never followed. */
function closeToOthers(path: string): string {
  const handle = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const mode = fstatSync(handle).isDirectory() ? 0o700 : 0o600;
    fchmodSync(handle, mode);
    return `mode 0${mode.toString(8)}`;
  } finally {
    closeSync(handle);
  }
}

async function removeLeft({ context }: Scope, { subject }: Finding): Promise<string> {
  if (!leftByWrite(basename(subject)) || !subject.startsWith(`${profilesDir(context.home)}/`))
    throw new UserError(`${subject} is not a name of ours; it was left alone.`);
  rmSync(subject, { recursive: true });
  return "removed";
}

async function putBack(_: Scope, { subject, profileId }: Finding): Promise<string> {
  const place = join(dirname(subject), profileId ?? "");
  if (profileId === null || existsSync(place)) throw new UserError(`${place} is there meanwhile; nothing was moved.`);
  renameSync(subject, place);
  return `put back as ${place}`;
}

function forgetDaemon({ context }: Scope, { subject }: Finding): Promise<string> {
  return withStore(context.home, async (store) => {
    const row = (await store.runtimes.list()).find(({ id }) => id === subject);
    if (row && isAlive(row.process)) throw new UserError(`the daemon ${subject} lives; it was left alone.`);
    await store.runtimes.remove(subject);
    return "forgotten; what it had claimed is free";
  });
}

function recoverLease({ context }: Scope, { subject }: Finding): Promise<string> {
  return withStore(context.home, async (store) => {
    await store.tasks.recoverStale({ actor, missingHeartbeatMs: patienceMs });
    const task = await store.tasks.get(Number(subject));
    const lease = await store.tasks.lease(Number(subject));
    if (lease && lease.expiresAt <= context.clock.now())
      throw new UserError(`task ${subject} is not put back yet; start the runtime.`);
    return `task ${subject} is ${task?.state ?? "gone"}`;
  });
}

async function endProcesses(scope: Scope, { subject, profileId }: Finding): Promise<string> {
  const runDir =
    (await sessionOf(scope, subject))?.runDir ?? join(profileOf(scope, profileId).runtime.runsRoot, subject);
  const ended = await reapSession({ sessionId: subject, runDir });
  if (ended.kind === "wrapper-alive") throw new UserError(`session ${subject} has a wrapper again; it was left alone.`);
  if (ended.survivors > 0)
    throw new UserError(
      `${ended.survivors} process(es) of ${subject} survive SIGKILL; see what they wait for (a network disk?).`,
    );
  return `${ended.killed} process(es) ended`;
}

async function retireWorktree(scope: Scope, { subject, profileId }: Finding): Promise<string> {
  const profile = profileOf(scope, profileId);
  const worktrees = createProfileWorktrees({
    profile,
    // Nothing is fetched or pushed to retire a folder.
    remote: { url: "https://localhost/none", token: null },
    defaultBranch: () => Promise.reject(new UserError("not asked")),
    log: silentLog,
    poolSize: 0,
  });
  const { worktreeRoot } = profile.runtime;
  const found = (await listWorktrees(worktreeRoot)).find((one) => pathOfFound(worktreeRoot, one) === subject);
  if (found === undefined) return "gone already";
  const sessionId = sessionOfFound(found);
  const session = await sessionOf(scope, sessionId);
  if (session && session.state !== "concluded")
    throw new UserError(`session ${sessionId} is under way; its worktree was left alone.`);
  if (hasWrapper(session?.runDir ?? join(profile.runtime.runsRoot, sessionId)))
    throw new UserError(`session ${sessionId} has a wrapper at work; its worktree was left alone.`);
  // Of a session that nobody knows only this part goes: a whole worktree of it is a finding of its own.
  const { rescueRef } = await worktrees.retire(session ? sessionId : found.name, { abandoned: true });
  await withStore(scope.context.home, async (store) => {
    const row = (await store.worktrees.list({ profileId: profile.id })).find(
      ({ path }) => path === worktrees.pathFor(sessionId),
    );
    if (row && row.state !== "gone") await store.worktrees.setState(row.path, "gone", rescueRef ?? undefined);
  });
  return rescueRef === null
    ? "removed; nothing unsaved was in it"
    : `removed; unsaved work is ${rescueRef} in ${profile.runtime.agentRepoRoot}`;
}

async function archiveRun(scope: Scope, { subject, profileId }: Finding): Promise<string> {
  if (await sessionOf(scope, basename(subject)))
    throw new UserError(`session ${basename(subject)} is known meanwhile; its folder was left alone.`);
  if (hasWrapper(subject))
    throw new UserError(`session ${basename(subject)} has a wrapper at work; its folder was left alone.`);
  const archive = createRunArchive(profileOf(scope, profileId).runtime.runsRoot);
  return `moved to ${await archive.archive({ id: basename(subject), runDir: subject })}`;
}

async function removeLock(_: Scope, { subject }: Finding): Promise<string> {
  const stat = lstatSync(subject);
  if (!stat.isFile() || !subject.endsWith(".lock"))
    throw new UserError(`${subject} is no lock file of git; it was left alone.`);
  rmSync(subject);
  return "removed";
}

const sessionOf = ({ context }: Scope, id: string): Promise<Session | null> =>
  withStoreToRead(context.home, null, (store) => store.sessions.get(id));

function profileOf({ profiles }: Scope, id: string | null): Profile {
  const profile = profiles.find((one) => one.id === id);
  if (!profile) throw new UserError(`profile "${id}" is not valid now; correct it first.`);
  return profile;
}
