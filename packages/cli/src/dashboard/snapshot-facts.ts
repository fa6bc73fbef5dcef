import { dirname, join } from "node:path";
import {
  type OutboxRow,
  type Profile,
  profileFile,
  profilesDir,
  readProfile,
  type Session,
  type Store,
  storePath,
} from "@agent-control-plane/core";
import type { Documents, ProfileDocument, SnapshotFacts, SnapshotProfileFacts } from "@agent-control-plane/dashboard";
import { backends } from "@agent-control-plane/runners/backends";
import { findAssets } from "../assets.ts";
import type { CliContext } from "../context.ts";
import { fileStamp } from "../runtime/file-stamp.ts";

/** Rows that are looked through for what they add and take away. */
const mostPending = 1_000;

/** What the snapshot tells of places and providers; null store: nothing has run yet. */
export async function snapshotFacts(
  context: Pick<CliContext, "home" | "env">,
  store: Store | null,
  documents: Documents,
): Promise<SnapshotFacts> {
  const { home } = context;
  const profiles = new Map<string, SnapshotProfileFacts>();
  for (const [key, document] of documents) {
    if (!key.startsWith("profile:") || "error" in document || !store) continue;
    const read = document as unknown as ProfileDocument;
    const profile = profileOf(context, read.profileId);
    if (profile) profiles.set(read.profileId, await factsOf(home, profile, read, store));
  }
  return {
    programDir: dirname(findAssets().profilesTemplate),
    ...{ profilesDir: profilesDir(home), storeFile: storePath(home), profiles },
  };
}

const known = new Map<string, { readonly stamp: string; readonly profile: Profile | null }>();

/** Read again when the file is another one; null: it has problems, which its document tells. */
function profileOf({ home, env }: Pick<CliContext, "home" | "env">, id: string): Profile | null {
  const file = profileFile(home, id);
  const stamp = fileStamp(file);
  const before = known.get(file);
  if (before?.stamp === stamp) return before.profile;
  const parsed = readProfile(home, id, env, backends);
  const profile = parsed.ok ? parsed.profile : null;
  known.set(file, { stamp, profile });
  return profile;
}

async function factsOf(
  home: string,
  { id, repo, runtime, execution }: Profile,
  { live, recent }: ProfileDocument,
  store: Store,
): Promise<SnapshotProfileFacts> {
  const limit = recent.length;
  const sessions = [
    ...(live.length === 0
      ? []
      : await store.sessions.list({ profileId: id, states: ["intended", "running", "ended"] })),
    ...(limit === 0 ? [] : await store.sessions.list({ profileId: id, states: ["concluded"], limit })),
  ];
  const rows = await store.outbox.list({ profileId: id, states: ["pending"], limit: mostPending });
  return {
    ...{ repoRoot: repo.root, runsRoot: runtime.runsRoot, stateRoot: dirname(storePath(home)) },
    ...{ historyRoot: join(runtime.runsRoot, "history"), codingWorker: execution.codingWorker },
    ...{ providers: execution.providers.usual, sessions: new Map(sessions.map((one) => [one.id, sessionFacts(one)])) },
    ...writesOf(rows),
  };
}

const sessionFacts = ({ branch, worktreePath, runDir, pool, ending, resumes, conversation }: Session) => ({
  ...{ branch, worktree: worktreePath, runDir, pool },
  threadId: ending?.nativeSessionId ?? resumes?.nativeSessionId ?? null,
  ...{ conversationId: conversation?.id ?? null, failureReason: ending?.failureReason ?? null },
});

function writesOf(rows: readonly OutboxRow[]): Pick<SnapshotProfileFacts, "labels" | "pending"> {
  const changes = rows.filter(({ kind }) => kind === "add-labels" || kind === "remove-labels");
  const approvals = rows.filter(({ kind, body }) => kind === "review" && "event" in body && body.event === "approve");
  const comments = rows.filter(({ kind }) => kind === "comment");
  return {
    labels: new Map(changes.map((row) => [row.id, labelsOf(row)])),
    pending: { comments: comments.length, approvals: approvals.length, labels: changes.length },
  };
}

function labelsOf({ kind, body }: OutboxRow): { readonly add: number; readonly remove: number } {
  const count = "labels" in body ? body.labels.length : 0;
  return kind === "add-labels" ? { add: count, remove: 0 } : { add: 0, remove: count };
}
