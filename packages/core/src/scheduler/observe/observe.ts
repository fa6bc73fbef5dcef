import { keysOf } from "../../decide/judge-candidates.ts";
import { hasFailover } from "../../decide/provider/choose-providers.ts";
import { approvalNeeded } from "../../decide/publish/approval-rows.ts";
import { issueSubject, pullRequestSubject, streamOf } from "../../decide/subjects.ts";
import { isPublishing, isWithdrawn, type OutboxBodies, type OutboxRow, withdrawnError } from "../../domain/outbox.ts";
import type { Provider } from "../../domain/provider.ts";
import type { ForgeView, LaneHistory, MergeRow, Snapshot } from "../../domain/snapshot.ts";
import { liveTaskStates, type Task } from "../../domain/task.ts";
import { ForgeError } from "../../ports.ts";
import type { Project } from "../project.ts";
import { askOfSeen } from "./ask-permissions.ts";
import { observeForge, unseen } from "./observe-forge.ts";
import { readQuestions } from "./read-questions.ts";
import { readSpend } from "./read-spend.ts";
import { readStuck } from "./read-stuck.ts";

export interface ObserveOptions {
  readonly draining: boolean;
  /** An issue or pull request that a person asks about: it is a candidate whatever its labels. */
  readonly asked?: number;
}

/**
 * Reads everything one tick decides over. The store is read before the forge: what we wrote there is then at least as
 * old as what the forge shows, so a task that ended is never mistaken for one whose traces a person has removed.
 */
export async function observe(project: Project, options: ObserveOptions): Promise<Snapshot> {
  await project.known.load();
  const stored = await readStored(project);
  const forge = await trySee(project, stored.live, options);
  return assemble(project, stored, forge, options.draining);
}

async function trySee(project: Project, live: readonly Task[], { asked }: ObserveOptions): Promise<ForgeView> {
  try {
    const seen = await observeForge(project, new Set(live.map(({ subject }) => subject)), asked);
    await askOfSeen(project, seen.view, seen.hasOneToSpare);
    return seen.view;
  } catch (error) {
    if (!(error instanceof ForgeError)) throw error;
    return unseen(error);
  }
}

interface Stored {
  readonly live: readonly Task[];
  readonly publishing: ReadonlySet<string>;
  readonly undelivered: readonly OutboxRow[];
  readonly unsent: readonly Task[];
  readonly failedWrites: Snapshot["failedWrites"];
  readonly withdrawn: Snapshot["withdrawn"];
  readonly stuck: Snapshot["stuck"];
  readonly awaiting: Snapshot["awaiting"];
  readonly questions: Snapshot["questions"];
  readonly quotas: Snapshot["quotas"];
  readonly spokenWith: Snapshot["spokenWith"];
  readonly pause: Snapshot["pause"];
  readonly host: Snapshot["host"];
}

async function readStored(project: Project): Promise<Stored> {
  const { store, profileId } = project;
  // Before the tasks: a place that becomes free in between is taken in the next tick, and then in its turn. The other way
  // round a profile would see free places and its own ended work in its way, and ask for none of them.
  const host = await project.host();
  const live = await store.tasks.list({ queue: profileId, states: liveTaskStates });
  const undelivered = await store.outbox.list({ profileId, states: ["pending"] });
  const pauses = await store.pauses.list();
  const refused = await store.outbox.list({ profileId, states: ["failed"] });
  const failed = failedWrites(project, refused);
  const unsent = await readUnsent(project, undelivered, failed.withdrawn);
  return {
    live,
    // A merge that can be taken back stands in nothing's way.
    publishing: new Set(
      undelivered.filter((row) => row.kind !== "merge" || row.sendStartedAt !== null).map((row) => row.stream),
    ),
    undelivered,
    unsent,
    stuck: await readStuck(project, refused, unsent),
    ...failed,
    questions: await readQuestions(project, failed.awaiting),
    // After the tasks: one that a limit has just given back is never seen without that limit.
    quotas: await store.quotas.list(),
    spokenWith: await readSpokenWith(project, live),
    pause: pauses.find(({ scope }) => scope === "*") ?? pauses.find(({ scope }) => scope === profileId) ?? null,
    host,
  };
}

async function assemble(project: Project, stored: Stored, forge: ForgeView, draining: boolean): Promise<Snapshot> {
  const { clock, policy, known, source } = project;
  const snapshot: Snapshot = {
    now: clock.now(),
    policy,
    forge,
    tasks: stored.live,
    history: await readHistory(project, forge),
    permissions: new Map(known.permissions),
    selfLogin: forge.kind === "seen" ? await source.selfLogin() : null,
    publishing: stored.publishing,
    unsent: stored.unsent,
    failedWrites: stored.failedWrites,
    withdrawn: stored.withdrawn,
    loose: new Set(
      stored.undelivered.flatMap(({ kind, taskId, sendStartedAt }) =>
        isPublishing(kind) && taskId !== null && sendStartedAt === null ? [taskId] : [],
      ),
    ),
    awaiting: stored.awaiting,
    questions: stored.questions,
    merges: await readMerges(project, stored.undelivered, forge),
    stuck: stored.stuck,
    quotas: stored.quotas,
    ...(stored.spokenWith ? { spokenWith: stored.spokenWith } : {}),
    pause: stored.pause,
    host: stored.host,
    spend: await readSpend(project, forge, stored.live),
    draining,
  };
  return { ...snapshot, tasks: await withEnded(project, snapshot) };
}

