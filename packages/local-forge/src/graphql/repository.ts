import type { Forge } from "../forge.ts";
import { userById } from "../storage/accounts.ts";
import { rulesOfBranch } from "../storage/branch-rules.ts";
import { listComments } from "../storage/comments.ts";
import { findIssue, type Issue } from "../storage/issues.ts";
import { findPull, type Pull } from "../storage/pulls.ts";
import type { Repository } from "../storage/repositories.ts";
import { waitingMergeOf, waitingMerges } from "../storage/waiting-merges.ts";
import { isoTime, nodeId } from "../views/shared.ts";
import { onePage, type PageArguments } from "./one-page.ts";
import { queryFailure } from "./query-failure.ts";
import { resolveActor, resolveText } from "./texts.ts";

export function resolveRepository(forge: Forge, repository: Repository) {
  const find = (number: number) => {
    const issue = findIssue(forge.db, repository, number);
    return issue?.is_deleted === 0 ? issue : undefined;
  };
  const missing = (what: string, number: number) =>
    queryFailure("NOT_FOUND", `Could not resolve to ${what} with the number of ${number}.`);
  const one = (issue: Issue) => {
    if (issue.is_pull === 0) return resolveIssue(forge, repository, issue);
    return resolvePull(forge, repository, findPull(forge.db, repository, issue.number) as Pull);
  };
  return {
    id: nodeId("Repository", repository.id),
    databaseId: repository.id,
    name: repository.name,
    nameWithOwner: `${repository.owner}/${repository.name}`,
    issue: ({ number }: { number: number }) => {
      const issue = find(number);
      if (issue?.is_pull !== 0) throw missing("an Issue", number);
      return one(issue);
    },
    pullRequest: ({ number }: { number: number }) => {
      const issue = find(number);
      if (issue?.is_pull !== 1) throw missing("a PullRequest", number);
      return one(issue);
    },
    issueOrPullRequest: ({ number }: { number: number }) => {
      const issue = find(number);
      if (!issue) throw missing("an issue or pull request", number);
      return one(issue);
    },
  };
}

function resolveIssue(forge: Forge, repository: Repository, issue: Issue) {
  return {
    __typename: "Issue",
    ...resolveCommon(forge, repository, issue),
    id: nodeId("Issue", issue.id),
    state: issue.state.toUpperCase(),
    stateReason: issue.state_reason?.toUpperCase() ?? null,
  };
}

export function resolvePull(forge: Forge, repository: Repository, pull: Pull) {
  return {
    __typename: "PullRequest",
    ...resolveCommon(forge, repository, pull),
    id: nodeId("PullRequest", pull.id),
    state: pull.merged_at === null ? pull.state.toUpperCase() : "MERGED",
    isDraft: pull.is_draft === 1,
    headRefName: pull.head_ref,
    headRefOid: pull.head_sha,
    isMergeQueueEnabled: rulesOfBranch(forge.db, repository, pull.base_ref)?.mergeQueue ?? false,
    isInMergeQueue: waitingMergeOf(forge.db, pull.id)?.way === "queue",
    mergeQueueEntry: () => resolveEntry(forge, repository, pull),
    autoMergeRequest: () => {
      const waiting = waitingMergeOf(forge.db, pull.id);
      if (waiting?.way !== "auto") return null;
      return { enabledAt: isoTime(waiting.created_at), mergeMethod: waiting.method.toUpperCase() };
    },
    isCrossRepository: pull.head_repository_id !== repository.id,
  };
}

/** Null when it does not stand in the queue. */
export function resolveEntry(forge: Forge, repository: Repository, pull: Pull) {
  const queue = waitingMerges(forge.db, repository, "queue");
  const index = queue.findIndex((one) => one.issue_id === pull.id);
  const waiting = queue[index];
  if (!waiting) return null;
  return {
    id: nodeId("MergeQueueEntry", pull.id),
    position: index + 1,
    enqueuedAt: isoTime(waiting.created_at),
    enqueuer: resolveActor(userById(forge.db, waiting.by_id)),
  };
}

function resolveCommon(forge: Forge, repository: Repository, issue: Issue) {
  return {
    ...resolveText(forge, "issue", issue),
    number: issue.number,
    title: issue.title,
    comments: (page: PageArguments) =>
      onePage("comments", listComments(forge.db, repository, issue, null), page, (comment) => ({
        ...resolveText(forge, "comment", comment),
        id: nodeId("IssueComment", comment.id),
      })),
  };
}
