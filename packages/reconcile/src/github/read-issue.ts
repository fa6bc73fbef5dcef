import type { Blocker, Issue, IssueReading } from "@agent-control-plane/core";
import type { ConditionalReader } from "./conditional-read.ts";
import type { Gate } from "./gate.ts";
import { normaliseStateReason } from "./normalise.ts";
import { pageShape } from "./page-shape.ts";
import { readLastEdit } from "./read-last-edit.ts";
import { readTimeline } from "./read-timeline.ts";
import type { RepositoryName } from "./repository-name.ts";

/** Timeline, last edit and blockers. Blockers are asked for only where the list says that there are some. */
export async function readIssue(
  gate: Gate,
  reader: ConditionalReader,
  at: RepositoryName,
  issue: Pick<Issue, "number" | "blockedBy">,
  ofSameText: Pick<IssueReading, "edit"> | undefined,
): Promise<IssueReading> {
  const [timeline, edit, blockers] = await Promise.all([
    readTimeline(reader, at, issue.number),
    ofSameText ? ofSameText.edit : readLastEdit(gate, at, issue.number),
    issue.blockedBy.total > 0 ? readBlockers(reader, at, issue.number) : [],
  ]);
  return { timeline, edit, blockers };
}

async function readBlockers(
  reader: ConditionalReader,
  at: RepositoryName,
  issue_number: number,
): Promise<readonly Blocker[]> {
  const route = "/repos/{owner}/{repo}/issues/{issue_number}/dependencies/blocked_by";
  const idOf = (one: PlacedBlocker) => `${one.repo} ${one.number}`;
  const found = await reader.all(route, { ...at, issue_number }, blockersShape, idOf, { grows: true });
  const ours = `${at.owner}/${at.repo}`.toLowerCase();
  return found.map(({ repo, number, state, stateReason }) => {
    return { number, repo: repo.toLowerCase() === ours ? null : repo, state, stateReason };
  });
}

const blockersShape = pageShape("blockers-1", (raw: RawBlocker): PlacedBlocker => {
  // A blocker we cannot place would be looked for in our repository, under the number of another issue.
  const repo = /\/repos\/([^/]+\/[^/]+)$/.exec(raw.repository_url)?.[1];
  if (repo === undefined || typeof raw.number !== "number") throw new Error("not an issue of a repository");
  const state: Blocker["state"] = raw.state === "closed" ? "closed" : "open";
  return { number: raw.number, repo, state, stateReason: normaliseStateReason(raw.state_reason) };
});

type PlacedBlocker = Omit<Blocker, "repo"> & { readonly repo: string };

interface RawBlocker {
  readonly number: unknown;
  readonly repository_url: string;
  readonly state: string;
  readonly state_reason?: string | null;
}
