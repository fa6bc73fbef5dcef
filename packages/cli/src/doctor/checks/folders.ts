import { lstatSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Instant, Profile, Store } from "@agent-control-plane/core";
import {
  type FoundWorktree,
  isAlive,
  listWorktrees,
  pathOfFound,
  readWrapperMark,
  sessionOfFound,
} from "@agent-control-plane/runners";
import { ago } from "../../runtime/ago.ts";
import { liveDaemons } from "../../runtime/daemons.ts";
import { openStoreToRead } from "../../store/with-store.ts";
import { type Finding, note, ok, problem, quoted } from "../finding.ts";
import type { Check, Scope } from "../scope.ts";

export interface FolderFacts {
  readonly now: Instant;
  readonly profileId: string;
  readonly isServed: boolean;
  /** The store could be read: without it nobody knows whose a folder is. */
  readonly isStoreKnown: boolean;
  readonly worktrees: readonly {
    readonly path: string;
    readonly sessionId: string;
    readonly kind: FoundWorktree["kind"];
    readonly session: SessionState;
  }[];
  readonly runs: readonly {
    readonly path: string;
    readonly sessionId: string;
    readonly hasMark: boolean;
    /** Of its wrapper. */
    readonly pid: number | null;
    readonly session: SessionState;
  }[];
  readonly gitLocks: readonly { readonly path: string; readonly changedAt: Instant }[];
}

/** `none`: the store does not know it. `unknown`: nor that, and its wrapper is at work: a store from before came back. */
type SessionState = "open" | "concluded" | "none" | "unknown";

export const foldersCheck: Check = {
  name: "folders",
  limitMs: 15_000,
  look: async (scope) => {
    const facts = await readFolders(scope);
    const found = facts.flatMap(judgeFolders);
    return found.length > 0 || facts.length === 0
      ? found
      : [ok("folders", "worktrees", "no worktree, run folder or git lock is left behind")];
  },
};

/** Longer than any of our commands holds one of git's locks. */
const lockAgeMs = 30 * 60_000;

export function judgeFolders({
  now,
  profileId,
  isServed,
  isStoreKnown,
  worktrees,
  runs,
  gitLocks,
}: FolderFacts): readonly Finding[] {
  const leftWorktrees = worktrees.filter(
    ({ kind, session }) =>
      kind !== "unknown" && isStoreKnown && (session === "none" || (session === "concluded" && !isServed)),
  );
  const foreign = worktrees.filter(({ kind }) => kind === "unknown");
  const leftRuns = isStoreKnown ? runs.filter(({ session, hasMark }) => session === "none" && hasMark) : [];
  return [
    // First, and so first removed: it would keep the worktrees from being retired.
    ...gitLocks.filter(({ changedAt }) => now - changedAt > lockAgeMs).map((lock) => lockLeft(profileId, lock, now)),
    ...leftWorktrees.map((one) => worktreeLeft(profileId, one)),
    ...foreign.map(({ path }) =>
      note("foreign-folder", {
        subject: path,
        profileId,
        found: `${path} lies among our worktrees and was not made by us`,
        fix: "move it away; we never change or delete it.",
      }),
    ),
    ...leftRuns.map(({ path }) => runLeft(profileId, path)),
    ...(isStoreKnown ? runs.filter(({ session }) => session === "unknown").map((run) => unknown(profileId, run)) : []),
  ];
}

function worktreeLeft(profileId: string, { path, session }: FolderFacts["worktrees"][number]): Finding {
  const why =
    session === "none" ? "the store does not know its session" : "its session is over and no daemon cleans up";
  return problem("orphan-worktree", {
    ...{ subject: path, profileId, found: `worktree ${path} is left: ${why}` },
    fix: "retire it; what is not committed in it is kept under refs/acp/rescue in the anchor repository.",
    command: "acp doctor --fix",
    safe: true,
  });
}

const runLeft = (profileId: string, path: string): Finding =>
  problem("orphan-run-folder", {
    ...{ subject: path, profileId, found: `run folder ${path} is of a session that the store does not know` },
    fix: "move it to the history beside it, where it goes with age.",
    command: "acp doctor --fix",
    safe: true,
  });