/** The same view of the forge, with the rights known now: they decide which comments count, and so which tasks match. */
export async function withRightsOfNow(project: Project, snapshot: Snapshot): Promise<Snapshot> {
  const changed = { ...snapshot, permissions: new Map(project.known.permissions) };
  return { ...changed, tasks: await withEnded(project, changed) };
}

/** Live tasks, and of each key a candidate may ask for the newest task ever made. */
async function withEnded({ store }: Project, snapshot: Snapshot): Promise<readonly Task[]> {
  const live = snapshot.tasks.filter(({ finishedAt }) => finishedAt === null);
  // A live task is the newest of its key: nothing is made for a key while it lives.
  const ofLive = new Set(live.map(({ dedupeKey }) => dedupeKey));
  const keys = keysOf(snapshot).filter((key) => !ofLive.has(key));
  const ended = keys.length === 0 ? [] : await store.tasks.latestByDedupeKeys(keys);
  const ids = new Set(live.map(({ id }) => id));
  return [...live, ...ended.filter((task) => !ids.has(task.id))];
}

async function readHistory({ store, profileId }: Project, forge: ForgeView): Promise<Snapshot["history"]> {
  if (forge.kind === "unseen") return new Map();
  const subjects = [
    ...forge.issues.map(({ issue }) => issueSubject(issue.number)),
    ...forge.pullRequests.map(({ pullRequest }) => pullRequestSubject(pullRequest.number)),
  ];
  const bySubject = new Map<string, LaneHistory[]>();
  for (const { subject, ...lane } of await store.tasks.history(profileId, subjects)) {
    bySubject.set(subject, [...(bySubject.get(subject) ?? []), lane]);
  }
  return bySubject;
}

/** Nobody asks while nothing is merged: those of a profile that merged before are taken back by what waits. */
async function readMerges(
  { store, profileId, policy }: Project,
  undelivered: readonly OutboxRow[],
  forge: ForgeView,
): Promise<Snapshot["merges"]> {
  const waiting = undelivered.filter(({ kind }) => kind === "merge").map(({ stream }) => stream);
  const open =
    forge.kind === "seen" && policy.merge.enabled
      ? forge.pullRequests.map(({ pullRequest }) => streamOf(profileId, pullRequestSubject(pullRequest.number)))
      : [];
  const streams = [...new Set([...waiting, ...open])];
  if (streams.length === 0) return new Map();
  const bySubject = new Map<string, MergeRow[]>();
  for (const row of await store.outbox.merges(streams)) {
    const subject = row.stream.slice(profileId.length + 1);
    bySubject.set(subject, [...(bySubject.get(subject) ?? []), row]);
  }
  return bySubject;
}

/** A conversation can be gone on with by the provider it was begun with alone; asked only where there is a choice. */
async function readSpokenWith(
  { store, policy }: Project,
  live: readonly Task[],
): Promise<ReadonlyMap<number, Provider> | undefined> {
  if (!hasFailover(policy)) return undefined;
  const ids = live.filter(({ state }) => state !== "running").map(({ id }) => id);
  const last = ids.length === 0 ? [] : await store.sessions.lastConversations(ids);
  return new Map(last.map(({ taskId, ...provider }) => [taskId, provider]));
}

async function readUnsent(
  { store }: Project,
  undelivered: readonly OutboxRow[],
  withdrawn: ReadonlySet<number>,
): Promise<readonly Task[]> {
  const waiting = undelivered.flatMap(({ kind, taskId }) => (isPublishing(kind) && taskId !== null ? [taskId] : []));
  const ids = [...new Set([...waiting, ...withdrawn])];
  return ids.length === 0 ? [] : store.tasks.list({ ids, states: ["succeeded"] });
}

/**
 * Of what failed only the writes without which nobody sees how a task ended: its pull request, or the label that gives
 * it to people. Of what was held back all: of work whose pull request had left, the comment that names it may be the rest.
 */
function failedWrites(
  { policy }: Project,
  failed: readonly OutboxRow[],
): Pick<Snapshot, "failedWrites" | "withdrawn" | "awaiting"> {
  const matters = ({ kind, body }: OutboxRow) =>
    isPublishing(kind) ||
    (kind === "add-labels" && (body as OutboxBodies["add-labels"]).labels.includes(policy.labels.blocked));
  const ofAnyKind = failed.flatMap((row) => (row.taskId === null ? [] : [{ ...row, taskId: row.taskId }]));
  const ofTasks = ofAnyKind.filter(matters);
  return {
    failedWrites: new Map(ofTasks.map(({ taskId, id }) => [taskId, id])),
    withdrawn: new Set(ofAnyKind.filter(isWithdrawn).map(({ taskId }) => taskId)),
    awaiting: new Set(
      ofTasks.filter(({ lastError }) => lastError === withdrawnError(approvalNeeded)).map(({ taskId }) => taskId),
    ),
  };
}
