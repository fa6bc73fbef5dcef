import { decideIssue } from "../decide/decide-issue.ts";
import { issueTaskKey, newestByKey, streamOf } from "../decide/decide-tick.ts";
import { issueSubject, linkedPullRequests } from "../decide/issue-text.ts";
import type { HoldReason } from "../domain/hold-reason.ts";
import type { OutboxBodies, OutboxRow } from "../domain/outbox.ts";
import type { CandidateIssue, ForgeView, Snapshot } from "../domain/snapshot.ts";
import { liveTaskStates, type Task } from "../domain/task.ts";
import type { Issue, PullRequest } from "../domain/work-item.ts";
import { ForgeError } from "../ports.ts";
import type { OptIn } from "../store/store.ts";
import type { Project } from "./project.ts";

/** Opt-ins read anew per tick; the rest wait a tick, so that a flood of issues cannot make a tick slow. */
const maxOptInReads = 20;

/**
 * Reads everything one tick decides over. The store is read before the forge: what we wrote there is then at least as
 * old as what the forge shows, so a task that ended is never mistaken for one whose traces a person has removed.
 * `asked` adds an issue that does not carry the opt-in label, for `acp why`.
 */
export async function observe(project: Project, options: { draining: boolean; asked?: number }): Promise<Snapshot> {
  const { store, clock, profileId } = project;
  const live = await store.tasks.list({ queue: profileId, states: liveTaskStates });
  const undelivered = await store.outbox.list({ profileId, states: ["pending"] });
  const publishing = new Set(undelivered.map((row) => row.stream));
  const failedWrites = await readFailedWrites(project);
  const cooldowns = await store.cooldowns.active();
  const { forge, known } = await observeForge(project, { live, publishing, failedWrites }, options.asked);
  return {
    now: clock.now(),
    policy: project.policy,
    forge,
    tasks: [...live, ...known.filter((task) => !live.some((other) => other.id === task.id))],
    publishing,
    failedWrites,
    cooldowns: new Map(cooldowns.map((cooldown) => [cooldown.scope, cooldown.until])),
    draining: options.draining,
  };
}

/** What the store said before the forge was asked. */
interface Stored extends Pick<Snapshot, "publishing" | "failedWrites"> {
  readonly live: readonly Task[];
}

/** Only the writes without which nobody sees how a task ended: its pull request, or the label that gives it to people. */
async function readFailedWrites({ store, profileId, policy }: Project): Promise<ReadonlyMap<number, number>> {
  const failed = await store.outbox.list({ profileId, states: ["failed"] });
  const matters = ({ kind, body }: OutboxRow) =>
    kind === "push-branch" ||
    kind === "open-pull-request" ||
    (kind === "add-labels" && (body as OutboxBodies["add-labels"]).labels.includes(policy.labels.blocked));
  return new Map(failed.filter(matters).flatMap((row) => (row.taskId === null ? [] : [[row.taskId, row.id]])));
}

async function observeForge(project: Project, stored: Stored, asked: number | undefined) {
  try {
    const [issues, pullRequests] = await Promise.all([
      project.source.openIssues(project.policy.labels.ready),
      project.source.openPullRequests(),
    ]);
    const all = asked === undefined ? issues : await withAsked(project, issues, asked);
    const revisions = all.map((issue) => ({ issue, revision: project.revisionOf(issue.title, issue.body) }));
    const keys = revisions.map((each) => issueTaskKey(project.profileId, each));
    const known = await project.store.tasks.latestByDedupeKeys(keys);
    const candidates = await checkOptIns(project, revisions, pullRequests, stored, known);
    return { forge: { kind: "seen", issues: candidates, pullRequests } satisfies ForgeView, known };
  } catch (error) {
    if (!(error instanceof ForgeError)) throw error;
    const forge: ForgeView = { kind: "unseen", because: holdOf(error), detail: error.message };
    return { forge, known: [] };
  }
}

