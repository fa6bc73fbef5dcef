import { decideSettling } from "../decide/decide-settling.ts";
import { issueNumberOf, issueSubject, pullRequestNumberOf, pullRequestSubject } from "../decide/subjects.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import { ForgeError } from "../ports.ts";
import type { Project } from "./project.ts";
import { forgetConversations } from "./sweep-conversations.ts";

/** Items looked at in one tick; after a long absence the rest takes a few more. */
const mostSettled = 5;

/**
 * What happened while we did not look: items we knew that are gone from the lists are asked about once. What that asks
 * for is saved first, and only then is the item forgotten: a crash in between does it again, and the writes' keys make
 * that nothing.
 */
export async function catchUp(project: Project, { forge }: Snapshot): Promise<void> {
  if (forge.kind === "unseen") return;
  const listed = new Set([
    ...forge.issues.map(({ issue }) => issueSubject(issue.number)),
    ...forge.pullRequests.map(({ pullRequest }) => pullRequestSubject(pullRequest.number)),
  ]);
  const { known } = project;
  const gone = [...known.issues.keys(), ...known.pullRequests.keys()].filter((subject) => !listed.has(subject));
  for (const subject of inTurn(gone, known.turn)) {
    try {
      await settle(project, subject);
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

async function settle(project: Project, subject: string): Promise<void> {
  const { source, store, known, profileId, runtimeId, policy } = project;
  const issue = issueNumberOf(subject);
  const item = issue === null ? await source.pullRequest(pullRequestNumberOf(subject) ?? 0) : await source.issue(issue);
  const settling = decideSettling(profileId, subject, item, policy.labels);
  if (settling.kind === "later") return;
  if (settling.kind === "settled" && settling.rows.length > 0) await store.outbox.enqueue(settling.rows, runtimeId);
  if (settling.kind === "settled") await forgetConversations(project, subject);
  await known.forget(subject);
}