const unknown = (profileId: string, { sessionId, path, pid }: FolderFacts["runs"][number]): Finding =>
  problem("session-unknown", {
    ...{ subject: sessionId, profileId },
    found: `session ${sessionId} is at work (pid ${pid}, run folder ${path}) and the store does not know it: nobody will publish what it makes`,
    fix: "let it end, or end it; acp doctor --fix then keeps what it made and clears up.",
    command: pid === null ? null : `kill ${pid}`,
  });

const lockLeft = (profileId: string, { path, changedAt }: FolderFacts["gitLocks"][number], now: Instant): Finding =>
  problem("stale-git-lock", {
    ...{
      subject: path,
      profileId,
      found: `git's lock ${path} is ${ago(now - changedAt)} old: a git that was killed left it, and no other can work`,
    },
    fix: "remove it.",
    command: `rm ${quoted(path)}`,
    safe: true,
  });

async function readFolders({ context, profiles }: Scope): Promise<readonly FolderFacts[]> {
  const store = await openStoreToRead(context.home, { isOneLook: true }).catch(() => null);
  try {
    const daemons = store ? await liveDaemons(store) : [];
    return await Promise.all(
      profiles.map(
        async (profile): Promise<FolderFacts> => ({
          ...{ now: context.clock.now(), profileId: profile.id, isStoreKnown: store !== null },
          isServed: daemons.some(({ profileIds }) => profileIds.includes(profile.id)),
          worktrees: await readWorktrees(profile, store),
          runs: await readRuns(profile, store),
          gitLocks: readLocks(profile.runtime.agentRepoRoot),
        }),
      ),
    );
  } finally {
    await store?.close();
  }
}

async function readWorktrees(
  { runtime: { worktreeRoot, runsRoot } }: Profile,
  store: Store | null,
): Promise<FolderFacts["worktrees"]> {
  return Promise.all(
    (await listWorktrees(worktreeRoot)).map(async (found) => {
      const sessionId = sessionOfFound(found);
      const session = await stateOf(store, sessionId, join(runsRoot, sessionId));
      return { kind: found.kind, sessionId, path: pathOfFound(worktreeRoot, found), session };
    }),
  );
}

async function readRuns({ runtime: { runsRoot } }: Profile, store: Store | null): Promise<FolderFacts["runs"]> {
  const names = entriesOf(runsRoot).filter((name) => /^s\d+-[0-9a-f]+$/.test(name));
  return Promise.all(
    names.map(async (name) => {
      const path = join(runsRoot, name);
      const hasMark =
        lstatSync(path).isDirectory() &&
        ["spec.json", "wrapper.json", "ending.json"].some((file) =>
          statSync(join(path, file), { throwIfNoEntry: false })?.isFile(),
        );
      const pid = readWrapperMark(path)?.pid ?? null;
      return { path, sessionId: name, hasMark, pid, session: await stateOf(store, name, path) };
    }),
  );
}

async function stateOf(store: Store | null, sessionId: string, runDir: string): Promise<SessionState> {
  const session = await store?.sessions.get(sessionId);
  if (session) return session.state === "concluded" ? "concluded" : "open";
  return hasWrapper(runDir) ? "unknown" : "none";
}

/** Of this run folder a wrapper is at work. */
export function hasWrapper(runDir: string): boolean {
  const mark = readWrapperMark(runDir);
  return mark !== null && isAlive(mark);
}

/** Where git keeps locks of a whole repository and of its worktrees; those of single references are among them. */
function readLocks(repository: string): FolderFacts["gitLocks"] {
  const folders = [
    "",
    "objects",
    "objects/info",
    ...entriesOf(join(repository, "worktrees")).map((name) => join("worktrees", name)),
  ];
  return folders.flatMap((folder) =>
    entriesOf(join(repository, folder)).flatMap((name) => {
      const path = join(repository, folder, name);
      const found = name.endsWith(".lock") ? statSync(path, { throwIfNoEntry: false }) : undefined;
      return found?.isFile() ? [{ path, changedAt: found.mtimeMs }] : [];
    }),
  );
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // not there yet
  }
}