const holdOf = (error: ForgeError): HoldReason =>
  error.failure === "rate-limited"
    ? "forge-rate-limited"
    : error.failure === "unreachable"
      ? "forge-unreachable"
      : "forge-refused";

async function withAsked(project: Project, issues: readonly Issue[], asked: number): Promise<readonly Issue[]> {
  if (issues.some((issue) => issue.number === asked)) return issues;
  const issue = await project.source.issue(asked);
  return issue.kind === "present" ? [...issues, issue.value] : issues;
}

/** Reads who opted an issue in only where that is all that stands between it and a task. */
async function checkOptIns(
  project: Project,
  issues: readonly Pick<CandidateIssue, "issue" | "revision">[],
  pullRequests: readonly PullRequest[],
  { live, publishing, failedWrites }: Stored,
  known: readonly Task[],
): Promise<readonly CandidateIssue[]> {
  const linked = linkedPullRequests(pullRequests, project.profileId);
  const tasks = newestByKey([...known, ...live]);
  const stored = new Map((await project.store.optIns.list(project.profileId)).map((optIn) => [optIn.subject, optIn]));
  const candidates: CandidateIssue[] = [];
  let reads = 0;
  for (const { issue, revision } of issues) {
    const key = issueTaskKey(project.profileId, { issue, revision });
    const task = tasks.get(key);
    const asIfTrusted: CandidateIssue = { issue, revision, optIn: { kind: "trusted", actor: "" } };
    const verdict = decideIssue({
      now: project.clock.now(),
      candidate: asIfTrusted,
      policy: project.policy,
      linked: linked.get(issue.number),
      task,
      publishing: publishing.has(streamOf(project.profileId, issueSubject(issue.number))),
      failedWrite: task && failedWrites.get(task.id),
    });
    const optIn = stored.get(issueSubject(issue.number));
    if (verdict.kind === "hold")
      candidates.push({ ...asIfTrusted, optIn: { kind: "unchecked", detail: "not needed yet" } });
    else if (optIn && optIn.itemUpdatedAt === issue.updatedAt && optIn.label === project.policy.labels.ready) {
      candidates.push({ issue, revision, optIn: optInOf(optIn) });
    } else if (reads < maxOptInReads) {
      reads += 1;
      candidates.push({ issue, revision, optIn: await readOptIn(project, issue) });
    } else
      candidates.push({ issue, revision, optIn: { kind: "unchecked", detail: "many issues changed; it is next" } });
  }
  return candidates;
}

async function readOptIn(project: Project, issue: Issue): Promise<CandidateIssue["optIn"]> {
  try {
    return await askWhoOptedIn(project, issue);
  } catch (error) {
    // One issue that the forge does not answer for (moved, deleted between two reads) says nothing of the others.
    const isItsOwn = error instanceof ForgeError && (error.failure === "refused" || error.failure === "gone");
    if (!isItsOwn) throw error;
    return { kind: "unchecked", detail: error.message };
  }
}

async function askWhoOptedIn(project: Project, issue: Issue): Promise<CandidateIssue["optIn"]> {
  const { source, store, profileId, policy } = project;
  const actor = await source.labelActor(issue.number, policy.labels.ready);
  if (actor.kind !== "present") {
    return { kind: "unchecked", detail: actor.kind === "unknown" ? actor.because : "no event names who set the label" };
  }
  const permission = await source.permission(actor.value);
  const optIn: OptIn = {
    profileId,
    subject: issueSubject(issue.number),
    label: policy.labels.ready,
    itemUpdatedAt: issue.updatedAt,
    actor: actor.value,
    permission,
    trusted: project.trustedPermissions.includes(permission),
  };
  await store.optIns.put(optIn);
  return optInOf(optIn);
}

const optInOf = ({ trusted, actor, permission }: OptIn): CandidateIssue["optIn"] =>
  trusted ? { kind: "trusted", actor } : { kind: "untrusted", actor, permission };
