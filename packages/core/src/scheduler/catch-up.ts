import { decideSettling } from "../decide/decide-settling.ts";
import { endsWait } from "../decide/ends-wait.ts";
import { closedBy } from "../decide/issue/linked-pull-requests.ts";
import { rowsOnApprovalOver } from "../decide/publish/approval-rows.ts";
import { rowsOnWithdrawn } from "../decide/publish/publish-rows.ts";
import { type LinkedIssue, linkedIssueNumbers } from "../decide/settle/linked-issues.ts";
import { issueNumberOf, issueSubject, pullRequestNumberOf, pullRequestSubject } from "../decide/subjects.ts";
import type { ForgeView, Snapshot } from "../domain/snapshot.ts";
import type { Task } from "../domain/task.ts";
import type { Issue, Presence, PullRequest } from "../domain/work-item.ts";
import { ForgeError } from "../ports.ts";
import type { Project } from "./project.ts";
import { forgetConversations } from "./sweep-conversations.ts";

type Seen = Extract<ForgeView, { kind: "seen" }>;

/** Items looked at in one tick; after a long absence the rest takes a few more. */
const mostSettled = 5;

/**
 * What happened while we did not look: items we knew that are gone from the lists are asked about once, and so are pull
 * requests we opened and never saw in a list: a person may merge one between two looks. What that asks
 * for is saved first, and only then is the item forgotten: a crash in between does it again, and the writes' keys make
 * that nothing.
 */
export async function catchUp(
  project: Project,
  { forge, unsent, awaiting }: Pick<Snapshot, "forge" | "unsent" | "awaiting">,
): Promise<void> {
  if (forge.kind === "unseen") return;
  const listed = new Set([
    ...forge.issues.map(({ issue }) => issueSubject(issue.number)),
    ...forge.pullRequests.map(({ pullRequest }) => pullRequestSubject(pullRequest.number)),
  ]);
  const { known, store, profileId } = project;
  const waiting = unsent.filter(({ id }) => awaiting.has(id));
  const opened = (await store.outbox.unsettledPulls(profileId)).map(pullRequestSubject);
  const ours = new Set([...known.issues.keys(), ...known.pullRequests.keys(), ...opened]);
  const gone = [...ours].filter((subject) => !listed.has(subject));
  for (const subject of inTurn(gone, known.turn)) {
    try {
      const waits = waiting.filter((task) => task.subject === subject);
      await settle(project, forge, subject, waits);
    } catch (error) {
      if (!(error instanceof ForgeError)) throw error;
      project.log.warn("item that left the list could not be read", { subject, error: error.message });
      if (error.failure !== "refused" && error.failure !== "gone") return;
    }
  }
}

/** Another few each tick: those of which the forge says nothing keep nobody back. */
function inTurn(gone: readonly string[], turn: number): readonly string[] {
  const first = gone.length > 0 ? (turn * mostSettled) % gone.length : 0;
  return [...gone.slice(first), ...gone.slice(0, first)].slice(0, mostSettled);
}

async function settle(project: Project, forge: Seen, subject: string, waiting: readonly Task[]): Promise<void> {
  const { source, store, known, runtimeId, policy, profileId } = project;
  const issue = issueNumberOf(subject);
  const item = issue === null ? await source.pullRequest(pullRequestNumberOf(subject) ?? 0) : await source.issue(issue);
  if (endsWait(item, policy)) await dropWaiting(project, item, waiting);
  const linked = await readLinked(project, item);
  if (linked === "unknown") return;
  const openPullRequests = forge.pullRequests.map(({ pullRequest }) => pullRequest);
  const around = { linked, openPullRequests, baseBranch: forge.base.branch };
  const settling = decideSettling(policy, subject, item, around);
  if (settling.kind === "later") return;
  if (settling.kind === "settled" && settling.rows.length > 0) await store.outbox.enqueue(settling.rows, runtimeId);
  if (settling.kind === "settled") {
    await forgetConversations(project, subject);
    if (issue === null) await store.outbox.pullSettled(profileId, pullRequestNumberOf(subject) ?? 0);
  }
  await known.forget(subject);
}

/** Nobody is told on an item that is gone. */
async function dropWaiting(
  { store, runtimeId, publish, policy }: Project,
  item: Presence<Issue | PullRequest>,
  waiting: readonly Task[],
): Promise<void> {
  const reason = "not-wanted";
  for (const task of waiting) {
    const said = [...rowsOnWithdrawn(publish, task, reason), ...rowsOnApprovalOver(publish, policy.labels, task)];
    const rows = item.kind === "present" ? said : [];
    await store.outbox.withdraw(task.id, runtimeId, { reason, state: "dropped" }, rows);
  }
}

/** The issues of a merged pull request as they are now; `unknown` when the forge does not say it of one of them. */
async function readLinked(
  { source, store, profileId, policy }: Project,
  item: Presence<Issue | PullRequest>,
): Promise<readonly LinkedIssue[] | "unknown"> {
  if (item.kind !== "present" || !("merged" in item.value)) return [];
  const closes = closedBy(item.value.body);
  const linked: LinkedIssue[] = [];
  for (const number of linkedIssueNumbers(item.value, policy)) {
    const found = await source.issue(number);
    if (found.kind === "unknown") return "unknown";
    if (found.kind === "absent") continue;
    const tasks = await store.tasks.list({ queue: profileId, subject: issueSubject(number), limit: 1 });
    linked.push({ issue: found.value, isClosedByIt: closes.includes(number), wasWorked: tasks.length > 0 });
  }
  return linked;
}
