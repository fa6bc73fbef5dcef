import { decideSettling } from "../decide/decide-settling.ts";
import { closedBy } from "../decide/issue/linked-pull-requests.ts";
import { type LinkedIssue, linkedIssueNumbers } from "../decide/settle/linked-issues.ts";
import { issueNumberOf, issueSubject, pullRequestNumberOf, pullRequestSubject } from "../decide/subjects.ts";
import type { ForgeView, Snapshot } from "../domain/snapshot.ts";
import type { Issue, Presence, PullRequest } from "../domain/work-item.ts";
import { ForgeError } from "../ports.ts";
import type { Project } from "./project.ts";
import { forgetConversations } from "./sweep-conversations.ts";

type Seen = Extract<ForgeView, { kind: "seen" }>;

/** Items looked at in one tick; after a long absence the rest takes a few more. */
const mostSettled = 5;

/**
 * What happened while we did not look: items we knew that are gone from the lists are asked about once. What that asks
 * for is saved first, and only then is the item forgotten: a crash in between does it again, and the writes' keys make
 * that nothing.
 */
export async function catchUp(project: Project, { forge }: Pick<Snapshot, "forge">): Promise<void> {
  if (forge.kind === "unseen") return;
  const listed = new Set([
    ...forge.issues.map(({ issue }) => issueSubject(issue.number)),
    ...forge.pullRequests.map(({ pullRequest }) => pullRequestSubject(pullRequest.number)),
  ]);
  const { known } = project;
  const gone = [...known.issues.keys(), ...known.pullRequests.keys()].filter((subject) => !listed.has(subject));
  for (const subject of inTurn(gone, known.turn)) {
    try {
      await settle(project, forge, subject);
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

async function settle(project: Project, forge: Seen, subject: string): Promise<void> {
  const { source, store, known, runtimeId, policy } = project;
  const issue = issueNumberOf(subject);
  const item = issue === null ? await source.pullRequest(pullRequestNumberOf(subject) ?? 0) : await source.issue(issue);
  const linked = await readLinked(project, item);
  if (linked === "unknown") return;
  const openPullRequests = forge.pullRequests.map(({ pullRequest }) => pullRequest);
  const around = { linked, openPullRequests, baseBranch: forge.base.branch };
  const settling = decideSettling(policy, subject, item, around);
  if (settling.kind === "later") return;
  if (settling.kind === "settled" && settling.rows.length > 0) await store.outbox.enqueue(settling.rows, runtimeId);
  if (settling.kind === "settled") await forgetConversations(project, subject);
  await known.forget(subject);
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
